"""Facts written by hand: read by their types, refused by their lines, and written again the same."""

from __future__ import annotations

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from rules import given
from rules.engine import DocumentError, Vocabulary
from tests.rules.conftest import SHOP, document

WORDS = Vocabulary.of(document(SHOP))


def test_each_line_is_read_by_its_names_type():
    text = """
    # a buyer with a full cart
    tags = buyer, vip
    traits.plan = gold
    scores.intent = 0.9
    counts.dwell.1h = 700
    user.known = no
    context.page.path = /cart?step=2
    """

    assert given.read(text, WORDS) == {
        "tags": ["buyer", "vip"],
        "traits.plan": "gold",
        "scores.intent": 0.9,
        "counts.dwell.1h": 700,
        "user.known": False,
        "context.page.path": "/cart?step=2",
    }


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("scores.intent", "no_value"),
        ("scores.intent = much", "wrong_type"),
        ("user.known = perhaps", "wrong_type"),
        ("time.now = tomorrow", "wrong_type"),
        ("scores.intend = 1", "unknown_score"),
        ("counts.dwell.soon = 1", "bad_window"),
        ("segments.regulars = yes", "computed"),
        ('{"scores.intend": 1}', "unknown_score"),
        ('{"scores.intent": ', "json_syntax"),
        ("[1]", "no_value"),
    ],
)
def test_a_line_that_can_not_be_read_says_why(line, code):
    with pytest.raises(DocumentError) as refused:
        given.read(line, WORDS)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_every_bad_line_is_told_at_once_with_its_number():
    with pytest.raises(DocumentError) as refused:
        given.read("nonsense\ntraits.plan = gold\nscores.intent = x", WORDS)

    assert [problem.path for problem in refused.value.problems] == ["$.1", "$.3"]


def test_a_decisions_facts_are_read_as_they_are_shown():
    assert given.read('{"tags": ["buyer"], "traits.plan": null, "counts.dwell.1h": 3}', WORDS) == {"tags": ["buyer"], "counts.dwell.1h": 3}


def test_what_the_rules_do_not_know_is_named():
    facts = {"tags": ["buyer", "vip"], "traits.plan": "silver", "traits.shoe_size": 44}

    assert given.unknown(facts, WORDS) == ["tags: vip", "traits.plan: silver", "traits.shoe_size"]


@over(
    st.fixed_dictionaries(
        {},
        optional={
            "tags": st.lists(st.sampled_from(["buyer", "vip", "a-b"]), min_size=1),
            "traits.plan": st.sampled_from(["free", "gold"]),
            "scores.intent": st.floats(-1e6, 1e6),
            "counts.dwell.1h": st.integers(-(2**50), 2**50),
            "user.known": st.booleans(),
            "traits.address.city": st.text("abc äß=#", min_size=1).map(str.strip).filter(bool),
            "traits.size": st.integers(0, 99),
        },
    )
)
def test_what_is_written_is_read_the_same(facts):
    assert given.read(given.write(facts), WORDS) == facts
