"""Consent: what a user has not agreed to is neither used nor kept, whatever came before and in whatever order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from decisioning.tagging import encode_state, fold, new_state, template_data
from decisioning.tagging.consent import Consent, joined
from decisioning.tagging.describe import describe
from tests.tagging.building import START, defined, event, folded, identify, seen

PURPOSES = [{"key": "ads"}, {"key": "analytics"}]
NAMES = ("counts.ad-clicks.1h", "values.ad-spend.average.1h", "values.ad-spend.max.session", "counts.views.1h")
PLAIN: dict[str, Any] = {
    "signals": [{"key": "views", "event": "View"}],
    "tags": [{"key": "viewer", "assign": {"event": "View", "count": {"at_least": 2}}}],
    "traits": [{"key": "plan"}],
    "scores": [{"key": "interest", "half_life": "10m", "terms": [{"signal": "views"}]}],
}
FOR_ADS: dict[str, Any] = {
    "signals": [
        {"key": "ad-clicks", "event": "View", "purpose": "ads"},
        {"key": "ad-spend", "event": "Buy", "value": "properties.spent", "purpose": "ads"},
    ],
    "tags": [
        {"key": "ad-fan", "assign": {"event": "View", "count": {"at_least": 3, "within": "1h"}}, "purpose": "ads"},
        {"key": "ad-many", "assign": {"event": "View", "count": {"at_least": 30, "within": "1h"}}, "purpose": "ads"},
        {"key": "ad-way", "assign": {"steps": [{"event": "View"}, {"event": "Buy", "not": True, "within": "1h"}]}, "purpose": "ads"},
        {"key": "ad-both", "assign": {"all": [{"event": "View", "times": 2}, {"event": "Buy", "times": 30}]}, "purpose": "ads"},
        {"key": "ad-value", "assign": {"event": "Buy", "count": {"at_least": 3, "by": "properties.spent"}}, "purpose": "ads"},
        {"key": "ad-away", "assign": {"event": "View", "inactive": "1h"}, "purpose": "ads"},
        {"key": "ad-buyer", "ttl": "1h", "assign": {"event": "Buy"}, "remove": {"event": "View"}, "purpose": "ads"},
    ],
    "traits": [{"key": "ad-id", "purpose": "ads"}, {"key": "home.street", "purpose": "ads"}],
    "scores": [{"key": "ad-score", "half_life": "10m", "terms": [{"signal": "ad-spend", "take": "max"}, {"signal": "ad-clicks"}]}],
}
SHOP = defined(*NAMES, purposes=PURPOSES, **{kind: PLAIN[kind] + FOR_ADS[kind] for kind in PLAIN})
WITHOUT_ADS = defined(*NAMES, purposes=PURPOSES, **{**PLAIN, "traits": [*PLAIN["traits"]]})
BARRING = defined(*NAMES, purposes=[{"key": "ads"}, {"key": "analytics", "events": True}], **{k: PLAIN[k] + FOR_ADS[k] for k in PLAIN})
MARKS = (b"ad-", b"secret-street", b"ad-id-of-alice")


def consent(at: float, **purposes: bool):
    return replace(event("$consent", at, properties={"purposes": purposes, "source": "banner"}), type="consent")


def a_view(at: float = 0.0, **told: Any):
    return event("View", at, **told)


def a_buy(at: float = 0.0):
    return event("Buy", at, properties={"spent": 12})


def told(at: float = 0.0):
    return identify(at, plan="gold", home={"city": "Bonn", "street": "secret-street"}, **{"ad-id": "ad-id-of-alice"})


def test_a_user_who_was_never_asked_has_not_agreed():
    state = folded(SHOP, [a_view(), a_buy(1), told(2)])

    assert not any(mark in encode_state(state) for mark in MARKS)
    assert seen(SHOP, state).get("consent.ads") is False


def test_what_was_agreed_to_is_collected_from_then_on():
    state = folded(SHOP, [a_view(), consent(1, ads=True), a_view(2), a_buy(3), told(4)])

    facts = seen(SHOP, state, 5)
    assert (facts.get("counts.views.total"), facts.get("counts.ad-clicks.total")) == (2, 1)
    assert (facts.get("traits.ad-id"), facts.get("traits.home.street"), facts.get("tags")) == (
        "ad-id-of-alice", "secret-street", ["viewer", "ad-buyer"],
    )  # fmt: skip
    assert facts.get("scores.ad-score") > 0


def test_withdrawing_takes_everything_collected_out_of_the_state():
    agreed = folded(SHOP, [consent(0, ads=True), *(a_view(n) for n in range(1, 40)), a_buy(41), told(42)])
    assert all(mark in encode_state(agreed) for mark in MARKS)

    state = folded(SHOP, [consent(50, ads=False)], agreed)

    assert not any(mark in encode_state(state) for mark in MARKS)
    assert (state.traits["plan"].value, state.traits["home"].value) == ("gold", {"city": "Bonn"})
    assert seen(SHOP, state, 51).get("counts.views.total") == 39


def test_what_was_withdrawn_reads_as_missing_before_any_event_has_cleared_the_state():
    state = folded(SHOP, [consent(0, ads=True), a_view(1), a_buy(2), told(3)])
    state.consent = {"ads": Consent(False, START + 4, START + 4)}

    facts, data = seen(SHOP, state, 5), template_data(SHOP, state, now=START + 5, context={})

    for name in ("counts.ad-clicks.total", "values.ad-spend.average.1h", "scores.ad-score", "traits.ad-id", "traits.home.street"):
        assert facts.get(name, "missing") == "missing"
    assert facts.get("tags") == []
    assert "ad-id" not in data["traits"]
    assert "ad-score" not in data["scores"]
    assert not any(mark in str(describe(SHOP, state, now=START + 5)).encode() for mark in MARKS)


def test_a_purpose_put_to_something_old_clears_what_was_collected_before():
    before = defined(
        *NAMES,
        **{
            kind: PLAIN[kind] + [{**one, "purpose": None} for one in FOR_ADS[kind]] if kind != "scores" else PLAIN[kind] + FOR_ADS[kind]
            for kind in PLAIN
        },
    )
    state = folded(before, [a_view(), a_buy(1), told(2)])
    assert any(mark in encode_state(state) for mark in MARKS)

    assert not any(mark in encode_state(folded(SHOP, [event("Other", 3)], state)) for mark in MARKS)


def test_a_message_that_carries_consent_counts_by_it_already():
    context = {"consent": {"categoryPreferences": {"ads": True, "of-some-other-tool": True}}}
    state = folded(SHOP, [a_view(context=context)])

    assert seen(SHOP, state).get("counts.ad-clicks.total") == 1
    assert list(state.consent) == ["ads"]


def test_the_newest_word_counts_by_the_time_it_was_given():
    late = replace(consent(5, ads=True), received=START + 20)
    assert folded(SHOP, [consent(10, ads=False), late]).consent["ads"].granted is False


def test_of_two_words_at_one_moment_the_refusal_counts():
    yes, no = consent(5, ads=True), consent(5, ads=False)
    assert folded(SHOP, [yes, no]).consent["ads"].granted is False
    assert folded(SHOP, [no, yes]).consent["ads"].granted is False


def test_of_two_ids_of_one_user_the_newest_word_counts():
    old, new = {"ads": Consent(True, 1.0, 1.0)}, {"ads": Consent(False, 2.0, 2.0), "analytics": Consent(True, 0.0, 0.0)}
    assert joined(old, new) == joined(new, old) == {"ads": Consent(False, 2.0, 2.0), "analytics": Consent(True, 0.0, 0.0)}


def test_the_log_gets_every_word_of_a_consent_event_and_of_other_messages_what_is_new():
    context = {"consent": {"categoryPreferences": {"ads": True}}}
    first = fold(SHOP, new_state(), a_view(context=context))
    again = fold(SHOP, first.state, a_view(1, context=context))
    said = fold(SHOP, again.state, consent(2, ads=True, analytics=False))

    assert [(word.purpose, word.granted, word.source) for word in first.words] == [("ads", True, "track message")]
    assert again.words == []
    assert [(word.purpose, word.granted, word.source) for word in said.words] == [("ads", True, "banner"), ("analytics", False, "banner")]


@pytest.mark.parametrize("said", [{"ads": "yes"}, {"ads": 1}, {"ads": None}, [], "ads", {"ads": {"granted": True}}])
def test_only_true_and_false_are_words(said):
    context = {"consent": {"categoryPreferences": said}}
    assert folded(SHOP, [a_view(context=context)]).consent == {}


def test_an_event_that_only_what_is_not_agreed_to_would_use_is_withheld():
    assert fold(SHOP, new_state(), a_buy()).outcome == "withheld"
    assert fold(SHOP, new_state(), identify(**{"ad-id": "x"})).outcome == "withheld"
    assert fold(SHOP, new_state(), a_view()).outcome == "applied"
    assert fold(SHOP, folded(SHOP, [consent(0, ads=True)]), a_buy(1)).outcome == "applied"


def test_without_the_purpose_of_events_nothing_of_them_is_kept():
    result = fold(BARRING, folded(BARRING, [consent(0, ads=True)]), a_view(1, context={"page": {"path": "/p"}}))

    assert result.outcome == "withheld"
    left = new_state()
    left.consent, left.seen = result.state.consent, result.state.seen
    assert result.state == left


def test_withdrawing_the_purpose_of_events_leaves_consent_and_the_messages_seen():
    state = folded(BARRING, [consent(0, ads=True, analytics=True), a_view(1), a_buy(2), told(3), consent(4, analytics=False)])

    left = new_state()
    left.consent, left.seen = state.consent, state.seen
    assert state == left


def test_a_workspace_without_purposes_takes_no_notice_of_consent():
    plain = defined(*NAMES, **PLAIN)
    state = folded(plain, [a_view(context={"consent": {"categoryPreferences": {"ads": False}}})])

    assert (state.consent, seen(plain, state).get("counts.views.total")) == ({}, 1)


def test_an_erased_user_is_as_one_nobody_has_heard_of():
    state = folded(SHOP, [a_view(), told(1)])

    result = fold(SHOP, state, replace(event("$erase", 2), type="erase"))

    assert (result.state, result.outcome) == (new_state(), "erased")


HOUR = 3_600
happenings = st.lists(st.tuples(st.sampled_from(["view", "buy", "told", "yes", "no", "session"]), st.integers(0, 3 * HOUR)), max_size=40)


def an_event(kind: str, at: int, number: int):
    made = {
        "view": lambda: a_view(at),
        "buy": lambda: a_buy(at),
        "told": lambda: told(at),
        "yes": lambda: consent(at, ads=True),
        "no": lambda: consent(at, ads=False),
        "session": lambda: event("Other", at, session=f"s-{number % 3}"),
    }[kind]()
    return replace(made, received=START + 3 * HOUR + number, message_id=f"message {number}")


@settings(max_examples=300, deadline=None)
@given(happenings)
def test_a_state_without_consent_is_the_one_of_a_workspace_that_never_had_what_needs_it(happened):
    """Whatever the order of events, of words about consent, and of their arrival."""
    events = [an_event(kind, at, number) for number, (kind, at) in enumerate(happened)]
    events.append(consent(4 * HOUR, ads=False))

    state = folded(SHOP, events)

    assert not any(mark in encode_state(state) for mark in MARKS)
    bare = [
        replace(
            one, traits={k: v for k, v in one.traits.items() if k != "ad-id"} | ({"home": {"city": "Bonn"}} if "home" in one.traits else {})
        )
        for one in events
    ]
    assert encode_state(state) == encode_state(folded(WITHOUT_ADS, bare))
