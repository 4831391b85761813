"""Arranging rules: where they stand after each step, and that no step loses one, doubles one or makes a circle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import arranging
from rules.arranging import STEPS, Spot


def rules(said: str) -> dict[str, dict[str, Any]]:
    """`a(b c|d) e`: a with b and c beneath it, d in its otherwise-branch, and e after it."""
    found: dict[str, dict[str, Any]] = {}
    parents: list[tuple[str, str]] = []
    last = ""
    for sign in said.replace(" ", ""):
        if sign == "(":
            parents.append((last, "then"))
        elif sign == "|":
            parents[-1] = (parents[-1][0], "else")
        elif sign == ")":
            last = parents.pop()[0]
        else:
            where = {"parent": parents[-1][0]} if parents else {}
            branch = {"branch": "else"} if parents and parents[-1][1] == "else" else {}
            found[sign] = {"placement": "banner", "position": 10 * len(found), **where, **branch}
            last = sign
    return found


def told(of: arranging.Rules, parent: str | None = None) -> str:
    """The opposite of `rules`."""
    inner = arranging.siblings(of, "banner", parent)
    then = " ".join(_one(of, key) for key in inner if of[key].get("branch") != "else")
    otherwise = " ".join(_one(of, key) for key in inner if of[key].get("branch") == "else")
    return f"{then}|{otherwise}" if otherwise else then


def _one(of: arranging.Rules, key: str) -> str:
    inside = told(of, key)
    return f"{key}({inside})" if inside else key


@pytest.mark.parametrize(
    ("before", "chosen", "act", "after"),
    [
        ("a b c", "b", "up", "b a c"),
        ("a b c", "a", "up", "a b c"),
        ("a b c", "bc", "up", "b c a"),
        ("a b c", "ab", "down", "c a b"),
        ("a b(x) c", "bx", "up", "b(x) a c"),
        ("a b c", "b", "nest", "a(b) c"),
        ("a(x) b c", "bc", "nest", "a(x b c)"),
        ("a b", "a", "nest", "a b"),
        ("a(b c) d", "bc", "unnest", "a b c d"),
        ("a(|b c) d", "b", "unnest", "a(|c) b d"),
        ("p(a(|b) c)", "b", "unnest", "p(a b c)"),
        ("a(b) c", "b", "otherwise", "a(|b) c"),
        ("a(|b) c", "b", "otherwise", "a(b) c"),
        ("a b", "b", "otherwise", "a(|b)"),
        ("a(b c|d e)", "e", "up", "a(b c|e d)"),
        ("a(b c|d e)", "d", "up", "a(b c|d e)"),
    ],
)
def test_a_step_puts_rules_where_they_belong(before, chosen, act, after):
    of = rules(before)

    assert told({**of, **arranging.moved(of, list(chosen), act)}) == after


@pytest.mark.parametrize(
    ("chosen", "spot", "after"),
    [
        ("c", Spot("banner", before="a"), "c a(x) b"),
        ("bc", Spot("banner", "a", after="x"), "a(x b c)"),
        ("b", Spot("banner", "a", "else"), "a(x|b) c"),
        ("x", Spot("banner", after="b"), "a b x c"),
    ],
)
def test_rules_are_dropped_at_a_spot_in_their_order(chosen, spot, after):
    of = rules("a(x) b c")

    assert told({**of, **arranging.moved_to(of, list(chosen), spot)}) == after


def test_a_rule_moved_to_another_placement_takes_along_what_is_beneath_it():
    of = {**rules("a(b(c)) d"), "z": {"placement": "footer"}}

    now = {**of, **arranging.moved_to(of, ["a"], Spot("footer"))}

    assert {key: body["placement"] for key, body in now.items()} == dict.fromkeys("abcz", "footer") | {"d": "banner"}
    assert arranging.in_order(now, "footer") == ["z", "a", "b", "c"]


def test_a_rule_does_not_fit_beneath_itself():
    of = rules("a(b(c)) d")

    assert [arranging.fits(of, ["a"], Spot("banner", parent)) for parent in ("a", "c", "d")] == [False, False, True]


def test_moving_one_rule_leaves_the_drafts_of_far_ones_alone():
    of = rules("a b c d e f")

    assert set(arranging.moved(of, ["d"], "up")) <= {"c", "d"}


def test_a_copy_is_off_and_whole():
    of = rules("a(b|c) d")

    now = {**of, **arranging.copied(of, "a", str.upper)}

    assert told(now) == "a(b|c) A(B|C) d"
    assert [key for key, body in now.items() if body.get("enabled") is False] == ["A"]


@st.composite
def trees(draw: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key in "abcdefgh"[: draw(st.integers(1, 8))]:
        parent = draw(st.sampled_from([None, *found]))
        body: dict[str, Any] = {"placement": "banner", "position": draw(st.integers(0, 3))}
        if parent:
            body |= {"parent": parent} | ({"branch": "else"} if draw(st.booleans()) else {})
        found[key] = body
    return found


@given(trees(), st.data())
def test_steps_lose_no_rule_double_none_and_make_no_circle(of, data):
    for _ in range(4):
        chosen = data.draw(st.lists(st.sampled_from(sorted(of)), min_size=1, max_size=3, unique=True))
        of = {**of, **arranging.moved(of, chosen, data.draw(st.sampled_from(sorted(STEPS))))}

        assert sorted(arranging.in_order(of, "banner")) == sorted(of)
        assert all(body.get("parent") or "branch" not in body for body in of.values())


@given(trees(), st.data())
def test_up_undoes_down(of, data):
    key = data.draw(st.sampled_from(sorted(of)))
    down = arranging.moved(of, [key], "down")
    there = {**of, **down}

    assert not down or told({**there, **arranging.moved(there, [key], "up")}) == told(of)
