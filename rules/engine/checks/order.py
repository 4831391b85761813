"""Rules that others always come before, and rules of which nothing but their order says which one is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rules.engine.analysis.boxes import Box, met
from rules.engine.analysis.index import CHUNK, Index
from rules.engine.analysis.reach import Reach
from rules.engine.analysis.study import Study
from rules.engine.errors import Advice

Filed = list[tuple[int, Box]]
"""Boxes by the number of their ending."""


def shadowed(study: Study) -> Iterator[Advice]:
    """Outcomes that never win: whoever comes to one has already come to another that always wins."""
    for placement, reaches in study.reaches:
        if placement.mode == "collect":
            continue
        outcomes = {reach.ending: reach for reach in reaches if reach.ending is not None}
        by = _covered(study, outcomes)
        for number, first in sorted(by.items()):
            yield _shadow(outcomes[number], outcomes[first])


def _covered(study: Study, outcomes: dict[int, Reach]) -> dict[int, int]:
    """The endings all of whose boxes lie in those of earlier ones, with the first of those."""
    left = {number: list(reach.inside) for number, reach in outcomes.items() if reach.inside}
    first: dict[int, int] = {}
    certain = [(number, box) for number, reach in outcomes.items() if reach.certain for box in reach.inside if box.exact]
    for chunk in _chunks(certain):
        index = Index([box for _, box in chunk])
        for number, boxes in left.items():
            if number > chunk[0][0] and boxes and not study.ways.exhausted:
                kept = []
                for box in boxes:
                    study.ways.spent += box.weight + index.cost
                    winner = next((other for other in _earlier(study, chunk, index.covering(box), box, number)), None)
                    if winner is None:
                        kept.append(box)
                    else:
                        first[number] = min(winner, first.get(number, winner))
                left[number] = kept
    return {number: winner for number, winner in first.items() if not left[number]}


def _earlier(study: Study, chunk: Filed, bits: int, box: Box, number: int) -> Iterator[int]:
    """The endings before `number` with a box that covers this one."""
    while bits and not study.ways.exhausted:
        lowest = bits & -bits
        other, candidate = chunk[lowest.bit_length() - 1]
        if other >= number:
            return
        study.ways.spent += candidate.weight
        if candidate.covers(box):
            yield other
        bits ^= lowest


def _shadow(reach: Reach, winner: Reach) -> Advice:
    key, other = reach.rule.key, winner.rule.key
    if winner.keys[: len(reach.keys)] == reach.keys:
        words = f"the outcome of rule {key!r} never wins: whoever comes to it matches {other!r} beneath it"
        return Advice("shadowed_rule", f"{reach.path}.then", words, f"Remove the outcome, or narrow {other!r}.")
    words = f"rule {key!r} never wins: whoever matches it matches {other!r} first"
    return Advice("shadowed_rule", reach.path, words, f"Move it before {other!r}, or narrow that rule.")


def equal_priority(study: Study) -> Iterator[Advice]:
    """Rules of one group and one priority that can match together: which is shown depends on nothing but their order."""
    for placement, reaches in study.reaches:
        if placement.mode != "collect":
            continue
        together: defaultdict[tuple[str, int], list[Reach]] = defaultdict(list)
        for reach in reaches:
            if reach.ending is not None and reach.rule.group is not None:
                together[reach.rule.group, reach.rule.priority].append(reach)
        for some in together.values():
            yield from _alike(study, some)


def _alike(study: Study, reaches: list[Reach]) -> Iterator[Advice]:
    boxes = [(number, box) for number, reach in enumerate(reaches) for box in reach.inside]
    told: set[int] = set()
    for chunk in _chunks(boxes):
        index = Index([box for _, box in chunk])
        for number, box in boxes:
            if number in told or number <= chunk[0][0]:
                continue
            if study.ways.exhausted:
                return
            study.ways.spent += box.weight + index.cost
            other = next(_meeting(study, reaches, chunk, index.meeting(box), box, number), None)
            if other is not None:
                told.add(number)
                rule, first = reaches[number].rule, reaches[other].rule
                words = f"rule {rule.key!r} and {first.key!r} of group {rule.group!r} can match together, with the same priority"
                yield Advice("equal_priority", f"{reaches[number].path}.group", words, "Give one of them a higher priority.")


def _meeting(study: Study, reaches: list[Reach], chunk: Filed, bits: int, box: Box, number: int) -> Iterator[int]:
    """The earlier ones that somebody can match together with this box. Of a rule and one beneath it only one is ever collected."""
    while bits and not study.ways.exhausted:
        lowest = bits & -bits
        other, candidate = chunk[lowest.bit_length() - 1]
        if other >= number:
            return
        study.ways.spent += candidate.weight
        keys, others = reaches[number].keys, reaches[other].keys
        if met(candidate, box) is not None and keys[: len(others)] != others and others[: len(keys)] != keys:
            yield other
        bits ^= lowest


def _chunks(boxes: Filed) -> Iterator[Filed]:
    yield from (boxes[at : at + CHUNK] for at in range(0, len(boxes), CHUNK))
