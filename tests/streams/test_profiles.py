"""Profiles: one read, caps that hold under any concurrency, and what is remembered for a while."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from redis import Redis

from decisioning import identities, keys, profiles
from decisioning import redis as clients
from decisioning.caps import Count, Wins
from decisioning.local.ports import free_port
from decisioning.profiles import Memory, Unavailable
from decisioning.streams import log
from decisioning.tagging import encode_state, new_state
from tests.streams import shop

DECISIONS = keys.decisions_key(keys.partition_of(shop.WORKSPACE, "u:alice"))


def commit(client, won, records=({"placement": "banner"},), session="s1", at=100.0, since=0.0):
    """`won` has, by rule, how often it won and the limit of its cap by session."""
    counts = [Count("session", rule, "", times, limit) for rule, (times, limit) in won.items()]
    return profiles.commit_decisions(client, shop.WORKSPACE, "u:alice", session, counts, records, at=at, since=since)


def win(client, *counts, records=({"placement": "banner"},)):
    return profiles.commit_decisions(client, shop.WORKSPACE, "u:alice", "s1", counts, records, at=100.0, since=0.0)


def by_day(rule="loyal", day="2026-11-21", times=1, limit=1):
    return Count("day", rule, day, times, limit)


def load(client, session="s1"):
    return profiles.load(client, shop.WORKSPACE, "u:alice", session)


def known(client, now=shop.START):
    person = identities.known(client, shop.WORKSPACE, "u:alice", shop.DEFINITIONS, now=now)
    return person and person.state


def test_a_user_nobody_has_heard_of_has_a_new_state(client):
    assert load(client) == profiles.Profile(new_state(), Wins("s1", {}, {}), None, [])
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


def test_what_is_due_has_happened_before_a_worker_has_fired_it(client):
    state = new_state()
    state.revision, state.timers = 1, {"away": shop.START + 60, "later": shop.START + 90}
    client.set(keys.state_key(shop.WORKSPACE, "u:alice"), encode_state(state))

    assert known(client, shop.START + 59) == state
    assert known(client, shop.START + 60).timers == {"later": shop.START + 90}
    assert load(client).state == state, "reading fires nothing"


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
    assert load(client).wins.in_session == {"loyal": (1, 100.0)}


def test_decisions_without_caps_are_appended(client):
    assert commit(client, {}, [{"n": 1}, {"n": 2}]) == set()

    assert client.xlen(DECISIONS) == 2
    assert load(client).wins.in_session == {}


def test_where_one_cap_is_used_up_nothing_is_written(client):
    commit(client, {"loyal": (1, 1)})

    assert commit(client, {"fresh": (1, 1), "loyal": (1, 1)}) == {"loyal"}
    assert client.xlen(DECISIONS) == 1
    assert load(client).wins.in_session == {"loyal": (1, 100.0)}


def test_a_rule_that_wins_twice_in_one_answer_counts_twice(client):
    assert commit(client, {"loyal": (2, 3)}) == set()
    assert commit(client, {"loyal": (2, 3)}) == {"loyal"}


def test_caps_are_of_one_session(client):
    commit(client, {"loyal": (1, 1)}, session="s1")

    assert commit(client, {"loyal": (1, 1)}, session="s2") == set()
    assert load(client, "s3").wins.in_session == {}


def test_wins_before_the_time_given_do_not_count(client):
    commit(client, {"loyal": (1, 1)}, at=100.0)

    assert commit(client, {"loyal": (1, 1)}, at=150.0, since=99.0) == {"loyal"}
    assert commit(client, {"loyal": (1, 1)}, at=200.0, since=101.0) == set()
    assert load(client).wins.in_session == {"loyal": (1, 200.0)}


def test_caps_are_forgotten_after_a_day(client):
    commit(client, {"loyal": (1, 1)})

    assert 86_300 < client.ttl(keys.caps_key(shop.WORKSPACE, "s1", "u:alice")) <= 86_400


def test_wins_by_period_are_counted_and_read(client):
    win(client, by_day(), Count("user", "loyal", "ever", 1, 5), Count("week", "fresh", "2026-W47", 2, 2))

    assert load(client).wins == Wins(
        "s1", {}, {"day:loyal": {"2026-11-21": 1}, "user:loyal": {"ever": 1}, "week:fresh": {"2026-W47": 2}}
    )  # fmt: skip


def test_a_used_up_period_refuses_and_a_new_one_does_not(client):
    refused = [win(client, by_day(day=day)) for day in ("2026-11-21", "2026-11-21", "2026-11-22")]

    assert refused == [set(), {"loyal"}, set()]


def test_one_used_up_cap_of_several_refuses_all_and_nothing_is_written(client):
    win(client, by_day("loyal"))
    before = load(client).wins
    counts = [Count("session", "fresh", "", 1, 1), by_day("fresh"), Count("user", "loyal", "ever", 1, 9), by_day("loyal")]

    assert win(client, *counts) == {"loyal"}
    assert load(client).wins == before
    assert client.xlen(DECISIONS) == 1


def test_a_rule_whose_two_caps_are_used_up_is_named_once(client):
    both = [by_day(), Count("user", "loyal", "ever", 1, 1)]
    win(client, *both)

    assert win(client, *both) == {"loyal"}


def test_an_older_period_does_not_free_the_newer_one(client):
    """Requests of one moment are on different days where they name different time zones, and may overtake each other."""
    refused = [win(client, by_day(day=day)) for day in ("2026-11-22", "2026-11-21", "2026-11-22", "2026-11-21")]

    assert refused == [set(), set(), {"loyal"}, {"loyal"}]


def test_only_the_periods_won_in_last_are_kept(client):
    for number in range(1, 10):
        win(client, by_day(day=f"2026-11-{number:02}"))

    assert list(load(client).wins.by_period["day:loyal"]) == ["2026-11-09", "2026-11-08", "2026-11-07", "2026-11-06"]


def test_a_rule_named_like_a_kind_of_cap_has_counts_of_its_own(client):
    assert win(client, by_day("day"), Count("user", "day", "ever", 1, 1), Count("session", "day", "", 1, 1)) == set()
    assert win(client, by_day("user")) == set()
    assert load(client).wins.by_period.keys() == {"day:day", "user:day", "day:user"}


def test_wins_by_period_are_kept_400_days_after_the_last_one(client):
    win(client, by_day())

    assert 400 * 86_400 - 60 < client.ttl(keys.user_caps_key(shop.WORKSPACE, "u:alice")) <= 400 * 86_400


def test_what_cannot_matter_any_more_leaves_a_large_hash(client):
    key, now, day = keys.user_caps_key(shop.WORKSPACE, "u:alice"), int(time.time()), 86_400
    kept = {"day:a": f"{now - 2 * day} 2026-11-21 1", "week:a": f"{now - 8 * day} 2026-W47 1", "user:a": f"{now - 399 * day} ever 1"}
    gone = {"day:b": f"{now - 4 * day} 2026-11-21 1", "week:b": f"{now - 10 * day} 2026-W47 1", "user:b": f"{now - 401 * day} ever 1"}
    client.hset(key, mapping={**kept, **gone})
    win(client, by_day("small"))
    assert client.hlen(key) == 7
    client.hset(key, mapping={f"day:old{number}": f"{now - 4 * day} 2026-11-21 1" for number in range(200)})

    win(client, by_day("fresh"))

    assert {field.decode() for field in client.hkeys(key)} == {*kept, "day:small", "day:fresh"}


def test_a_count_that_cannot_be_read_is_unavailable_not_a_crash(client):
    client.hset(keys.user_caps_key(shop.WORKSPACE, "u:alice"), "day:loyal", b"broken 2026-11-21 often")

    with pytest.raises(Unavailable):
        load(client)


def test_a_last_win_of_the_day_goes_to_one_of_fifty_concurrent_decisions(client):
    with ThreadPoolExecutor(50) as pool:
        refused = list(pool.map(lambda _: win(client, by_day(limit=3), Count("user", "loyal", "ever", 1, 9)), range(50)))

    assert refused.count(set()) == 3
    assert client.xlen(DECISIONS) == 3
    assert load(client).wins.by_period == {"day:loyal": {"2026-11-21": 3}, "user:loyal": {"ever": 3}}


def test_a_cap_of_one_lets_one_of_fifty_concurrent_decisions_through(client):
    with ThreadPoolExecutor(50) as pool:
        refused = list(pool.map(lambda _: commit(client, {"loyal": (1, 1)}), range(50)))

    assert refused.count(set()) == 1
    assert client.xlen(DECISIONS) == 1
    assert load(client).wins.in_session == {"loyal": (1, 100.0)}


def test_decisions_are_refused_when_redis_is_full_and_states_are_still_read(client):
    commit(client, {})
    client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
    try:
        with pytest.raises(Unavailable, match="OutOfMemory"):
            commit(client, {})
        assert load(client).wins.in_session == {}
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
