"""When Redis is slow or gone: an answer that says what it lacks, or a clear error; never a 500, and never later than its limits."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from decisioning import profiles
from decisioning import redis as clients
from decisioning.api import operating
from decisioning.breaker import Breaker
from decisioning.local import valkey as launcher
from decisioning.local.folder import Folder
from decisioning.local.server import Server
from decisioning.streams import redis_log

ORDER = {"type": "track", "userId": "alice", "event": "Order Completed"}


@pytest.fixture
def mortal(tmp_path, settings, monkeypatch) -> Iterator[Server]:
    """A Valkey of this test's own, which it may kill or freeze; the code under test uses it."""
    folder = Folder(tmp_path / "data")
    folder.open()
    server = launcher.start(folder, password="for-this-test", fsync="never")
    settings.REDIS_URL = server.url
    forget_clients()
    breaker = Breaker(clients.UNREACHABLE)
    for module in (clients, profiles, redis_log, operating):
        monkeypatch.setattr(module, "breaker", breaker)
    yield server
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGCONT)
    server.stop()
    folder.close()
    forget_clients()


def forget_clients() -> None:
    clients.decision_client.cache_clear()
    clients.worker_client.cache_clear()
    clients.status_client.cache_clear()


@pytest.fixture(params=["killed", "frozen"])
def without_redis(request, mortal, shop):
    """The shop, after its Redis has gone in one of the two ways a server goes."""

    def go():
        mortal.process.send_signal(signal.SIGKILL if request.param == "killed" else signal.SIGSTOP)
        if request.param == "killed":
            mortal.process.wait()
        return shop

    return go


def test_a_decision_is_answered_and_says_that_the_state_is_unavailable(without_redis):
    answer = without_redis().decide("banner")

    assert (answer["degraded"], answer["degraded_reasons"]) == (True, ["state_unavailable"])
    assert answer["decisions"][0]["content"]["body"] == "Hello friend"


def test_a_user_seen_a_moment_ago_is_still_known(without_redis, mortal, shop):
    from tests.api.streams import drain

    shop.post("/v1/track", ORDER)
    drain()
    shop.decide("banner")

    assert without_redis().decide("banner")["decisions"][0]["rule"]["key"] == "loyal"


def test_request_context_still_decides(without_redis):
    assert without_redis().decide("mobile", context={"device": "mobile"})["decisions"][0]["outcome"] == "matched"


@pytest.mark.parametrize("placement", ["once", "daily"])
def test_a_capped_rule_waits_because_nobody_can_say_whether_it_was_shown(without_redis, placement):
    decision = without_redis().decide(placement, session_id="s-1")["decisions"][0]

    assert (decision["outcome"], decision["reason"]) == ("degraded", "caps_unknown")
    assert decision["content"]["body"] == "Hello friend"


def test_a_win_that_redis_could_not_count_any_more_is_taken_back(without_redis, shop, monkeypatch):
    load = profiles.load

    def load_then_lose_redis(*of):
        profile = load(*of)
        without_redis()
        return profile

    monkeypatch.setattr(profiles, "load", load_then_lose_redis)
    decision = shop.decide("daily")["decisions"][0]

    assert (decision["outcome"], decision["reason"]) == ("degraded", "caps_unknown")
    assert decision["content"]["body"] == "Hello friend"


def test_an_event_is_refused_with_503_and_a_time_to_come_back(without_redis):
    answer = without_redis().post("/v1/track", ORDER)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "log_unavailable")
    assert int(answer["Retry-After"]) >= 1


def test_events_sent_along_count_in_the_answer_and_are_reported_as_not_kept(without_redis):
    answer = without_redis().decide("banner", events=[ORDER])

    assert answer["decisions"][0]["outcome"] == "matched"
    assert answer["events"]["accepted"] == 0
    assert answer["events"]["errors"][-1]["code"] == "log_unavailable"


def test_reading_a_user_is_a_503(without_redis):
    answer = without_redis().get("/v1/users/alice")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "state_unavailable")


def test_status_and_metrics_are_still_told(without_redis):
    shop = without_redis()

    assert shop.get("/statusz").json()["redis"]["ok"] is False
    assert b"signpost_redis_up 0" in shop.get("/metrics", key=None).content
    assert shop.get("/readyz", key=None).status_code == 200


def test_after_some_failures_redis_is_not_asked_any_more(without_redis):
    shop = without_redis()
    for _ in range(5):
        shop.decide("banner")

    assert clients.breaker.state == "open"


def test_a_decision_is_whole_again_when_redis_is_back(mortal, shop):
    mortal.process.send_signal(signal.SIGSTOP)
    assert shop.decide("banner")["degraded"]

    mortal.process.send_signal(signal.SIGCONT)

    assert not shop.decide("banner")["degraded"]
