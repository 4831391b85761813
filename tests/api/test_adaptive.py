"""Adaptive thresholds on the whole way: what partitions have written is read aside, and the next decision compares with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from decisioning import keys, rulesets
from decisioning.populations import populations
from decisioning.redis import pool, worker_client
from decisioning.tagging.population import absorb
from tests.api.conftest import DOCUMENT, Shop
from tests.api.streams import drain

WATCHED = "seconds|moments|86400"
LINGERS = {"name": "values.seconds.last.session", "operator": "greater_than", "value": {"threshold": "unusual"}}
STAY = "{{ values.category.most_frequent.session }} for {{ values.seconds.sum.today }} s, more than {{ thresholds.unusual }}"
FOLLOWING: dict[str, Any] = {
    **DOCUMENT,
    "signals": [*DOCUMENT["signals"], {"key": "category", "event": "Page Dwelled", "value": "properties.category", "type": "text"}],
    "thresholds": [{"key": "unusual", "value": 10, "adaptive": {"signal": "seconds", "k": 0, "half_life": "1d", "at_least": 3}}],
    "templates": [*DOCUMENT["templates"], {"key": "stay", "body": STAY}],
    "placements": [
        *DOCUMENT["placements"],
        {"key": "aside", "fallback": {"template": "hello"}, "rules": [{"key": "lingers", "when": LINGERS, "then": {"template": "stay"}}]},
    ],
}  # fmt: skip


@pytest.fixture
def shop(publish: Callable[[dict[str, Any]], Shop]) -> Iterator[Shop]:
    yield publish(FOLLOWING)
    populations.__init__()  # type: ignore[misc]  # one test's thresholds are not another's


def write(*seconds: float) -> None:
    """What the owners of two partitions have kept of other users."""
    half = len(seconds) // 2
    for partition, some in ((0, seconds[:half]), (settings.PARTITIONS - 1, seconds[half:])):
        worker_client().set(keys.population_key(partition, "shop"), absorb(None, [(WATCHED, one) for one in some], time.time()))


def look() -> None:
    populations.look(worker_client(), rulesets.rulesets.all(), time.time())


def dwelled(seconds: float, category: str = "shoes") -> dict[str, Any]:
    return {"type": "track", "event": "Page Dwelled", "properties": {"seconds": seconds, "category": category}, "userId": "alice"}


def aside(shop: Shop, **more: Any) -> dict[str, Any]:
    return dict(shop.decide("aside", **more)["decisions"][0])


def test_until_enough_was_seen_the_fallback_holds(shop: Shop) -> None:
    write(100, 100)
    look()

    assert aside(shop, events=[dwelled(20)])["content"]["body"] == "shoes for 20 s, more than 10"


def test_the_next_decision_compares_with_what_all_partitions_have_together(shop: Shop) -> None:
    write(10, 20, 30, 40)
    look()

    assert aside(shop, events=[dwelled(24)])["outcome"] == "fallback"
    decision = aside(shop, events=[dwelled(26, "hats"), dwelled(26, "hats")], explain=True)
    [rule] = decision["explain"]["rules"]
    assert decision["content"]["body"] == "hats for 76 s, more than 25"
    assert (rule["conditions"]["threshold"], rule["conditions"]["expected_value"]) == ("unusual", 25)


def test_what_workers_apply_is_what_the_threshold_follows(shop: Shop) -> None:
    for number, user in enumerate(("u1", "u2", "u3", "u4", "u5"), 1):
        assert shop.post("/v1/track", {**dwelled(number * 10), "userId": user}).status_code == 200
    drain()
    drain()
    look()

    assert populations.of("shop") == {"unusual": 30}
    assert aside(shop, events=[dwelled(29)])["outcome"] == "fallback"
    assert aside(shop, events=[dwelled(31)])["outcome"] == "matched"


def test_a_user_is_told_with_what_is_kept_of_their_signals(shop: Shop) -> None:
    aside(shop, events=[dwelled(26)])

    assert shop.get("/v1/users/alice").json()["values"] == {
        "seconds": {"last": {"session": 26}, "sum": {"today": 26}},
        "category": {"most_frequent": {"session": "shoes"}},
    }


def test_where_redis_does_not_answer_the_last_numbers_stay(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    write(10, 20, 30, 40)
    look()
    nowhere = Redis(connection_pool=pool("redis://127.0.0.1:1/0", connect=0.2, answer=0.2, wait=0.2, size=1))
    waited: list[float] = []

    def once(seconds: float) -> None:
        waited.append(seconds)
        raise KeyboardInterrupt

    monkeypatch.setattr("decisioning.populations.worker_client", lambda: nowhere)
    with pytest.raises(KeyboardInterrupt):
        populations.follow(wait=once)

    assert (waited, populations.of("shop")) == ([3.0], {"unusual": 25})


def test_a_workspace_without_adaptive_thresholds_asks_redis_for_nothing(publish: Callable[[dict[str, Any]], Shop]) -> None:
    publish(DOCUMENT)
    nowhere = Redis(connection_pool=pool("redis://127.0.0.1:1/0", connect=0.2, answer=0.2, wait=0.2, size=1))
    populations.look(nowhere, rulesets.rulesets.all(), time.time())

    assert populations.of("shop") == {}
