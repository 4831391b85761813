"""GET /v1/releases...: what each release says, which was live when, and what differs between two."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import DatabaseError

from decisioning import released
from decisioning.refresher import Refresher
from rules import services
from rules.models import Release
from tests.api.conftest import now_utc

ADA, PAUL = services.Person(7, "Ada"), services.Person(8, "Paul")


@pytest.fixture
def three(shop):
    """After the first release one that changes a threshold and adds a rule's condition, and one that takes a rule away."""
    services.save_draft("shop", kind="threshold", key="big-cart", body={"value": 100}, author=ADA, now=now_utc())
    services.publish("shop", actor=PAUL, reason="spring", now=now_utc())
    services.save_draft("shop", kind="threshold", key="big-cart", body={"value": 80}, author=ADA, now=now_utc())
    services.save_draft("shop", kind="rule", key="bad", body=None, author=ADA, now=now_utc())
    services.publish("shop", actor=PAUL, reason="summer", now=now_utc())
    services.create_workspace("other")
    return shop


def asked(shop, path: str):
    answer = shop.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_they_are_listed_with_the_newest_first_page_by_page(three):
    first = asked(three, "/v1/releases?limit=2")
    second = asked(three, f"/v1/releases?limit=2&before={first['next']}")

    assert [release["number"] for release in first["releases"] + second["releases"]] == [3, 2, 1]
    assert second["next"] is None
    assert [release["reason"] for release in first["releases"]] == ["summer", "spring"]
    assert first["releases"][0]["prev_hash"] == first["releases"][1]["hash"]


def test_one_tells_its_versions_and_who_wrote_what_it_changed(three):
    release = asked(three, "/v1/releases/3")

    assert release["publisher"] == {"id": 8, "name": "Paul"}
    changed = {(change["kind"], change["key"]): change for change in release["changes"]}
    assert changed["threshold", "big-cart"]["before"] == 1
    assert changed["threshold", "big-cart"]["after"]["author"] == {"id": 7, "name": "Ada"}
    assert changed["rule", "bad"]["after"]["removed"] is True
    assert ("rule", "bad") not in {(entry["kind"], entry["key"]) for entry in release["manifest"]}


def test_what_was_live_at_a_time_is_told(three):
    second = Release.objects.get(workspace__key="shop", number=2)
    just_before = second.effective_from - timedelta(microseconds=1)

    assert asked(three, "/v1/releases/live")["number"] == 3
    assert asked(three, f"/v1/releases/live?at={second.effective_from:%Y-%m-%dT%H:%M:%S.%fZ}")["number"] == 2
    assert asked(three, f"/v1/releases/live?at={just_before:%Y-%m-%dT%H:%M:%S.%fZ}")["number"] == 1


def test_what_differs_between_two_is_told_in_words(three):
    answer = asked(three, "/v1/releases/2/diff/3")

    told = {(found["kind"], found["key"]): found for found in answer["differences"]}
    assert (answer["from"], answer["to"]) == (2, 3)
    assert set(told) == {("threshold", "big-cart"), ("rule", "bad")}
    assert told["threshold", "big-cart"] == {
        "kind": "threshold",
        "key": "big-cart",
        "before": 1,
        "after": 2,
        "changes": [{"path": "$.value", "op": "changed", "words": "Value 100 became 80", "before": 100, "after": 80}],
    }
    assert [change["op"] for change in told["rule", "bad"]["changes"]] == ["removed"]


def test_a_workspace_s_own_settings_are_compared_too(three):
    services.change_workspace("shop", name="Shop", timezone="UTC", four_eyes=False)
    services.publish("shop", actor=PAUL, reason="clocks", now=now_utc())

    found = asked(three, "/v1/releases/3/diff/4")["differences"]

    assert [(one["kind"], [change["words"] for change in one["changes"]]) for one in found] == [
        ("workspace", ["Timezone Europe/Berlin became UTC"])
    ]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/releases/9", 404, "unknown_release"),
        ("/v1/releases/99999999999999999999", 404, "unknown_release"),
        ("/v1/releases/1/diff/9", 404, "unknown_release"),
        ("/v1/releases/live?at=1999-01-01T00:00:00Z", 404, "nothing_was_live"),
        ("/v1/releases/live?at=noon", 400, "invalid_time"),
        ("/v1/releases/live?when=now", 400, "unknown_field"),
        ("/v1/releases?limit=0", 400, "invalid_value"),
        ("/v1/releases?before=x", 400, "invalid_value"),
        ("/v1/releases/3?explain=1", 400, "unknown_field"),
    ],
)
def test_what_makes_no_sense_is_refused(three, path, status, code):
    answer = three.get(path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/v1/releases", "/v1/releases/1", "/v1/releases/live", "/v1/releases/1/diff/1"])
def test_they_need_a_secret_key_with_the_scope_history(three, path):
    text = services.issue_key("shop", kind="secret", label="decides", now=now_utc(), scopes=["decide"])
    Refresher().fetch(now=time.time())

    refused = [three.get(path, key=key) for key in (None, "publishable", text)]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in refused] == [
        (401, "key_missing"), (403, "secret_key_needed"), (403, "scope_missing"),
    ]  # fmt: skip


def test_without_postgresql_they_say_so(three, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(released, "page", away)
    answer = three.get("/v1/releases")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
