"""Late events on their way through the worker: kept with how late they were, counted, and in nobody's way."""

from __future__ import annotations

from decisioning import keys
from decisioning.streams import log
from decisioning.tagging import decode_state
from decisioning.tagging.event import decode_event
from tests.streams import shop

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
DAY = 86_400


def test_a_late_event_is_kept_with_how_late_it_was_and_the_others_are_applied(client, new_consumer):
    late = shop.event("alice", 2, at=shop.START - 2 * DAY)
    log.append(client, [shop.event("alice", 1, at=shop.START), late, shop.event("alice", 3, at=shop.START + 1)])
    consumer = new_consumer()
    consumer.step()

    [(_, fields)] = client.xrange(keys.late_key(ALICE))
    assert decode_event(fields[b"e"]) == late
    assert fields[b"reason"] == b"happened 172,800 s before the newest event of its user"
    assert decode_state(client.get(keys.state_key(shop.WORKSPACE, "u:alice"))).revision == 2
    assert log.stats(client) == {"applied": 2, "duplicate": 0, "late": 1, "dead": 0}
    assert consumer.stats()["late"] == 1


def test_a_batch_of_nothing_but_late_events_moves_the_offset_on(client, new_consumer):
    log.append(client, [shop.event("alice", 1)])
    consumer = new_consumer()
    consumer.step()
    log.append(client, [shop.event("alice", number, at=shop.START - 2 * DAY) for number in (2, 3)])
    consumer.step()

    assert (client.xlen(keys.late_key(ALICE)), log.lag(client)[ALICE]["events"]) == (2, 0)
