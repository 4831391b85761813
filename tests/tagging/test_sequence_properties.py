"""Sequences against a plain search of all ways through the events, and timers whoever fires them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import advance, encode_state, fold, new_state
from rules.engine.durations import seconds
from tests.tagging.building import START, defined, event

NAMES = "ABCD"


@st.composite
def steps(draw):
    """One to three steps that happen, some with times of their own, forbidden ones after some of them."""
    made = []
    happening = draw(st.integers(1, 3))
    for number in range(happening):
        limit = draw(st.sampled_from([None, None, 5, 15])) if number else None
        made.append({"event": draw(st.sampled_from(NAMES)), "times": draw(st.sampled_from([1, 1, 2])), **within(limit)})
        if draw(st.booleans()) and (number + 1 < happening or draw(st.booleans())):
            made.append({"event": draw(st.sampled_from(NAMES)), "not": True})
    if len(made) < 2:
        made.append({"event": draw(st.sampled_from(NAMES)), "not": draw(st.booleans())})
    if made[-1].get("not"):
        made[-1] |= within(draw(st.sampled_from([None, 7])))
    total = draw(st.sampled_from([None, 10, 30]))
    return {"steps": made, **within(30 if total is None and made[-1].get("not") else total)}


def within(limit):
    return {"within": f"{limit}s"} if limit else {}


histories = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 6)), max_size=25)


def times_given(definitions, told):
    """When the tag was given, the events being folded in order."""
    state, found, at = new_state(), [], 0
    for name, pause in told:
        at += pause
        result = fold(definitions, state, event(name, at))
        state, found = result.state, found + result.changes
    found += advance(definitions, state, START + at + 1_000).changes
    return [change.at - START for change in found if change.kind in {"tag_added", "tag_extended"}]


def searched(assign, told):
    """The same by keeping every way through the events: a way is the times of the events it took."""
    made = assign["steps"]
    places = [(index, nth) for index, step in enumerate(made) if not step.get("not") for nth in range(step.get("times", 1))]
    total = seconds(assign["within"]) if "within" in assign else None
    last = made[-1]
    wait = (seconds(last["within"]) if "within" in last else None) if last.get("not") else None
    ways, given, waiting, at = [], [], None, 0
    for name, pause in [*told, (None, 1_000)]:
        at += pause
        if waiting is not None and waiting <= at:
            given.append(waiting)
            ways, waiting = [], None
        kept = []
        for way in ways:
            index = places[len(way) - 1][0]
            following = places[len(way)][0] if len(way) < len(places) else len(made)
            forbidden = {
                step["event"] for step in made[(index if following != index else before(made, index)) : following] if step.get("not")
            }
            if name not in forbidden:
                kept.append(way)
        grown = [(at,)] if made[0]["event"] == name else []
        for way in kept:
            if len(way) < len(places):
                index, nth = places[len(way)]
                step = made[index]
                since = way[-1 - nth] if index else way[0]
                if (
                    step["event"] == name
                    and (total is None or at - way[0] <= total)
                    and ("within" not in step or at - since <= seconds(step["within"]))
                ):
                    grown.append((*way, at))
        ways = kept + grown
        whole = [way for way in ways if len(way) == len(places)]
        if whole and not last.get("not"):
            given.append(at)
            ways, whole = [], []
        newest = max(((way[-1], way[0]) for way in whole), default=None)
        waiting = None if newest is None else newest[0] + wait if wait is not None else newest[1] + (total or 0)
    return given


def before(made, index):
    """Where the step before this one stands: what is forbidden before this step is forbidden until it has come as often as it must."""
    return max(number for number in range(-1, index) if number < 0 or not made[number].get("not"))


@settings(max_examples=300, deadline=None)
@given(steps(), histories)
def test_a_sequence_finds_what_a_search_of_all_ways_finds(assign, told):
    definitions = defined(tags=[{"key": "done", "assign": assign}])

    assert times_given(definitions, told) == searched(assign, told)


SHOP = defined(
    tags=[
        {"key": "left", "group": "cart", "ttl": "20s", "assign": {"steps": [{"event": "A"}, {"event": "B", "not": True}], "within": "9s"}},
        {"key": "full", "group": "cart", "assign": {"event": "A"}, "remove": {"event": "B"}},
        {"key": "away", "assign": {"event": "*", "inactive": "5s"}, "remove": {"event": "C"}},
        {"key": "back", "group": "cart", "assign": {"event": "D", "when": {"name": "tags", "operator": "contains", "value": "away"}}},
        {"key": "twice", "assign": {"steps": [{"event": "A", "times": 2}, {"event": "C", "not": True}, {"event": "D"}], "within": "1m"}},
    ]
)
late = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 8), st.sampled_from([0, 0, 0, 3, 20, 200])), max_size=20)


def uploads(told):
    """Received one after another, some of them long after they happened."""
    received, events = 0, []
    for number, (name, pause, lateness) in enumerate(told):
        received += pause
        events.append(event(name, received - lateness, received=received, message_id=str(number)))
    return events


@settings(max_examples=300, deadline=None)
@given(late, st.lists(st.integers(0, 250), max_size=10))
def test_it_does_not_matter_who_fires_a_timer_and_when(told, looks):
    events = uploads(told)
    plain = new_state()
    for one in events:
        plain = fold(SHOP, plain, one).state
    watched = new_state()
    for one in events:
        for look in sorted(looks):
            if START + look < one.received:
                watched = advance(SHOP, watched, START + look).state
        watched = fold(SHOP, watched, one).state

    assert encode_state(watched) == encode_state(plain)
    stepwise = watched
    for look in range(0, 1_000, 37):
        stepwise = advance(SHOP, stepwise, START + look).state
    assert encode_state(stepwise) == encode_state(advance(SHOP, plain, START + 999).state)


@settings(max_examples=300, deadline=None)
@given(late)
def test_of_a_group_no_two_tags_are_ever_held(told):
    state = new_state()
    for one in uploads(told):
        state = fold(SHOP, state, one).state
        for later in (0, 5, 30, 500):
            held = advance(SHOP, state, one.received + later).state.tags
            assert sum(held[key].expires != -1 for key in ("left", "full", "back") if key in held) <= 1
