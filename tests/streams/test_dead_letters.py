"""Dead letters: a poison event hinders nobody, and once what it tripped over is mended it is applied, once."""

from __future__ import annotations

from io import StringIO

import msgspec
import pytest
from django.core.management import CommandError, call_command

from decisioning import keys
from decisioning.redis import worker_client
from decisioning.streams import deadletters, log
from decisioning.tagging import decode_state
from decisioning.tagging.event import decode_event
from tests.streams import shop

ALICE = keys.partition_of(shop.WORKSPACE, "u:alice")
STATE = keys.state_key(shop.WORKSPACE, "u:alice")
DAY = 86_400


def broken(workspace):
    """A release under which the events of one workspace can't be folded."""
    return None if workspace == "poisoned" else shop.DEFINITIONS


def mended(workspace):
    return shop.DEFINITIONS


def poison(number=1, user="alice"):
    return msgspec.structs.replace(shop.event(user, number), workspace="poisoned")


def killed(*_):
    raise KeyboardInterrupt


def apply_all(consumer, client):
    while sum(row["events"] for row in log.lag(client)):
        consumer.step(block_ms=50)


def state(workspace, user="alice"):
    return decode_state(worker_client().get(keys.state_key(workspace, f"u:{user}")))


def run(*arguments):
    out = StringIO()
    call_command("dead", *arguments, stdout=out)
    return out.getvalue()


def kept(client, kind="dead"):
    return list(deadletters.find(client, kind))


def test_a_poison_event_is_set_aside_and_counts_once_when_a_release_has_mended_it(backend, client, new_consumer):
    log.append(client, [poison(), shop.event("alice", 1)])
    old = new_consumer(definitions=broken)
    apply_all(old, client)
    old.stop()
    assert state(shop.WORKSPACE).revision == 1, "others are unhindered"
    assert [each.workspace for each in kept(client)] == ["poisoned"]

    assert run("redrive") == "1 redriven\n"
    assert run("redrive") == "Nothing fits.\n"
    apply_all(new_consumer(definitions=mended), client)

    assert state("poisoned").revision == 1
    assert log.stats(client) == {"applied": 2, "duplicate": 0, "late": 0, "dead": 1, "redriven": 1}
    assert kept(client) == []


def test_an_event_that_is_sent_twice_by_a_redrive_that_died_counts_once(in_kafka, client, new_consumer, monkeypatch):
    log.append(client, [poison()])
    old = new_consumer(definitions=broken)
    apply_all(old, client)
    old.stop()
    with monkeypatch.context() as patch:
        patch.setattr(deadletters, "_remove", killed)
        with pytest.raises(KeyboardInterrupt):
            run("redrive")

    assert run("redrive") == "1 redriven\n"
    apply_all(new_consumer(definitions=mended), client)

    assert state("poisoned").revision == 1
    assert log.stats(client)["duplicate"] == 1


def test_a_late_event_counts_when_it_is_redriven(client, new_consumer):
    log.append(client, [shop.event("alice", 1), shop.event("alice", 2, at=shop.START - 2 * DAY)])
    consumer = new_consumer()
    apply_all(consumer, client)
    assert state(shop.WORKSPACE).revision == 1

    assert run("redrive", "--late") == "1 redriven\n"
    apply_all(consumer, client)

    assert state(shop.WORKSPACE).revision == 2
    assert log.stats(client) == {"applied": 2, "duplicate": 0, "late": 1, "dead": 0, "redriven": 1}
    assert kept(client, "late") == []


def test_a_dead_event_is_not_late_because_people_took_their_time(client, new_consumer):
    log.append(client, [poison(1)])
    old = new_consumer(definitions=broken)
    apply_all(old, client)
    old.stop()
    log.append(client, [msgspec.structs.replace(shop.event("alice", 2, at=shop.START + 3 * DAY), workspace="poisoned")])
    consumer = new_consumer(definitions=mended)
    apply_all(consumer, client)
    run("redrive")
    apply_all(consumer, client)

    assert state("poisoned").revision == 2
    assert kept(client, "late") == []


def test_two_people_who_redrive_at_once_send_it_once(client, new_consumer):
    log.append(client, [poison()])
    apply_all(new_consumer(definitions=broken), client)
    seen = kept(client)
    length = client.xlen(keys.events_key(seen[0].partition))

    assert deadletters.redrive(client, "dead", seen)["redriven"] == 1
    assert deadletters.redrive(client, "dead", seen) == {"redriven": 0, "gone": 1}
    assert client.xlen(keys.events_key(seen[0].partition)) == length + 1


def test_bytes_that_are_no_event_stay_until_they_are_discarded(client, new_consumer):
    client.xadd(keys.events_key(ALICE), {"e": b"\xc1 not msgpack"})
    apply_all(new_consumer(), client)

    assert run("redrive") == "1 unreadable\n"
    [there] = kept(client)
    assert run("discard", f"{there.partition}:{there.id}") == "1 discarded\n"
    assert kept(client) == []
    assert log.stats(client)["discarded"] == 1


def test_a_decision_that_could_not_be_archived_is_on_its_way_again(client):
    record = msgspec.msgpack.encode({"workspace": "shop", "decision_id": "d1"})
    client.xadd(keys.dead_key(3), {"d": record, "id": "1-1", "reason": "decision can't be archived"})

    assert run("redrive", "--workspace", "shop") == "1 redriven\n"
    [(_, fields)] = client.xrange(keys.decisions_key(3))
    assert fields == {b"d": record}


def test_the_list_can_be_narrowed_by_workspace_reason_and_count(client, new_consumer):
    client.xadd(keys.events_key(ALICE), {"e": b"\xc1"})
    log.append(client, [poison(number, user) for number, user in enumerate(["alice", "bob", "carol"])])
    apply_all(new_consumer(definitions=broken), client)

    assert len(run("list").splitlines()) == 4
    assert len(run("list", "--workspace", "poisoned").splitlines()) == 3
    assert "DecodeError" in run("list", "--reason", "DecodeError")
    assert len(run("show", "--count", "2").splitlines()) == 2
    assert run("list", "--workspace", "other") == "Nothing dead fits.\n"
    assert run("redrive", "--workspace", "poisoned", "--count", "2") == "2 redriven\n"
    assert len(kept(client)) == 2
    event = decode_event(client.xrange(keys.events_key(keys.partition_of("poisoned", "u:alice")))[-1][1][b"e"])
    assert event.workspace == "poisoned"


def test_what_is_set_aside_again_meanwhile_is_not_sent_round_and_round(client):
    for _ in range(2):
        client.xadd(keys.dead_key(3), {"e": b"x", "reason": ""})
    found = deadletters.find(client, "dead")
    next(found)
    client.xadd(keys.dead_key(3), {"e": b"x", "reason": ""})

    assert len(list(found)) == 1


def test_everything_is_discarded_only_where_one_says_so():
    with pytest.raises(CommandError, match="--all"):
        call_command("dead", "discard")
