"""A compiled rule set: immutable, shared by threads, asked once per placement and request."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from rules.engine import trace
from rules.engine.linked import Facts, Linked, Readings, Source, Step, answer
from rules.engine.workspace import Cap, Placement, Rule


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a placement gets, and why. `path` holds rule keys from the root to `rule`."""

    outcome: Literal["matched", "fallback", "capped"]
    reason: Literal["rule", "no_match", "cap"]
    rule: Rule | None
    template: str | None
    path: tuple[str, ...]
    explain: dict[str, Any] | None = None


class Conditions:
    """Conditions on their own, such as the `where` of a tag."""

    __slots__ = ("_holds", "_linked", "_sources", "names")

    def __init__(self, linked: Linked | None, sources: tuple[Source, ...], names: frozenset[str]) -> None:
        self._linked, self._sources, self.names = linked, sources, names
        self._holds = answer(linked)

    def matches(self, facts: Facts) -> bool:
        return self._holds(Readings(facts, self._sources))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return trace.conditions(self._linked, Readings(facts, self._sources))


class Ruleset:
    """Decides by walking the tree: children first, then the rule's own outcome, then the next sibling; the first match wins."""

    __slots__ = ("_sources", "_steps", "caps", "names", "placements")

    def __init__(
        self,
        placements: Mapping[str, Placement],
        steps: Mapping[str, tuple[Step, ...]],
        sources: tuple[Source, ...],
        names: frozenset[str],
    ) -> None:
        self.placements: Mapping[str, Placement] = MappingProxyType(dict(placements))
        # Disabled rules are read for, too: a window that starts to be kept only when a rule is switched on begins empty.
        self.names = names
        self.caps: Mapping[str, Cap] = MappingProxyType(_caps(steps.values()))
        self._steps = dict(steps)
        self._sources = sources

    def decide(self, placement: str, facts: Facts, *, capped: Container[str] = (), explain: bool = False) -> Choice:
        """KeyError for an unknown placement; no facts, whatever they hold, raise."""
        steps = self._steps[placement]
        walk = _Walk(Readings(facts, self._sources), capped)
        found = walk.first(steps, ())
        told = trace.rules(steps, walk.readings, capped) if explain else None
        if found is not None:
            step, path = found
            template = step.rule.then.template if step.rule.then else None
            return Choice(outcome="matched", reason="rule", rule=step.rule, template=template, path=path, explain=told)
        fallback = self.placements[placement].fallback
        template = fallback.template if fallback else None
        if walk.skipped is not None:
            step, path = walk.skipped
            return Choice(outcome="capped", reason="cap", rule=step.rule, template=template, path=path, explain=told)
        return Choice(outcome="fallback", reason="no_match", rule=None, template=template, path=(), explain=told)

    def choices(self, placement: str, facts: Facts, *, capped: Container[str] = (), explain: bool = False) -> list[Choice]:
        """All that a placement gets: one choice, or in a placement that collects one for each rule that wins."""
        return [self.decide(placement, facts, capped=capped, explain=explain)]


class _Walk:
    """One search. `skipped` is the first rule that would have won, had its cap not been used up."""

    __slots__ = ("capped", "readings", "skipped")

    def __init__(self, readings: Readings, capped: Container[str]) -> None:
        self.readings, self.capped = readings, capped
        self.skipped: tuple[Step, tuple[str, ...]] | None = None

    def first(self, steps: tuple[Step, ...], above: tuple[str, ...]) -> tuple[Step, tuple[str, ...]] | None:
        for step in steps:
            rule = step.rule
            if not rule.enabled or not step.holds(self.readings):
                continue
            if step.children and (found := self.first(step.children, (*above, rule.key))) is not None:
                return found
            if rule.then is None:
                continue
            won = step, (*above, rule.key)
            if rule.key not in self.capped:
                return won
            self.skipped = self.skipped or won
        return None


def _caps(trees: Collection[tuple[Step, ...]]) -> dict[str, Cap]:
    caps: dict[str, Cap] = {}
    waiting = [step for tree in trees for step in tree]
    while waiting:
        step = waiting.pop()
        waiting.extend(step.children)
        if step.rule.cap is not None:
            caps[step.rule.key] = step.rule.cap
    return caps
