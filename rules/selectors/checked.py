"""What the checks find in a working copy, sorted by what a person would call it, with whose each finding is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from rules.engine import Advice
from rules.selectors.desk import Desk, Finding


class Family(NamedTuple):
    """Findings that a person would call by one name."""

    key: str
    title: str
    meaning: str
    codes: Callable[[str], bool]


FAMILIES = (
    Family(
        "unreachable",
        "Can't be reached",
        "Whatever a user is like, something before it is shown instead, so users never see it.",
        {"unreachable_rule", "unreachable_outcome", "else_never"}.__contains__,
    ),
    Family(
        "shadowed",
        "Others always come before",
        "Whoever it is for, another rule takes first. Move it up, or narrow the other one.",
        {"shadowed_rule"}.__contains__,
    ),
    Family(
        "never",
        "Never true",
        "Its conditions exclude each other or those above it, so it is for nobody.",
        {"contradiction", "never_true"}.__contains__,
    ),
    Family(
        "always",
        "Always true",
        "Its conditions hold for everyone, so they say nothing: leave them out, or look for the one that was meant.",
        {"always_true"}.__contains__,
    ),
    Family("ended", "Over", "Its schedule has ended.", {"schedule_ended"}.__contains__),
    Family(
        "unknown",
        "Names something that is not there",
        "A tag, template, placement or other thing it refers to was removed, renamed, or never made.",
        lambda code: code.startswith("unknown_"),
    ),
    Family(
        "unused",
        "Not used",
        "Nothing refers to it, or it has no effect where it stands.",
        lambda code: code.startswith("unused_") or code in {"limit_unused", "priority_unused", "step_limit_unused", "group_of_one"},
    ),
    Family("other", "Other findings", "What does not fit elsewhere.", lambda _: True),
)
"""In the order of the page. The first that takes a code has it."""


class Checked(NamedTuple):
    families: list[tuple[Family, list[Finding]]]
    """Without families that have none."""
    blocking: int
    """How many keep the working copy from going live."""
    advised: int


def checked(desk: Desk, now: float) -> Checked:
    """All findings of a working copy. Where something keeps it from going live, what is merely worth a look can't be told yet."""
    found = desk.found(now)
    advised = sum(map(is_advice, found))
    return Checked(_sorted(found), len(found) - advised, advised)


def is_advice(finding: Finding) -> bool:
    return isinstance(finding.problem, Advice)


def _sorted(found: Iterable[Finding]) -> list[tuple[Family, list[Finding]]]:
    by_family: dict[str, list[Finding]] = {}
    for finding in found:
        family = next(one for one in FAMILIES if one.codes(finding.problem.code))
        by_family.setdefault(family.key, []).append(finding)
    return [(family, by_family[family.key]) for family in FAMILIES if family.key in by_family]
