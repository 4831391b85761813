"""Every decision reaches the archive once, with its release and versions."""

from __future__ import annotations

import time
import uuid

import msgspec
from django.db import connection

from decisioning.archive import drain
from decisioning.keys import dead_key, decisions_key
from decisioning.models import DecisionRecord


def test_a_decision_is_archived_with_its_release_rule_and_template(shop):
    answer = shop.decide("banner", events=[{"type": "track", "userId": "alice", "event": "Order Completed"}], session_id="s-1")
    drain(now=time.time())

    decision, record = answer["decisions"][0], DecisionRecord.objects.get()

    assert str(record.decision_id) == decision["decision_id"]
    assert (record.workspace, record.user, record.session, record.placement) == ("shop", "u:alice", "s-1", "banner")
    assert (record.release, record.rule, record.rule_version) == (1, "loyal", 1)
    assert (record.template, record.template_version) == ("loyal", 1)
    assert (record.outcome, record.reason, record.path) == ("matched", "rule", ["loyal"])
    assert record.content == decision["content"]
    assert record.facts == {"tags": ["buyer"]}


def test_archiving_twice_keeps_one_row(shop, valkey):
    shop.decide("banner")
    (stream,) = valkey.scan_iter("*:decisions")
    entries = valkey.xrange(stream)
    drain(now=time.time())
    for _, fields in entries:
        valkey.xadd(stream, fields)

    drain(now=time.time())

    assert DecisionRecord.objects.count() == 1


def test_the_log_is_emptied_only_of_what_the_archive_has(shop, valkey):
    shop.decide("banner")

    assert drain(now=time.time()) == 1
    assert [valkey.xlen(stream) for stream in valkey.scan_iter("*:decisions")] == [0]


def test_an_unknown_placement_is_not_archived(shop):
    shop.decide("nowhere")

    assert drain(now=time.time()) == 0


def test_what_the_request_said_of_its_context_is_never_stored(shop):
    shop.decide("mobile", context={"device": "mobile", "secret": "told in confidence"})
    drain(now=time.time())

    record = DecisionRecord.objects.get()
    assert record.outcome == "matched"
    assert record.facts == {}


def test_the_day_a_cap_counted_on_is_stored_unless_the_request_said_where_the_user_is(shop):
    at = "2026-11-21T12:00:00Z"
    shop.decide("daily", at=at)
    shop.decide("daily", at=at, context={"timezone": "Pacific/Kiritimati"})
    drain(now=time.time())

    of_workspace, of_request = DecisionRecord.objects.order_by("at")
    assert of_workspace.facts == {"user.timezone": "Europe/Berlin", "user.date": "2026-11-21"}
    assert (of_request.outcome, of_request.facts) == ("matched", {})


def test_a_record_that_cannot_be_archived_is_set_aside_and_the_others_go_on(shop, valkey):
    stream = decisions_key(3)
    valkey.xadd(stream, {"d": b"no record"})
    valkey.xadd(stream, {"x": b"no field d"})
    shop.decide("banner", user="alice")
    shop.decide("banner", user="bob")

    assert drain(now=time.time()) == 2
    assert DecisionRecord.objects.count() == 2
    assert [valkey.xlen(key) for key in valkey.scan_iter("*:decisions")] == [0] * len(list(valkey.scan_iter("*:decisions")))
    assert valkey.xlen(dead_key(3)) == 2


def test_a_decision_from_a_clock_that_is_ahead_does_not_stop_the_archive(shop, valkey):
    shop.decide("banner")
    (stream,) = valkey.scan_iter("*:decisions")
    ((_entry, fields),) = valkey.xrange(stream)
    record = msgspec.msgpack.decode(fields[b"d"]) | {"at": time.time() + 2 * 86_400, "decision_id": str(uuid.uuid4())}
    valkey.xadd(stream, {"d": msgspec.msgpack.encode(record)})
    drain(now=time.time())

    shop.decide("banner")

    assert drain(now=time.time() + 2 * 86_400) == 1
    assert DecisionRecord.objects.count() == 3


def test_the_archive_has_the_indexes_that_its_model_names(db):
    """Both are written by hand: Django can't declare partitions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'decisioning_decision'")
        there = {name: definition.partition(" btree ")[2].replace('"', "").strip("()") for name, definition in cursor.fetchall()}

    for index in DecisionRecord._meta.indexes:
        assert there[index.name] == ", ".join(f"{name} {order}".strip() for name, order in index.fields_orders)
