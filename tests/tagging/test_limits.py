"""However much comes, a state stays under its limit and nothing fails."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.tagging import decode_state, describe, encode_state, fold, limits, new_state, template_data
from decisioning.tagging.event import Event
from decisioning.tagging.identity import packed
from decisioning.tagging.limits import clip, has_room
from rules.engine import limits as rules
from tests.tagging.building import START, defined, event, folded, seen, where

LONG = "ü" * 200
BY_VALUE = {"at_least": 20, "within": "400d", "by": "properties.value"}
WAITING = [{"event": LONG, "times": 20}, {"event": "Never", "not": True}]


def key(kind: str, number: int) -> str:
    return f"{kind}{number:04}".ljust(64, "x")


def test_the_largest_state_is_under_the_stated_size():
    """Beside what aggregates keep, which the next test measures."""
    names = [f"counts.{key('signal', signal)}.{length}" for signal in range(60) for length in ("61m", "62m", "63m", "64m", "65m")]
    largest = defined(
        *names,
        signals=[{"key": key("signal", number), "event": LONG, "value": "properties.x"} for number in range(600)],
        tags=[
            *({"key": key("byvalue", number), "assign": {"event": "Small", "count": BY_VALUE}} for number in range(30)),
            *({"key": key("plain", number), "assign": {"event": LONG}} for number in range(320)),
            *({"key": key("count", number), "ttl": "30d", "assign": {"event": LONG, "count": {"at_least": 20}}} for number in range(260)),
            *({"key": key("sequence", number), "assign": {"steps": WAITING, "within": "400d"}} for number in range(110)),
        ],
        scores=[
            {"key": f"score{score}", "half_life": "7d", "terms": [{"signal": key("signal", score * 50 + term)} for term in range(50)]}
            for score in range(5)
        ],
    )
    traits = {f"trait{number:03}".ljust(95, "x"): "y" * 40 + "ü" * 20 for number in range(300)}
    page = dict.fromkeys(("path", "url", "title", "referrer"), "ü" * 2_000)
    events = [
        event(
            LONG, number * 66.0, user=f"a:{number:03}{'ü' * 300}", session="ü" * 400, traits=traits, context={"page": page},
            properties={"x": number + 0.1},
        )
        for number in range(62)
    ]  # fmt: skip
    values = [event("Small", number / 7, user="a:000", properties={"value": f"{number % 12}{'ü' * 40}"}) for number in range(12 * 22)]
    state = folded(largest, [*values, *events])
    for number in range(2 * limits.MESSAGE_IDS):
        state = fold(largest, state, event("Anything", 4_200, message_id=str(number))).state

    assert 400_000 < len(encode_state(state)) <= limits.STATE_BYTES - limits.KEPT_BYTES - limits.ALIASES_BYTES
    assert len(packed(state)) < limits.TRAVELS_BYTES - limits.KEPT_BYTES, "the largest state must travel when users are merged"
    assert state.ignored.keys() == {"traits", "ids", "totals", "windows", "levels", "tags", "progress", "sequences", "grouped"}
    assert (len(state.timers), {len(ways) for ways in state.sequences.values()}) == (limits.SEQUENCES, {20})
    assert decode_state(encode_state(state)) == state


def test_what_documents_may_ask_for_is_kept():
    assert rules.VALUES_APART <= limits.EXACT
    assert rules.SEQUENCE_EVENTS == 20  # what SEQUENCES is measured by


def test_the_most_that_aggregates_keep_is_under_the_stated_size():
    """The two that take most: counts of texts with the user, sketches of many numbers in the session; each as often as there is room."""
    words = [f"values.{key('text', number)}.most_frequent.1h" for number in range(60)]
    ranks = [f"values.{key('number', number)}.percentile.session" for number in range(60)]
    signals = [{"key": key("text", number), "event": "X", "value": "properties.text", "type": "text"} for number in range(60)]
    signals += [{"key": key("number", number), "event": "Y", "value": "properties.number"} for number in range(60)]
    definitions = defined(*words, *ranks, signals=signals)
    texts = [event("X", at * 13.9, properties={"text": f"{at % 20:02}{'x' * 100}"}) for at in range(280)]
    numbers = [event("Y", 3_900 + at, properties={"number": sign * 1e-3 * 1.1**at}) for at in range(290) for sign in (1, -1)]
    state = folded(definitions, [*texts, *numbers])

    assert 250_000 < len(encode_state(state)) - len(state.seen.young) - len(state.seen.old) <= limits.KEPT_BYTES
    assert state.ignored == {"values": 10 * (280 + 580)}
    assert decode_state(encode_state(state)) == state


def test_past_a_limit_what_is_no_longer_defined_makes_room():
    old = defined(tags=[{"key": f"old{number}", "assign": {"event": "Old"}} for number in range(500)])
    new = defined(tags=[{"key": "new", "assign": {"event": "New"}}])

    state = folded(new, [event("New", 1)], folded(old, [event("Old", 0)]))

    assert seen(new, state, 2).get("tags") == ["new"]
    assert state.ignored == {}


def test_below_the_limit_nothing_makes_room():
    entries = {"kept": 1}

    assert has_room(entries, 2, frozenset())
    assert entries == {"kept": 1}


def test_a_clipped_text_fits_and_can_be_encoded():
    assert clip("abc", 3) == "abc"
    assert clip("abcd", 3) == "abc"
    assert clip("aü", 2) == "a"
    assert clip("\ud800b", 10) == "?b"


def test_sums_past_64_bits_are_kept_as_floats():
    definitions = defined(signals=[{"key": "x", "event": "X", "value": "properties.x"}])
    state = new_state()
    state.totals = {"x": 2**53 - 1}

    assert decode_state(encode_state(folded(definitions, [event("X", properties={"x": 10**15})], state))).totals["x"] == 2.0**53 - 1 + 1e15


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["Product Viewed", "Order Completed", "Anything", ""]) | st.text(st.characters())
keys = st.sampled_from(["x", "plan", "page", "traits", "path", "a.b"]) | st.text(st.characters(), max_size=8)
objects = st.dictionaries(keys, json, max_size=5)
moments = st.floats() | st.floats(START - 1e6, START + 1e6)
anything = st.builds(
    Event,
    workspace=st.just("shop"),
    user=st.text(st.characters(), max_size=400),
    message_id=st.text(st.characters(), max_size=8),
    type=st.sampled_from(["track", "identify", "page", "group", "nonsense"]),
    name=names,
    at=moments,
    received=moments,
    properties=objects,
    traits=objects,
    context=objects,
    session=st.none() | st.text(st.characters(), max_size=400),
)
SHOP = defined(
    "counts.x.1h",
    *(f"values.x.{word}" for word in ("average.1h", "unique.today", "most_frequent.1h", "last.session")),
    *(f"values.x.{word}" for word in ("percentile.session", "smoothed.1s", "moving_average.3")),
    *(f"values.words.{word}" for word in ("unique.1h", "most_frequent.total", "first.this_month")),
    signals=[
        {"key": "words", "event": "Product Viewed", "value": "properties.a", "type": "text"},
        {"key": "x", "event": "Product Viewed", "value": "properties.x", "where": where("traits.plan", "is_set", None)},
        {"key": "paid", "event": "Order Completed", "value": "properties.x"},
    ],
    tags=[
        {"key": "fan", "ttl": "7d", "assign": {"event": "Product Viewed", "count": {"at_least": 2}}},
        {"key": "cart", "assign": {"event": "Product Viewed", "where": where("properties.a.b", "greater_than", 1)},
         "remove": {"event": "Order Completed", "where": where("context.page", "contains", "x")}},
        {"key": "left", "ttl": "1s", "group": "g",
         "assign": {"steps": [{"event": "Product Viewed"}, {"event": "*", "not": True}], "within": "1s"}},
        {"key": "away", "group": "g", "assign": {"event": "*", "inactive": "400d", "when": where("counts.x.1h", "less_than", 9)}},
        {"key": "both", "assign": {"all": [{"event": "*", "times": 2}, {"event": "*", "sum": {"of": "properties.x", "at_least": 1}}]}},
        {"key": "keen", "assign": {"event": "*", "sum": {"of": "properties.x", "at_least": 1, "within": "7s", "by": "properties.path"}}},
    ],
    scores=[{"key": "intent", "half_life": "1s", "terms": [{"signal": "x", "take": take} for take in ("sum", "last", "max")]}],
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(anything, max_size=8), st.floats(0, limits.LATEST))
def test_whatever_comes_is_folded_described_and_kept(events, now):
    state = folded(SHOP, events)
    encoded = encode_state(state)

    assert encode_state(decode_state(encoded)) == encoded
    assert len(encoded) <= limits.STATE_BYTES
    assert describe(SHOP, state, now=now)["counts"]["x"]["total"] is not None
    assert template_data(SHOP, state, now=now, context={})["scores"]["intent"]["value"] is not None
