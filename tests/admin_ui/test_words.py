"""Summaries and differences: what a marketer reads is all that would change for users."""

from __future__ import annotations

import pytest

from admin_ui import words

TERM = {"signal": "scroll_depth"}


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ({}, "1 x scroll depth"),
        ({"weight": 0.5}, "0.5 x scroll depth"),
        ({"gain": 0.3, "max": 1, "take": "max"}, "1 x 0.3 x highest scroll depth (at most 1)"),
        ({"weight": 2, "gain": 0.5, "per": 40, "max": 1.5}, "2 x 0.5 x scroll depth per 40 (at most 1.5)"),
        ({"take": "last", "boosts": [{"factor": 2}]}, "1 x latest scroll depth, boosted on dates"),
    ],
)  # fmt: skip
def test_a_scores_summary_has_every_factor(term, said):
    assert words.summary("score", {"terms": [{**TERM, **term}]}).replace(words.TIMES, " x ") == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"then": {"template": "hi"}}, "always → hi"),
        ({"enabled": False, "then": {"template": "hi"}}, "switched off · always → hi"),
        ({"cap": {"session": 2}}, "always → the rules beneath · at most 2 per session"),
    ],
)
def test_a_rules_summary_says_whether_it_is_off_and_how_often_it_shows(body, said):
    assert words.summary("rule", body) == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"enabled": False}, "switched off"),
        ({"enabled": False}, {}, "switched on"),
        ({"name": "A"}, {"name": "B"}, "renamed from “A” to “B”"),
        ({"name": "A"}, {}, "name taken away"),
        ({}, {"position": 10}, "position 0 → 10"),
        ({"parent": "a"}, {}, "moved to the top"),
        ({}, {"parent": "a"}, "moved beneath a"),
        ({"cap": {"session": 2}}, {}, "no longer capped"),
        ({}, {"cap": {"session": 2}}, "at most 2 per session"),
        ({"then": {"template": "a"}}, {"then": {"template": "b"}}, "shows b instead of a"),
        ({"half_life": "1h"}, {"half_life": "2h"}, "half-life changed"),
        ({"name": "A"}, {"name": "A"}, ""),
        (None, {"name": "A"}, ""),
        ({"name": "A"}, None, ""),
    ],
)
def test_a_change_is_said_in_words(before, after, said):
    assert words.changes(before, after) == said
