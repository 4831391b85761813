"""Every decision reaches the archive once, with its release and versions."""

from __future__ import annotations

import time

from decisioning.archive import drain
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
