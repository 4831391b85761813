"""Groups of tags of which a user has one at a time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from decisioning.tagging import fold
from decisioning.tagging.groups import settled
from decisioning.tagging.state import REMOVED
from tests.tagging.building import DAY, defined, event, folded, seen

TIERS = defined(
    tags=[
        {"key": "gold", "group": "tier", "assign": {"event": "Gold"}, "remove": {"events": ["Left", "Closed"]}},
        {"key": "silver", "group": "tier", "ttl": "10d", "assign": {"event": "Silver"}},
        {"key": "bronze", "group": "tier", "ttl": "1d", "assign": {"event": "Bronze"}},
        {"key": "member", "assign": {"event": "Gold"}},
    ]
)


def tags(events, after=0.0):
    return sorted(seen(TIERS, folded(TIERS, events), after).get("tags"))


def test_gaining_one_takes_the_others_away_and_nothing_else():
    state = folded(TIERS, [event("Gold", 0)])
    changes = fold(TIERS, state, event("Silver", 1)).changes

    assert tags([event("Gold", 0), event("Silver", 1)], 1) == ["member", "silver"]
    assert ("tag_removed", "gold", "silver took its place at 2026-11-21T10:00:01Z") in [
        (change.kind, change.key, change.because) for change in changes
    ]


def test_the_newest_wins_also_when_it_arrives_first():
    assert tags([event("Silver", 1), event("Gold", 0)], 1) == ["member", "silver"]


def test_a_late_one_does_not_come_back_long_after():
    events = [event("Gold", 0), event("Silver", DAY), event("Gold", 5 * DAY), event("Silver", 4 * DAY)]

    assert tags(events, 5 * DAY) == ["gold", "member"]


def test_a_late_one_gives_way_when_nothing_says_any_more_that_it_was_taken_away():
    patient = replace(TIERS, lateness=30 * DAY)
    state = folded(patient, [event("Gold", 5 * DAY), event("Anything", 7 * DAY), event("Silver", 4 * DAY)])

    assert sorted(seen(patient, state, 7 * DAY).get("tags")) == ["gold", "member"]


def test_of_one_event_that_gives_two_the_last_in_the_document_wins():
    both = defined(tags=[{"key": key, "group": "g", "assign": {"event": "Both"}} for key in ("one", "two")])

    assert seen(both, folded(both, [event("Both")])).get("tags") == ["two"]


def test_several_events_may_take_a_tag_away():
    assert [tags([event("Gold", 0), event(name, 1)], 1) for name in ("Left", "Closed", "Silver")] == [
        ["member"],
        ["member"],
        ["member", "silver"],
    ]


def test_of_two_users_who_become_one_the_newest_of_a_group_stays():
    one, other = folded(TIERS, [event("Gold", 0)]), folded(TIERS, [event("Silver", 5)])
    both = settled({**one.tags, "silver": other.tags["silver"]}, TIERS.groups)

    assert {key for key, tag in both.items() if tag.expires != REMOVED} == {"silver", "member"}
    assert both["gold"].at == other.tags["silver"].at


told = st.lists(
    st.tuples(st.sampled_from(["Gold", "Silver", "Bronze", "Left", "Other"]), st.integers(0, 80_000)),
    max_size=12,
    unique_by=lambda one: one[1],
)


@settings(max_examples=300, deadline=None)
@given(told, st.randoms(use_true_random=False))
def test_within_a_day_the_order_of_arrival_does_not_matter(told, random):
    shuffled = list(told)
    random.shuffle(shuffled)
    one, other = ([event(name, at, received=DAY, message_id=str(at)) for name, at in order] for order in (told, shuffled))
    in_order = sorted(one, key=lambda event: event.at)

    for after in (80_000, 100_000, 200_000):
        assert set(tags(one, after)) == set(tags(other, after)) == set(tags(in_order, after))
