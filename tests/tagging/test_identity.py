"""Several ids of one user: merged once and for good, and nothing lost or counted twice, however messages travel."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import describe, encode_state, fold, limits, new_state
from decisioning.tagging.aliases import REFUSED, Alias, Conflict
from decisioning.tagging.decay import level_at
from tests.tagging.building import MINUTE, START, defined, event, folded, identify, seen
from tests.tagging.delivery import Partitions

SHOP = defined(
    "counts.views.1h",
    traits=[
        {"key": "plan"},
        {"key": "source", "merge": "first"},
        {"key": "points", "type": "number", "merge": "sum"},
        {"key": "likes", "type": "many_of", "merge": "union"},
    ],
    signals=[{"key": "views", "event": "View"}],
    tags=[
        {"key": "buyer", "ttl": "7d", "assign": {"event": "Order"}},
        {"key": "cart", "assign": {"event": "Cart"}, "remove": {"event": "Order"}},
        {"key": "fan", "assign": {"event": "View", "count": {"at_least": 3, "within": "1h"}}},
    ],
    scores=[{"key": "intent", "half_life": "10m", "terms": [{"signal": "views"}]}],
)


def view(at: float, user: str, **told):
    return event("View", at, user=user, **told)


def alias(at: float, user: str, previous: str):
    return event("Aliased", at, user=user, alias=previous)


def after(*events):
    partitions = Partitions(SHOP)
    for one in events:
        partitions.send([one])
        partitions.run()
    return partitions


def shown(partitions: Partitions, user: str, at: float = 0.0):
    return describe(SHOP, partitions.state(user), now=START + at)


def test_what_an_anonymous_visitor_did_is_the_known_users_once_both_come_together():
    shop = after(view(0, "a:1"), event("Cart", 1, user="a:1"), identify_as("alice", "a:1", 2))

    alice = shop.state("u:alice")
    assert (alice.totals, list(alice.tags), alice.first_seen) == ({"views": 1}, ["cart"], START)
    assert alice.ids == ["u:alice", "a:1"]
    assert seen(SHOP, alice, 2).get("counts.views.1h") == 1


def identify_as(user: str, anonymous: str, at: float = 0.0, **traits):
    return msgspec.structs.replace(identify(at, **traits), user=f"u:{user}", alias=anonymous)


def test_a_merged_id_keeps_nothing_but_whose_it_is():
    shop = after(view(0, "a:1"), identify_as("alice", "a:1", 1))

    left = shop.state("a:1")
    assert left.merged_into == "u:alice"
    assert len(encode_state(left)) < 100
    assert describe(SHOP, left, now=START)["counts"]["views"]["total"] == 0


def test_what_comes_to_a_merged_id_later_counts_for_its_user():
    shop = after(identify_as("alice", "a:1", 0), view(1, "a:1"), view(2, "a:1"))

    assert shop.state("u:alice").totals == {"views": 2}
    assert shop.outcomes["forwarded"] == 2


def test_a_message_counted_for_the_visitor_does_not_count_again_for_the_user():
    once = view(0, "a:1", message_id="the same")
    again = msgspec.structs.replace(once, user="u:alice")

    assert after(once, identify_as("alice", "a:1", 1), once, again).state("u:alice").totals == {"views": 1}


def test_a_count_tag_under_way_goes_on_where_the_visitor_left_off():
    shop = after(view(0, "a:1"), view(1, "a:1"), identify_as("alice", "a:1", 2), view(3, "u:alice"))

    assert seen(SHOP, shop.state("u:alice"), 3).get("tags") == ["fan"]


def test_before_and_after_logging_in_is_one_session():
    shop = after(view(0, "a:1"), view(MINUTE, "a:1"), identify_as("alice", "a:1", 2 * MINUTE), view(3 * MINUTE, "u:alice"))

    session = shop.state("u:alice").session
    assert (session.started, session.last, session.events, session.sums) == (START, START + 3 * MINUTE, 4, {"views": 3})


def test_several_devices_come_together_in_one_user():
    shop = after(view(0, "a:phone"), view(1, "a:laptop"), identify_as("alice", "a:phone", 2), identify_as("alice", "a:laptop", 3))

    assert shop.state("u:alice").totals == {"views": 2}
    assert shown(shop, "u:alice")["aliases"] == ["a:phone", "a:laptop"]


def test_a_known_user_can_become_another_one_and_bring_its_devices():
    shop = after(view(0, "a:1"), identify_as("old", "a:1", 1), alias(2, "u:new", "u:old"), view(3, "a:1"), view(4, "u:old"))

    assert shop.state("u:new").totals == {"views": 3}
    assert set(shown(shop, "u:new")["aliases"]) == {"a:1", "u:old", "a:old"}
    assert shop.root("a:1") == "u:new"


def test_an_alias_of_a_secret_key_means_the_anonymous_id_of_that_name_too():
    assert after(view(0, "a:1"), alias(1, "u:alice", "u:1")).state("u:alice").totals == {"views": 1}


def test_an_anonymous_id_takes_nobody_in():
    shop = after(view(0, "a:2"), msgspec.structs.replace(view(1, "a:1"), alias="a:2"))

    assert (shop.state("a:1").totals, shop.state("a:2").totals, shop.state("a:1").aliases) == ({"views": 1}, {"views": 1}, {})


def test_of_a_shared_device_the_first_user_keeps_what_was_done_and_both_see_the_conflict():
    shop = after(view(0, "a:1"), identify_as("alice", "a:1", 1), identify_as("bob", "a:1", 2), view(3, "u:bob"))

    assert (shop.state("u:alice").totals, shop.state("u:bob").totals) == ({"views": 1}, {"views": 1})
    (of_alice,), (of_bob,) = shown(shop, "u:alice")["conflicts"], shown(shop, "u:bob")["conflicts"]
    assert (of_alice["id"], of_alice["with"], of_bob["id"], of_bob["with"]) == ("a:1", "u:bob", "a:1", "u:alice")
    assert "not undone" in of_alice["reason"]
    assert "not undone" in of_bob["reason"]
    assert shop.state("u:bob").ignored == {"merges": 1}


def test_a_refused_id_is_not_asked_for_again_with_every_event():
    shop = after(identify_as("alice", "a:1", 0), identify_as("bob", "a:1", 1))
    asked = shop.outcomes["refused"]

    for at in range(5):
        shop.send([view(2 + at, "u:bob", alias="a:1")])
    shop.run()

    assert (asked, shop.outcomes["refused"]) == (1, 1)


def test_two_users_in_conflict_who_turn_out_to_be_one_are_in_conflict_no_more():
    shop = after(view(0, "a:1"), identify_as("alice", "a:1", 1), identify_as("bob", "a:1", 2), alias(3, "u:alice", "u:bob"))

    assert shown(shop, "u:alice")["conflicts"] == []
    assert set(shown(shop, "u:alice")["aliases"]) == {"a:1", "u:bob", "a:bob"}


def test_two_users_who_are_each_said_to_be_the_other_are_one():
    shop = after(view(0, "u:x"), view(1, "u:y"), alias(2, "u:x", "u:y"), alias(3, "u:y", "u:x"))

    assert shop.root("u:y") == shop.root("u:x") == "u:x"
    assert shop.state("u:x").totals == {"views": 2}


def test_two_users_who_ask_for_each_other_in_the_same_moment_are_refused_with_a_reason_and_may_ask_again():
    shop = Partitions(SHOP)
    shop.send([view(0, "u:x"), view(1, "u:y"), alias(2, "u:x", "u:y"), alias(2, "u:y", "u:x")])
    shop.run(at_once)

    assert (shop.root("u:x"), shop.root("u:y")) == ("u:x", "u:y")
    refused = next(one for one in shown(shop, "u:x")["conflicts"] if one["id"] == "u:y")
    assert (refused["with"], "Send the alias again" in refused["reason"]) == (None, True)
    shop.send([alias(3, "u:x", "u:y")])
    shop.run()
    assert shop.state("u:x").totals == {"views": 2}
    assert shown(shop, "u:x")["conflicts"] == []


def at_once(choices: int) -> int:
    """Folds everything before any message is passed on."""
    return 0


def test_past_the_limit_of_ids_no_more_are_taken_in_and_it_is_counted():
    shop = Partitions(SHOP)
    shop.send(identify_as("alice", f"a:{number}", number) for number in range(limits.ALIASES + 3))
    shop.run()

    alice = shop.state("u:alice")
    assert (len(alice.aliases), alice.ignored["aliases"], alice.ids[0]) == (limits.ALIASES, 3, "u:alice")


def test_a_state_that_comes_again_long_after_its_message_id_was_forgotten_changes_nothing():
    given, _ = gave("a:1", view(0, "a:1"))
    alice = folded(SHOP, [given], fold(SHOP, new_state(), identify_as("alice", "a:1", 1)).state)
    later = folded(SHOP, [view(hours * 3_600, "u:alice") for hours in range(1, 5)], alice)

    again = fold(SHOP, later, given)

    assert (again.outcome, again.state) == ("duplicate", later)


def gave(user: str, *events):
    """The message that carries a state, and what is left of it."""
    asking = fold(SHOP, new_state(), identify_as("alice", user, 1)).messages[0]
    given = fold(SHOP, folded(SHOP, events), asking)
    return given.messages[0], given.state


def test_what_a_user_remembers_of_ids_is_under_the_stated_size():
    state = new_state()
    state.aliases = {
        f"a:{number:03}".ljust(300, "x"): Alias(REFUSED, START, "u:".ljust(300, "x"), "x" * 24) for number in range(limits.ALIASES)
    }
    state.conflicts = {f"a:{number:03}".ljust(300, "x"): Conflict("u:".ljust(300, "x"), START, 2**40) for number in range(limits.ALIASES)}

    assert 100_000 < len(encode_state(state)) < limits.ALIASES_BYTES


def test_a_state_too_large_for_a_message_stays_where_it_is_and_says_so(monkeypatch):
    visited = view(0, "a:1")
    monkeypatch.setattr(limits, "TRAVELS_BYTES", 50)
    shop = after(visited, identify_as("alice", "a:1", 1), view(2, "u:alice", alias="a:1"), view(3, "a:1"))

    assert (shop.state("a:1").totals, shop.state("u:alice").totals) == ({"views": 2}, {"views": 1})
    (conflict,) = shown(shop, "u:alice")["conflicts"]
    assert (conflict["id"], conflict["with"], "too large" in conflict["reason"]) == ("a:1", None, True)
    assert shop.outcomes["refused"] == 1


def test_a_merge_is_no_event_of_the_user():
    before = after(view(0, "u:alice")).state("u:alice")
    shop = after(view(0, "u:alice"), identify_as("alice", "a:1", 1))

    alice = shop.state("u:alice")
    assert (alice.revision, alice.session.events, alice.last_seen) == (before.revision + 1, before.session.events + 1, START + 1)


def test_a_merge_is_told_in_words_with_the_tags_it_brought():
    given, _ = gave("a:1", event("Cart", 0, user="a:1"))

    changes = fold(SHOP, new_state(), given).changes

    assert [(change.kind, change.key) for change in changes] == [("merged", "a:1"), ("tag_added", "cart")]


USERS = ["u:x", "u:y", "u:z", "a:1", "a:2", "a:3"]
KNOWN = USERS[:3]
done = st.one_of(
    st.tuples(st.just("view"), st.sampled_from(USERS), st.none()),
    st.tuples(st.just("with"), st.sampled_from(KNOWN), st.sampled_from(USERS[3:])),
    st.tuples(st.just("alias"), st.sampled_from(KNOWN), st.sampled_from(KNOWN)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(done, max_size=20), st.data())
def test_whatever_order_messages_take_and_however_often_they_come_each_event_counts_once_for_the_user_it_belongs_to(history, data):
    events = [happened(at, *one) for at, one in enumerate(history)]
    views = [one for one in events if one.name == "View"]
    shop = Partitions(SHOP)
    shop.send(events)

    shop.run(lambda choices: data.draw(st.integers(0, choices - 1)))

    now = START + 60
    states = shop.states()
    for user, state in states.items():
        mine = [one for one in views if shop.root(one.user) == user]
        assert state.totals.get("views", 0) == len(mine)
        assert seen(SHOP, state, 60).get("counts.views.1h") == len(mine)
        assert level_at(state.levels.get("views|sum|600"), now, 600) == pytest.approx(sum(0.5 ** ((now - one.at) / 600) for one in mine))
        assert state.revision == sum(shop.root(one.user) == user for one in events)
        assert all(record.status != 0 for record in state.aliases.values())
    for user, state in states.items():
        if state.merged_into:
            assert user in describe(SHOP, states[shop.root(user)], now=now)["aliases"]


def happened(at: int, kind: str, user: str, other: str | None):
    if kind == "alias":
        return event("Aliased", at, user=user, alias=other, message_id=f"m{at}")
    return event("View", at, user=user, alias=other, message_id=f"m{at}")
