"""Findings of a working copy in words for people: whose they are, and that a thing is missing because it is being removed."""

from __future__ import annotations

import re

from django.utils.text import capfirst

from rules import words
from rules.bodies import Identity
from rules.engine import Problem
from rules.selectors import Desk, Finding

EXPECTED = re.compile(r"expected (?:(float|int)|(str))(?: (>=|<=|>|<) (\S+?))?(?:, got \w+)?")
"""What the engine's types say of a number or a text that is none, or is too large or too small."""
BOUNDS = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below"}
QUOTED = re.compile(r"""(?<!\w)(['"])(.+?)\1""")  # not the apostrophe of "can't"


def in_words(problem: Problem) -> str:
    if "matching regex" in problem.message and problem.fix:  # what to write says it; the pattern is for machines
        return problem.fix
    if expected := EXPECTED.fullmatch(problem.message):
        number, _, bound, value = expected.groups()
        if bound:
            return f"Write a number {BOUNDS[bound]} {value.removesuffix('.0')}."
        return f"Write a number, {'such as 0.5, with a dot' if number == 'float' else 'without a fraction'}." if number else "Write a text."
    return f"{capfirst(problem.message).rstrip('.')}. {problem.fix}".strip()


def whose(found: Finding, desk: Desk) -> str:
    return called(found.identity, desk) if found.identity else "the workspace"


def called(identity: Identity, desk: Desk) -> str:
    """By the name it has in the working copy, or had before its removal."""
    thing = desk.things.get(identity)
    return words.called(*identity, desk.bodies.get(identity), thing.base_body if thing else None)


def said(found: Finding, desk: Desk) -> str:
    """The problem; and where what it misses is there until a removal is published, that."""
    kind, quoted = found.problem.code.removeprefix("unknown_"), QUOTED.search(found.problem.message)
    missing = (quoted[2], *quoted[2].split(".")) if quoted else ()  # a key, or a name such as scores.intent.band
    for key in missing:
        thing = desk.things.get((kind, key))
        if thing and (kind, key) not in desk.bodies and (thing.base_body or (thing.released and thing.released.body)):
            return f"{called((kind, key), desk)} is being removed, but {whose(found, desk)} uses it. Keep the one, or change the other."
    return in_words(found.problem)
