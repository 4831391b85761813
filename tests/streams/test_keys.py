"""Names in Redis: where a user's keys live, and that no two of them meet."""

from __future__ import annotations

from decisioning import keys


def test_all_keys_of_a_user_are_in_the_slot_of_the_users_partition():
    partition = keys.partition_of("shop", "u:alice")
    names = [
        keys.state_key("shop", "u:alice"),
        keys.caps_key("shop", "s1", "u:alice"),
        keys.user_caps_key("shop", "u:alice"),
        keys.events_key(partition),
        keys.decisions_key(partition),
    ]

    assert {name.split("}")[0] for name in names} == {f"{{p{partition}"}


def test_a_users_partition_never_changes():
    # Stored data depends on it: another number here means that every user's state would be lost.
    assert keys.partition_of("shop", "u:alice") == 3


def test_braces_and_colons_in_ids_make_no_two_users_share_a_key():
    users = ["u:a", "u:a:b", "u:{p1}:a", "u:a}", "a:a"]
    sessions = ["s", "s:u", "s:u:a", ""]

    assert len({keys.state_key("shop", user) for user in users}) == len(users)
    assert len({keys.user_caps_key("shop", user) for user in users}) == len(users)
    assert len({keys.caps_key("shop", session, user) for user in users for session in sessions}) == len(users) * 4


def test_users_spread_evenly_over_the_partitions():
    counts = [0] * 16
    for number in range(16_000):
        counts[keys.partition_of("shop", f"u:{number}")] += 1

    assert max(counts) < 1_200
