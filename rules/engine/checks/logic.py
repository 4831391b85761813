"""Conditions that nobody can fulfil, or everybody does."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.analysis.boxes import Box
from rules.engine.analysis.reach import Reach
from rules.engine.analysis.study import Study
from rules.engine.errors import Advice
from rules.engine.linked import Linked
from rules.engine.plans.clauses import Literal, split
from rules.engine.steps import Demands

PAIRS = 60
"""Comparisons of one rule among which two that exclude each other are looked for."""


def contradictions(study: Study) -> Iterator[Advice]:
    """Conditions that can never be true, whatever else there is."""
    for index, segment in enumerate(study.workspace.segments):
        linked = study.work.segments[segment.key].linked
        if linked is not None and not study.ways.boxes(((linked, True),)):
            yield _contradiction(study, f"segment {segment.key!r}", linked, f"$.segments[{index}].when")
    for reach in _reaches(study):
        if not reach.own:
            yield _contradiction(study, f"rule {reach.rule.key!r}", reach.way[-1][0], f"{reach.path}.when")


def never_true(study: Study) -> Iterator[Advice]:
    """Conditions that could be true, but not beneath the rules they stand under."""
    for reach in _reaches(study):
        if reach.inside or not reach.own:
            continue
        path = f"{reach.path}.when" if reach.rule.when is not None else reach.path
        words, fix = f"rule {reach.rule.key!r} can't be come to", "Change one of them, or move the rule."
        pair = _pair(study, reach.way)
        if pair is None:
            yield Advice("never_true", path, f"{words}: the rules above it let nobody through who fulfils its conditions", fix)
        else:
            one, two = (study.said(*literal) for literal in pair)
            second = study.place_of(pair[1][0]) or ""
            # In an else branch both may stand above the rule.
            place = second if second.startswith(f"{reach.path}.when") else reach.path
            yield Advice("never_true", place, f"{words}: {one} and {two}, of it or of rules above it, exclude each other", fix)


def always_true(study: Study) -> Iterator[Advice]:
    fix = "Remove them if that is what is meant; otherwise correct them."
    for index, segment in enumerate(study.workspace.segments):
        linked = study.work.segments[segment.key].linked
        if linked is not None and not study.ways.boxes(((linked, False),)):
            yield Advice("always_true", f"$.segments[{index}].when", f"the conditions of segment {segment.key!r} hold for everyone", fix)
    for reach in _reaches(study):
        if reach.always:
            yield Advice("always_true", f"{reach.path}.when", f"the conditions of rule {reach.rule.key!r} hold for everyone", fix)


def unfinished(study: Study) -> Iterator[Advice]:
    if study.ways.exhausted:
        words = "the rules are too many, or their conditions too long, to compare all of them with each other"
        yield Advice("check_unfinished", "$", words, "What was not compared may still be in order.")


def _reaches(study: Study) -> Iterator[Reach]:
    for _, reaches in study.reaches:
        yield from reaches


def _contradiction(study: Study, whose: str, linked: Linked, path: str) -> Advice:
    pair = _pair(study, ((linked, True),))
    if pair is None:
        words = f"the conditions of {whose} can never all be true"
        return Advice("contradiction", path, words, f"Change the conditions, or remove the {whose.split()[0]}.")
    one, two = (study.said(*literal) for literal in pair)
    path = study.place_of(pair[1][0]) or path
    if pair[0] is pair[1]:
        return Advice("contradiction", path, f"{whose} never matches: {one} is never true", "Change the condition.")
    fix = "Change one of them; where either will do, put both under any."
    return Advice("contradiction", path, f"{whose} never matches: {one} and {two} exclude each other", fix)


def _pair(study: Study, way: Demands) -> tuple[Literal, Literal] | None:
    """The two comparisons that exclude each other, where they do so in every alternative; the same one twice, if it excludes itself."""
    found: set[tuple[int, int]] = set()
    pair: tuple[Literal, Literal] | None = None
    for literals, _ in split(way):
        pair = _first(study, literals[:PAIRS])
        if pair is None:
            return None
        found.add((id(pair[0][0]), id(pair[1][0])))
    return pair if len(found) == 1 else None


def _first(study: Study, literals: list[Literal]) -> tuple[Literal, Literal] | None:
    for number, two in enumerate(literals):
        if study.ways.exhausted:
            return None
        if _box(study, two) is None:
            return two, two
        for one in literals[:number]:
            if _box(study, one, two) is None:
                return one, two
    return None


def _box(study: Study, *literals: Literal) -> Box | None:
    return study.ways.box(literals)
