"""Back-pressure at the doors: events are refused while the workers are too far behind or Redis is nearly full; decisions never are."""

from __future__ import annotations

import time

import pytest

from decisioning import keys, metrics, pressure
from decisioning.redis import worker_client
from tests.api.streams import drain

VIEW = {"type": "track", "userId": "alice", "event": "Product Viewed"}


@pytest.fixture(autouse=True)
def gauge():
    """One test's pressure is not another's."""
    gauge = pressure.gauge
    gauge.wait()
    gauge.__init__()
    yield gauge
    gauge.wait()
    gauge.__init__()


def refused():
    return metrics.EVENTS.labels("shop", "back_pressure")._value.get()


def fill(settings):
    """Leaves no room: what is stored now is more than the share that may be used."""
    used = worker_client().info("memory")["used_memory"]
    worker_client().config_set("maxmemory", used * 4)
    settings.MAX_MEMORY_PERCENT = 10


@pytest.fixture
def roomy():
    yield
    worker_client().config_set("maxmemory", 0)


def test_events_are_refused_with_429_while_too_many_wait_and_taken_again_when_they_are_applied(shop, settings, gauge):
    settings.MAX_LAG_EVENTS = 2
    shop.post("/v1/batch", {"batch": [VIEW] * 3})
    gauge.look()

    answer = shop.post("/v1/batch", {"batch": [VIEW]})

    assert (answer.status_code, answer.json()["error"]["code"], answer["Retry-After"]) == (429, "back_pressure", "5")
    assert "3 events are not applied yet, the limit is 2" in answer.json()["error"]["message"]
    drain()
    gauge.look()
    assert shop.post("/v1/batch", {"batch": [VIEW]}).status_code == 200


def test_one_event_that_waits_too_long_is_enough(shop, settings, gauge):
    shop.post("/v1/track", VIEW)
    client, events = worker_client(), keys.events_key(keys.partition_of("shop", "u:alice"))
    [(_, fields)] = client.xrange(events)
    client.delete(events)
    client.xadd(events, fields, id=f"{int((time.time() - 90) * 1000)}-0")
    gauge.look()

    answer = shop.post("/v1/track", VIEW)

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "back_pressure")
    assert client.xlen(events) == 1


def test_events_are_refused_before_redis_is_full(shop, settings, gauge, roomy):
    fill(settings)
    gauge.look()

    answer = shop.post("/v1/track", VIEW)

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "back_pressure")
    assert "of its memory" in answer.json()["error"]["message"]


def test_a_decision_is_answered_with_the_events_it_brings_and_says_that_they_were_not_kept(shop, settings, gauge):
    settings.MAX_LAG_EVENTS = 1
    shop.post("/v1/batch", {"batch": [{**VIEW, "userId": "bob"}] * 2})
    gauge.look()

    answer = shop.decide("banner", events=[{**VIEW, "event": "Order Completed"}])

    assert answer["decisions"][0]["rule"]["key"] == "loyal"
    assert answer["events"]["accepted"] == 0
    assert [error["code"] for error in answer["events"]["errors"]] == ["back_pressure"]
    assert not answer["degraded"]


def test_status_and_metrics_show_which_limit_is_passed(shop, settings, gauge):
    assert shop.get("/statusz").json()["back_pressure"] == {}
    settings.MAX_LAG_EVENTS = 1
    shop.post("/v1/batch", {"batch": [VIEW] * 2})
    gauge.look()
    before = refused()
    shop.post("/v1/batch", {"batch": [VIEW] * 7})

    assert refused() - before == 7
    assert list(shop.get("/statusz").json()["back_pressure"]) == ["lag_events"]
    text = shop.get("/metrics", key=None).content.decode()
    assert 'signpost_back_pressure{limit="lag_events"} 1' in text
    assert 'signpost_back_pressure{limit="memory"} 0' in text
    assert 'signpost_events_total{outcome="back_pressure",workspace="shop"}' in text


def test_requests_have_it_measured_and_do_not_wait_for_that(shop, settings, gauge):
    settings.MAX_LAG_EVENTS = 1
    assert shop.post("/v1/batch", {"batch": [VIEW] * 2}).status_code == 200, "nothing was measured yet"
    gauge.wait()
    gauge._looked = time.monotonic() - pressure.LOOK_SECONDS
    shop.post("/v1/track", VIEW)
    gauge.wait()

    assert shop.post("/v1/track", VIEW).status_code == 429


def test_what_was_measured_long_ago_refuses_nothing(shop, gauge):
    gauge._reason, gauge._looked = "long ago", time.monotonic() - pressure.STALE_SECONDS

    assert shop.post("/v1/track", VIEW).status_code == 200
    gauge.wait()
