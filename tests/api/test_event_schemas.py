"""Events are held against their schema when they are accepted: refused or only counted, and what does not fit is shown."""

from __future__ import annotations

import time
from copy import deepcopy

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from decisioning import violations
from decisioning.redis import worker_client
from decisioning.violations import Kind, Tally, most
from tests.api.conftest import DOCUMENT

SCHEMA = {"required": ["total"], "properties": {"total": {"type": "number"}, "items": {"items": {"required": ["sku"]}}}}


@pytest.fixture
def tally(monkeypatch):
    """One whose thread does not run, so that a test says when Redis is told."""
    own = Tally()
    monkeypatch.setattr(own, "_begin", lambda: None)
    monkeypatch.setattr("decisioning.api.segment.tally", own)
    return own


@pytest.fixture
def strict(publish, tally):
    def act(mode):
        events = [{"key": "order", "event": "Order Completed", "schema": SCHEMA, "mode": mode}]
        return publish({**deepcopy(DOCUMENT), "events": events})

    return act


def message(**properties):
    return {"type": "track", "event": "Order Completed", "userId": "alice", "messageId": "m-1", "properties": properties}


def accepted(valkey):
    return sum(valkey.xlen(name) for name in valkey.scan_iter("*:events"))


def test_an_event_that_does_not_fit_is_refused_with_its_place_and_the_good_ones_are_kept(strict, valkey):
    batch = [message(total=3), message(total="3"), message(items=[{"sku": 1}, {}], total=1)]

    answer = strict("enforce").post("/v1/batch", {"batch": batch})

    assert answer.status_code == 200
    told = [(error["index"], error["code"], error["message"]) for error in answer.json()["errors"]]
    assert told == [
        (1, "schema_violation", 'properties/total: "3" is not of type "number" (type).'),
        (2, "schema_violation", 'properties/items/1: "sku" is a required property (required).'),
    ]
    assert accepted(valkey) == 1


def test_an_event_that_does_not_fit_is_taken_where_the_schema_only_warns(strict, valkey):
    answer = strict("warn").post("/v1/track", message(total="3"))

    assert answer.json() == {"success": True}
    assert accepted(valkey) == 1


def test_other_events_are_not_looked_at(strict):
    other = {"type": "track", "event": "Order Cancelled", "userId": "alice"}

    assert strict("enforce").post("/v1/track", other).json() == {"success": True}


def test_events_sent_along_with_a_decision_are_held_against_their_schema_too(strict):
    answer = strict("enforce").decide("banner", events=[message(total="3"), message(total=3)])

    assert [error["code"] for error in answer["events"]["errors"]] == ["schema_violation"]


def test_violations_are_counted_by_event_place_and_keyword(strict, tally, valkey):
    shop = strict("warn")
    for total in ("1", "2", None):
        shop.post("/v1/track", message(total=total))
    shop.post("/v1/track", message(items=[{}], total=1))
    now = time.time()
    tally.flush(valkey, now=now)

    rows = most(valkey, "shop", now=now, count=10)

    assert [(row.kind, row.count) for row in rows] == [
        (Kind("Order Completed", "/total", "type", "warn"), 3),
        (Kind("Order Completed", "/items/*/sku", "required", "warn"), 1),
    ]
    assert rows[0].last_seen == pytest.approx(now)
    assert most(valkey, "shop", now=now + 8 * 86_400, count=10) == []


def test_violations_are_in_the_metrics(strict, tally, valkey):
    shop = strict("enforce")
    shop.post("/v1/track", message(total='"\\'))
    tally.flush(valkey, now=time.time())

    text = shop.get("/metrics", key=None).content.decode()

    assert 'signpost_event_violations_week{workspace="shop",event="Order Completed",path="/total",keyword="type",mode="enforce"} 1' in text
    assert 'signpost_event_violations_total{event="Order Completed",mode="enforce",workspace="shop"}' in text


def test_what_clients_send_does_not_fill_redis(tally, valkey):
    for number in range(3 * violations.KEPT):
        tally.violation("shop", Kind("e", f"/{number}", "type", "warn"))
    tally.violation("shop", Kind("e", "/7", "type", "warn"))
    now = time.time()
    tally.flush(valkey, now=now)

    rows = most(valkey, "shop", now=now, count=10_000)

    assert len(rows) == violations.KEPT
    assert (rows[0].kind.path, rows[0].count) == ("/7", 2)
    assert len(list(valkey.scan_iter("signpost:violations:*"))) == 2


def test_counts_wait_while_redis_is_away(tally, valkey, monkeypatch):
    kind = Kind("e", "/total", "type", "warn")
    tally.violation("shop", kind)
    tally.rejected(2, time.time())
    with monkeypatch.context() as patch:
        patch.setattr(violations, "_tell", lambda *args: (_ for _ in ()).throw(RedisConnectionError("gone")))
        tally.flush(valkey, now=time.time())

    tally.flush(valkey, now=time.time())

    assert [row.count for row in most(valkey, "shop", now=time.time(), count=9)] == [1]
    assert violations.rejections(valkey) == 2


def test_a_thread_tells_redis_by_itself(valkey):
    own = Tally()
    own.rejected(1, time.time())
    deadline = time.monotonic() + 30
    while not violations.rejections(worker_client()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
