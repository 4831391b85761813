"""Two states made one: field by field, by stated rules, and as if all had been one user's from the start."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import encode_state, limits, new_state
from decisioning.tagging.aliases import MERGED, REFUSED, Alias
from decisioning.tagging.decay import level_at
from decisioning.tagging.dedup import Seen, remembered
from decisioning.tagging.dedup import joined as joined_ids
from decisioning.tagging.joining import FIELDS, joined
from decisioning.tagging.sessions import INACTIVITY
from decisioning.tagging.state import UserState
from decisioning.tagging.windows import MOST
from tests.tagging.building import DAY, HOUR, START, defined, event, folded, identify, seen

SHOP = defined(
    "counts.views.10m",
    "counts.seconds.1h",
    traits=[
        {"key": "plan"},
        {"key": "source", "merge": "first"},
        {"key": "points", "type": "number", "merge": "sum"},
        {"key": "likes", "type": "many_of", "merge": "union"},
    ],
    signals=[{"key": "views", "event": "View"}, {"key": "seconds", "event": "View", "value": "properties.seconds"}],
    tags=[
        {"key": "looking", "ttl": "10m", "assign": {"event": "View"}},
        {"key": "cart", "assign": {"event": "Cart"}, "remove": {"event": "Order"}},
        {"key": "fan", "assign": {"event": "View", "count": {"at_least": 3, "within": "1h"}}},
    ],
    scores=[
        {"key": "faded", "half_life": "10m", "terms": [{"signal": "seconds", "take": take} for take in ("sum", "last", "max")]},
        {"key": "plain", "terms": [{"signal": "seconds", "take": take, "weight": 2} for take in ("sum", "last", "max")]},
    ],
)
AS_ONE = [
    "counts.views.10m",
    "counts.views.total",
    "counts.seconds.1h",
    "counts.seconds.total",
    "scores.faded",
    "scores.plain",
    "traits.plan",
]
SPAN = 7_200


def test_every_field_of_a_state_has_a_rule():
    assert set(FIELDS) == set(UserState.__struct_fields__)


told = st.tuples(st.sampled_from(["View", "Cart", "Identified"]), st.integers(0, SPAN), st.integers(0, 60), st.sampled_from("abc"))
histories = st.lists(st.tuples(told, st.integers(0, 2)), max_size=25, unique_by=lambda one: one[0][1])


def an_event(kind: str, at: int, number: int, text: str):
    traits = {"plan": text, "source": text, "points": number, "likes": [text, number]} if kind == "Identified" else {}
    return event(kind, at, received=SPAN, properties={"seconds": number}, traits=traits, message_id=f"at {at}", session="s")


def three(history):
    """What each of three ids came to, and all of it as one user's."""
    events = [(an_event(*one), whose) for one, whose in history]
    return [folded(SHOP, [one for one, user in events if user == whose]) for whose in range(3)], folded(SHOP, [one for one, _ in events])


def comparable(state: UserState):
    numbers = {**state.totals, **{name: level_at(level, START + SPAN, int(name.split("|")[2])) for name, level in state.levels.items()}}
    sets = {"likes": sorted(map(str, state.traits["likes"].value))} if "likes" in state.traits else {}
    exact = {
        "seen": (state.first_seen, state.last_seen, state.revision),
        "traits": {key: trait for key, trait in state.traits.items() if key != "likes"},
        "windows": {key: {length: sorted(held.items()) for length, held in lengths.items()} for key, lengths in state.windows.items()},
        "tags": state.tags,
        "progress": state.progress,
        "session": state.session,
        "ids": sorted(joined_ids(state.seen, Seen()).young[at : at + 8] for at in range(0, len(state.seen.young), 8)),
    }
    return {**exact, **sets}, numbers


def assert_equal(one: UserState, other: UserState):
    (exact, numbers), (exact_too, numbers_too) = comparable(one), comparable(other)
    assert exact == exact_too
    assert {name: pytest.approx(value) for name, value in numbers.items()} == numbers_too


@settings(max_examples=150, deadline=None)
@given(histories)
def test_who_is_joined_with_whom_first_does_not_matter_where_it_is_said_not_to(history):
    (a, b, c), _ = three(history)

    assert_equal(joined(SHOP, joined(SHOP, a, b), c), joined(SHOP, a, joined(SHOP, b, c)))
    assert_equal(joined(SHOP, a, b), joined(SHOP, b, a))


@settings(max_examples=150, deadline=None)
@given(histories, st.integers(0, 4_000))
def test_joined_states_say_what_one_users_state_would(history, later):
    (a, b, c), one = three(history)
    both = joined(SHOP, joined(SHOP, a, b), c)
    now = SPAN + later

    for name in AS_ONE:
        assert seen(SHOP, both, now).get(name) == pytest.approx(seen(SHOP, one, now).get(name), abs=1e-6)
    # But for count tags: whether there are enough is found by the next event.
    assert set(seen(SHOP, both, now).get("tags")) - {"fan"} == set(seen(SHOP, one, now).get("tags")) - {"fan"}


@given(histories)
def test_joining_with_a_new_user_changes_nothing_and_no_state_is_written_to(history):
    (a, b, _), _ = three(history)
    before = encode_state(a), encode_state(b)

    assert joined(SHOP, a, new_state()) == a
    assert joined(SHOP, new_state(), a) == a
    joined(SHOP, a, b)
    assert (encode_state(a), encode_state(b)) == before


TRAITS = [
    ("plan", "free", "gold", "gold"),
    ("plan", "free", None, None),
    ("source", "ad", "mail", "ad"),
    ("source", None, "mail", "mail"),
    ("points", 3, 4.5, 7.5),
    ("points", 3, None, 3),
    ("points", "many", 4, 4),
    ("points", "many", True, True),
    ("likes", ["a", "b"], ["b", "c"], ["a", "b", "c"]),
    ("likes", ["a", 1], ["1", 1.0, {"x": 1}], ["a", 1, "1", 1.0, {"x": 1}]),
    ("likes", ["a"], None, ["a"]),
    ("likes", "a", "b", "b"),
]


@pytest.mark.parametrize(("key", "first", "last", "outcome"), TRAITS)
def test_two_values_of_a_trait_become_one_by_its_rule(key, first, last, outcome):
    older, newer = folded(SHOP, [identify(0, **{key: first})]), folded(SHOP, [identify(9, **{key: last})])

    assert joined(SHOP, older, newer).traits[key].value == outcome
    assert joined(SHOP, newer, older).traits[key].value == outcome


def test_a_union_that_is_too_long_gives_way_to_the_list_told_last():
    older, newer = (folded(SHOP, [identify(at, likes=[f"{at}-{number:03}" for number in range(400)])]) for at in (0, 9))

    both = joined(SHOP, older, newer)

    assert (both.traits["likes"].value[0], both.ignored) == ("9-000", {"traits": 1})


def tags(*events):
    return folded(SHOP, events)


def test_a_tag_of_both_is_held_since_the_earliest_until_the_latest():
    one, other = tags(event("View", 0)), tags(event("View", 60))

    tag = joined(SHOP, one, other).tags["looking"]

    assert (tag.since, tag.expires, tag.at) == (START, START + 60 + 600, START + 60)
    assert joined(SHOP, other, one).tags["looking"] == tag


@pytest.mark.parametrize(("taken", "held"), [(5, []), (0, ["cart"])], ids=["the removal is newer", "the tag is newer"])
def test_of_a_tag_and_its_removal_the_newer_counts(taken, held):
    one, other = tags(event("Cart", 3)), tags(event("Order", taken))

    assert seen(SHOP, joined(SHOP, one, other), 9).get("tags") == held
    assert seen(SHOP, joined(SHOP, other, one), 9).get("tags") == held


@pytest.mark.parametrize(
    ("first", "second", "named", "events"),
    [
        ((0, None), (INACTIVITY, None), f"auto-{int(START)}", 2),
        ((0, None), (INACTIVITY + 1, None), f"auto-{int(START + INACTIVITY + 1)}", 1),
        ((0, "s-1"), (DAY, "s-1"), "s-1", 2),
        ((0, "s-1"), (5, "s-2"), "s-2", 1),
        ((0, None), (5, "s-2"), "s-2", 1),
        ((9, "s-1"), (5, None), "s-1", 1),
    ],
)
def test_two_sessions_are_one_where_they_are_one_visit_and_else_the_last_counts(first, second, named, events):
    one, other = (folded(SHOP, [event("View", at, session=session)]) for at, session in (first, second))

    for both in (joined(SHOP, one, other), joined(SHOP, other, one)):
        assert (both.session.id, both.session.events, both.session.sums["views"]) == (named, events, events)


def test_buckets_a_window_behind_the_newest_are_dropped():
    one, other = folded(SHOP, [event("View", 0)]), folded(SHOP, [event("View", 5 * HOUR)])

    assert [len(held) for held in joined(SHOP, one, other).windows["views"].values()] == [1]
    assert seen(SHOP, joined(SHOP, one, other), 5 * HOUR).get("counts.views.10m") == 1


def test_message_ids_of_both_are_known_after_as_long_as_a_generation_lasts():
    now = 10 * 1_800.0
    one, other, old = remembered(Seen(), "one", now), remembered(Seen(), "other", now), remembered(Seen(), "old", now - 1_800)

    for both in (joined_ids(joined_ids(one, other), old), joined_ids(old, joined_ids(other, one))):
        assert [remembered(both, message_id, now) for message_id in ("one", "other", "old")] == [None, None, None]
    assert remembered(joined_ids(one, remembered(Seen(), "older", now - 3_600)), "older", now) is not None


LARGE = defined(
    *[f"counts.v{which}-{signal}.{60 + length}m" for which in (0, 1) for signal in range(50) for length in range(4)],
    signals=[{"key": f"v{which}-{signal}", "event": f"View {which}"} for which in (0, 1) for signal in range(50)],
    tags=[{"key": f"t{which}-{tag}", "assign": {"event": f"View {which}"}} for which in (0, 1) for tag in range(300)]
    + [
        {"key": f"c{which}-{tag}", "assign": {"event": f"View {which}", "count": {"at_least": 20}}}
        for which in (0, 1)
        for tag in range(150)
    ],
    scores=[
        {"key": f"s{half}-{which}", "half_life": f"{half}m", "terms": [{"signal": f"v{which}-{signal}"} for signal in range(50)]}
        for which in (0, 1)
        for half in range(1, 5)
    ],
)


def full(which: int):
    """A state of which two are more than one can hold."""
    traits = {f"x{which}-{number}": "x" * 200 for number in range(150)}
    state = folded(LARGE, [event(f"View {which}", at, user=f"a:{which}-{at}", traits=traits) for at in range(20)])
    ids = b"".join(f"{which}{number:07}".encode() for number in range(limits.MESSAGE_IDS))
    state.seen = Seen(state.seen.generation, ids, ids)
    return state


def test_what_is_past_a_limit_is_counted_and_the_joined_state_is_no_larger_than_any():
    both = joined(LARGE, full(0), full(1))

    assert len(both.seen.young) == len(both.seen.old) == limits.MESSAGE_IDS * 8
    assert (len(both.ids), len(both.traits) <= limits.TRAITS, len(both.tags)) == (limits.IDS, True, limits.TAGS)
    assert sum(map(len, both.windows.values())) == limits.WINDOWS
    assert (len(both.levels), len(both.progress)) == (limits.LEVELS, limits.PROGRESS)
    assert both.ignored.keys() >= {"ids", "traits", "tags", "windows", "levels", "progress"}
    assert all(len(held) <= MOST + 1 for lengths in both.windows.values() for held in lengths.values())
    assert len(encode_state(both)) <= limits.STATE_BYTES


def test_past_the_limit_of_ids_refused_ones_go_first_and_then_the_oldest():
    one, other = new_state(), new_state()
    one.aliases = {f"a:{number}": Alias(MERGED, float(number), merge="m") for number in range(60)}
    other.aliases = {f"b:{number}": Alias(REFUSED if number < 30 else MERGED, 1_000.0 + number, "u:x") for number in range(60)}

    for both in (joined(SHOP, one, other), joined(SHOP, other, one)):
        assert len(both.aliases) == limits.ALIASES
        assert sum(record.status == MERGED for record in both.aliases.values()) == 90
        assert "b:19" not in both.aliases
