"""Profiles: one read, caps that hold under any concurrency, and what is remembered for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from redis import Redis

from decisioning import keys, profiles
from decisioning import redis as clients
from decisioning.local.ports import free_port
from decisioning.profiles import Memory, Unavailable
from decisioning.streams import log
from decisioning.tagging import encode_state, new_state
from tests.streams import shop

DECISIONS = keys.decisions_key(keys.partition_of(shop.WORKSPACE, "u:alice"))


def commit(client, caps, records=({"placement": "banner"},), session="s1", at=100.0, since=0.0):
    return profiles.commit_decisions(client, shop.WORKSPACE, "u:alice", session, caps, records, at=at, since=since)


def load(client, session="s1"):
    return profiles.load(client, shop.WORKSPACE, "u:alice", session)


def known(client):
    return profiles.known(client, shop.WORKSPACE, "u:alice", shop.DEFINITIONS)


def test_a_user_nobody_has_heard_of_has_a_new_state(client):
    assert load(client) == profiles.Profile(new_state(), profiles.Caps("s1", {}), None, [])
    assert known(client) is None


def test_what_the_consumer_applied_is_what_a_decision_reads(client, new_consumer):
    log.append(client, [shop.event("alice", 1, name="Order Completed")])
    new_consumer().step()

    assert load(client).state.tags.keys() == {"buyer"}
    assert known(client) == load(client).state


def test_what_is_accepted_counts_before_a_worker_has_applied_it(client):
    log.append(client, [shop.event("alice", 1, name="Order Completed"), shop.event("bob", 2)])

    assert [event.user for event in load(client).unread] == ["u:alice"]
    assert known(client).tags.keys() == {"buyer"}


def test_an_applied_event_is_not_unread_any_more(client, new_consumer):
    log.append(client, [shop.event("alice", 1, name="Order Completed")])
    new_consumer().step()

    assert load(client).unread == []


def test_an_unread_entry_that_is_no_event_is_passed_over(client):
    client.xadd(keys.events_key(keys.partition_of(shop.WORKSPACE, "u:alice")), {"e": b"u:alice \xff broken"})

    assert load(client).unread == []


def test_loading_is_one_round_trip(client):
    before = client.info("stats")["total_reads_processed"]
    load(client)

    # One read for the load, one for INFO itself.
    assert client.info("stats")["total_reads_processed"] - before == 2


def test_a_state_that_cannot_be_read_is_unavailable_not_a_crash(client):
    client.set(keys.state_key(shop.WORKSPACE, "u:alice"), b"broken")

    with pytest.raises(Unavailable, match="not a user state"):
        load(client)
    with pytest.raises(Unavailable):
        known(client)


def test_without_redis_the_state_is_unavailable_and_soon_without_trying():
    away = Redis(connection_pool=clients.pool(f"redis://127.0.0.1:{free_port()}/0", connect=0.1, answer=0.1, wait=0.1, size=2))
    for _ in range(5):
        with pytest.raises(Unavailable, match="ConnectionError"):
            load(away)

    with pytest.raises(Unavailable, match="CircuitOpen"):
        load(away)


def test_a_decision_is_appended_and_its_cap_counted(client):
    assert commit(client, {"loyal": (1, 2)}) == set()

    [(_, fields)] = client.xrange(DECISIONS)
    assert msgspec.msgpack.decode(fields[b"d"]) == {"placement": "banner"}
    assert load(client).caps.wins == {"loyal": (1, 100.0)}


def test_decisions_without_caps_are_appended(client):
    assert commit(client, {}, [{"n": 1}, {"n": 2}]) == set()

    assert client.xlen(DECISIONS) == 2
    assert load(client).caps.wins == {}


def test_where_one_cap_is_used_up_nothing_is_written(client):
    commit(client, {"loyal": (1, 1)})

    assert commit(client, {"fresh": (1, 1), "loyal": (1, 1)}) == {"loyal"}
    assert client.xlen(DECISIONS) == 1
    assert load(client).caps.wins == {"loyal": (1, 100.0)}


def test_a_rule_that_wins_twice_in_one_answer_counts_twice(client):
    assert commit(client, {"loyal": (2, 3)}) == set()
    assert commit(client, {"loyal": (2, 3)}) == {"loyal"}


def test_caps_are_of_one_session(client):
    commit(client, {"loyal": (1, 1)}, session="s1")

    assert commit(client, {"loyal": (1, 1)}, session="s2") == set()
    assert load(client, "s3").caps.wins == {}


def test_wins_before_the_time_given_do_not_count(client):
    commit(client, {"loyal": (1, 1)}, at=100.0)

    assert commit(client, {"loyal": (1, 1)}, at=150.0, since=99.0) == {"loyal"}
    assert commit(client, {"loyal": (1, 1)}, at=200.0, since=101.0) == set()
    assert load(client).caps.since(101.0) == {"loyal": 1}
    assert load(client).caps.since(201.0) == {}


def test_caps_are_forgotten_after_a_day(client):
    commit(client, {"loyal": (1, 1)})

    assert 86_300 < client.ttl(keys.caps_key(shop.WORKSPACE, "s1", "u:alice")) <= 86_400


def test_a_cap_of_one_lets_one_of_fifty_concurrent_decisions_through(client):
    with ThreadPoolExecutor(50) as pool:
        refused = list(pool.map(lambda _: commit(client, {"loyal": (1, 1)}), range(50)))

    assert refused.count(set()) == 1
    assert client.xlen(DECISIONS) == 1
    assert load(client).caps.wins == {"loyal": (1, 100.0)}


def test_decisions_are_refused_when_redis_is_full_and_states_are_still_read(client):
    commit(client, {})
    client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
    try:
        with pytest.raises(Unavailable, match="OutOfMemory"):
            commit(client, {})
        assert load(client).caps.wins == {}
    finally:
        client.config_set("maxmemory", 0)


def test_a_remembered_state_is_recalled_for_a_minute():
    memory = Memory(seconds=60)
    state = new_state()
    state.revision = 7
    memory.remember("shop", "u:a", encode_state(state), now=1000.0)

    assert memory.recall("shop", "u:a", now=1060.0) == state
    assert memory.recall("shop", "u:a", now=1060.1) is None
    assert memory.recall("other", "u:a", now=1000.0) is None


def test_the_memory_forgets_who_was_seen_longest_ago():
    memory = Memory(users=2)
    for user in ("u:a", "u:b", "u:a", "u:c"):
        memory.remember("shop", user, encode_state(new_state()), now=1000.0)

    assert [user for user in ("u:a", "u:b", "u:c") if memory.recall("shop", user, now=1000.0)] == ["u:a", "u:c"]
