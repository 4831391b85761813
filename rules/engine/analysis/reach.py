"""Who can come to each rule of a placement: the boxes of its conditions, and of those together with the rules above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.engine.analysis.boxes import EVERYONE, Box
from rules.engine.analysis.ways import Ways
from rules.engine.steps import Demands, Step
from rules.engine.workspace import Rule


@dataclass(frozen=True, slots=True)
class Reach:
    """One rule that is on. `above` are those for whom it is tried at all, `own` whom its conditions let through, `inside` who comes in.

    `way` is all that must be so to come in, `path` where the rule stands in the document, `keys` the rules down to it.
    """

    rule: Rule
    path: str
    keys: tuple[str, ...]
    way: Demands
    above: tuple[Box, ...]
    own: tuple[Box, ...]
    inside: tuple[Box, ...]
    always: bool
    ending: int | None

    @property
    def certain(self) -> bool:
        """Whether its outcome wins for everyone who comes to it."""
        return self.ending is not None and self.rule.cap is None


def reaches(
    steps: tuple[Step, ...],
    ways: Ways,
    paths: Mapping[int, str],
    *,
    keys: tuple[str, ...] = (),
    way: Demands = (),
    above: tuple[Box, ...] = (EVERYONE,),
) -> Iterator[Reach]:
    """In the order of the endings: children first. What is beneath a rule that nobody comes to is left out: it has no fault of its own."""
    for step in steps:
        if not step.rule.enabled:
            continue
        down, gates = (*keys, step.rule.key), tuple((gate, True) for gate in step.gates)
        let_in = ways.boxes(gates) if gates else (EVERYONE,)
        if not let_in:  # rolled out to nobody: as good as switched off
            continue
        opened = ways.together(above, let_in) if gates else above
        if not opened:
            yield Reach(step.rule, paths[id(step.rule)], down, (*way, *gates), above, let_in, (), False, step.ending)
            continue
        beside = ways.boxes(((step.linked, False),)) if step.linked is not None else ()
        own = (EVERYONE,) if not beside else ways.boxes(((step.linked, True),)) if step.linked is not None else ()
        inside = ways.together(opened, own) if beside else opened
        within = (*way, *gates, *(((step.linked, True),) if step.linked is not None else ()))
        if inside:
            yield from reaches(step.children, ways, paths, keys=down, way=within, above=inside)
        yield Reach(step.rule, paths[id(step.rule)], down, within, opened, own, inside, step.linked is not None and not beside, step.ending)
        if step.otherwise and beside:
            outside = (*way, *gates, *(((step.linked, False),) if step.linked is not None else ()))
            yield from reaches(step.otherwise, ways, paths, keys=down, way=outside, above=ways.together(opened, beside))
