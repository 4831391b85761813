"""The home page collects at most two notices: by date, by segment, and for a share of the visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rules.engine import compile_ruleset, parse_workspace
from rules.engine.bucketing import bucket
from tests.examples.shipped import document

RULESET = compile_ruleset(parse_workspace(document("homepage")))
IN, OUT = (next(user for user in map(str, range(100)) if (bucket("recipes-notice", user) < 25) is within) for within in (True, False))


def notices(now: str, user: str, *, tags: Sequence[str] = (), context: Mapping[str, str] | None = None, **traits: Any) -> list[str]:
    seen = {f"traits.{key}": value for key, value in traits.items()} | {f"context.{name}": value for name, value in (context or {}).items()}
    facts = {"time.now": now, "user.id": user, "tags": list(tags), **seen}
    return [choice.template or "" for choice in RULESET.choices("home-notices", facts)]


@pytest.mark.parametrize(
    ("now", "user", "traits", "shown"),
    [
        ("2026-11-20T12:00:00Z", OUT, {}, ["notice-bicycle"]),
        ("2026-11-20T12:00:00Z", IN, {}, ["notice-recipes", "notice-bicycle"]),
        ("2026-11-20T12:00:00Z", IN, {"plan": "gold"}, ["notice-same-day", "notice-recipes"]),
        ("2026-11-22T22:59:59Z", OUT, {}, ["notice-bicycle"]),
        ("2026-11-22T23:00:00Z", OUT, {}, ["notice-sale", "notice-bicycle"]),
        ("2026-11-30T22:59:59Z", IN, {"plan": "gold"}, ["notice-sale", "notice-same-day"]),
        ("2026-11-30T23:00:00Z", IN, {"plan": "gold"}, ["notice-same-day", "notice-recipes"]),
    ],
)
def test_the_notices_of_a_moment_and_a_visitor(now: str, user: str, traits: dict[str, Any], shown: list[str]) -> None:
    assert notices(now, user, **traits) == shown


@pytest.mark.parametrize(
    ("context", "tags", "shown"),
    [
        ({"country": "de"}, [], ["notice-bicycle"]),
        ({"country": "AT"}, [], ["notice-abroad"]),
        ({}, ["searched-lately"], ["notice-search", "notice-bicycle"]),
        ({"page.referrer": "https://letter.larder.example/november", "page.path": "/"}, [], ["notice-letter", "notice-bicycle"]),
        ({"page.referrer": "https://letter.larder.example/november", "page.path": "/new"}, [], ["notice-bicycle"]),
        (
            {"page.referrer": "https://letter.larder.example/november", "page.path": "/"},
            ["searched-lately"],
            ["notice-letter", "notice-search"],
        ),
    ],
)
def test_the_notices_of_a_country_a_page_and_a_search(context: dict[str, str], tags: list[str], shown: list[str]) -> None:
    assert notices("2026-11-20T12:00:00Z", OUT, tags=tags, context=context) == shown
