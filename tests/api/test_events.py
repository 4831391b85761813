"""Events in: Segment's calls, with per-item errors, counted exactly once."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from decisioning.keys import events_key, partition_of
from tests.api.streams import drain


def views(shop, user="alice"):
    return shop.get(f"/v1/users/{user}").json()["counts"]["views"]["total"]


def viewed(user="alice", **more):
    return {"type": "track", "userId": user, "event": "Product Viewed", "messageId": str(uuid.uuid4()), **more}


@pytest.mark.parametrize("address", ["/v1/track", "/v1/t", "/v1/track/"])
def test_a_tracked_event_becomes_a_tag_of_the_next_decision(shop, address):
    answer = shop.post(address, {"userId": "alice", "event": "Order Completed"})
    drain()

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert shop.decide("banner")["decisions"][0]["rule"]["key"] == "loyal"


def test_an_event_counts_in_the_next_decision_even_while_no_worker_runs(shop):
    shop.post("/v1/track", {"userId": "alice", "event": "Order Completed"})

    assert shop.decide("banner")["decisions"][0]["rule"]["key"] == "loyal"
    assert [tag["key"] for tag in shop.get("/v1/users/alice").json()["tags"]] == ["buyer"]


def test_identify_sets_traits_from_both_places(shop):
    shop.post("/v1/identify", {"userId": "alice", "traits": {"name": "Alice"}, "context": {"traits": {"plan": "gold"}}})
    drain()

    assert shop.get("/v1/users/alice").json()["traits"] == {"name": "Alice", "plan": "gold"}


def test_a_page_call_is_taken(shop):
    assert shop.post("/v1/page", {"anonymousId": "a-1", "name": "Home", "properties": {"path": "/"}}).json() == {"success": True}


def test_a_thousand_events_with_a_hundred_repeated_ids_and_a_bad_one_count_once_each(shop):
    messages = [viewed() for _ in range(899)]
    messages += messages[:100]
    messages.insert(500, {"type": "track", "userId": "alice", "messageId": "bad-one"})

    answer = shop.post("/v1/batch", {"batch": messages})
    drain()

    assert answer.status_code == 200
    assert answer.json()["success"] is False
    assert [(error["index"], error["messageId"], error["code"]) for error in answer.json()["errors"]] == [(500, "bad-one", "missing_event")]
    assert views(shop) == 899


def test_a_retried_request_counts_once(shop):
    message = viewed()
    for _ in range(3):
        shop.post("/v1/track", message)
    drain()

    assert views(shop) == 1


def test_a_batch_in_which_nothing_is_good_is_a_400(shop):
    answer = shop.post("/v1/batch", {"batch": [{"type": "track"}, 5]})

    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["missing_user", "not_an_object"]
    assert answer.json()["error"]["code"] == "no_event_taken"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "dance", "userId": "a"}, "unknown_type"),
        ({"type": "track", "userId": "a", "event": ""}, "missing_event"),
        ({"type": "track", "userId": "a", "event": "x" * 201}, "event_name_too_long"),
        ({"type": "track", "userId": {"a": 1}, "event": "E"}, "invalid_id"),
        ({"type": "track", "userId": "x" * 257, "event": "E"}, "invalid_id"),
        ({"type": "track", "userId": "a", "event": "E", "properties": [1]}, "not_an_object"),
        ({"type": "track", "userId": "a", "event": "E", "timestamp": "soon"}, "invalid_time"),
        ({"type": "track", "userId": "a", "event": "E", "timestamp": 5}, "invalid_time"),
        ({"type": "track", "userId": "a", "event": "E", "properties": {"x": "y" * 33_000}}, "event_too_large"),
    ],
)
def test_a_bad_message_is_refused_with_its_code(shop, message, code):
    answer = shop.post("/v1/batch", {"batch": [message]})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


def test_a_clients_wrong_clock_is_corrected_by_sent_at(shop):
    wrong = datetime.now(UTC) - timedelta(days=400)
    message = viewed(timestamp=(wrong - timedelta(minutes=5)).isoformat())

    shop.post("/v1/batch", {"batch": [message], "sentAt": wrong.isoformat()})
    drain()

    seen = datetime.fromisoformat(shop.get("/v1/users/alice").json()["session"]["last"])
    assert timedelta(minutes=4, seconds=50) < datetime.now(UTC) - seen < timedelta(minutes=5, seconds=30)


@pytest.mark.parametrize("told", [{"originalTimestamp": None}, {"sentAt": None}])
def test_a_null_beside_a_time_does_not_hide_it(shop, told):
    long_ago = datetime.now(UTC) - timedelta(days=8)
    shop.post("/v1/track", {"userId": "alice", "event": "Order Completed", "timestamp": long_ago.isoformat(), **told})

    assert shop.get("/v1/users/alice").json()["tags"] == []


@pytest.mark.parametrize("way", ["basic", "writeKey"])
def test_the_key_may_come_as_tracking_clients_send_it(shop, way):
    secret, message = shop.keys["secret"], {"userId": "alice", "event": "Order Completed"}
    if way == "basic":
        header = "Basic " + base64.b64encode(f"{secret}:".encode()).decode()
        answer = shop.post("/v1/track", message, key=None, HTTP_AUTHORIZATION=header)
    else:
        answer = shop.post("/v1/batch", {"batch": [{"type": "track", **message}], "writeKey": secret}, key=None)

    assert answer.json() == {"success": True}


def test_one_users_events_stay_in_one_partition_in_order(shop, valkey):
    shop.post("/v1/batch", {"batch": [viewed(messageId=f"m-{number}") for number in range(50)]})

    assert valkey.xlen(events_key(partition_of("shop", "u:alice"))) == 50


def test_the_answer_comes_only_when_the_log_has_the_event(shop, valkey):
    before = sum(valkey.xlen(key) for key in valkey.scan_iter("*:events"))

    shop.post("/v1/track", viewed())

    assert sum(valkey.xlen(key) for key in valkey.scan_iter("*:events")) == before + 1
