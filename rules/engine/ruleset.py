"""A compiled rule set: immutable, shared by threads, asked once per placement and request."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from rules.engine import trace
from rules.engine.linked import Facts, Group, Linked, Readings, Source, answer
from rules.engine.plans import Planned
from rules.engine.steps import Ending, under
from rules.engine.telling import Tell, tell
from rules.engine.tree import walk
from rules.engine.workspace import Cap, Placement, Rule, Workspace

Explain = bool | Literal["returned"]
"""`returned` tells of the rules that won, and costs little; True of every rule on the way."""


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
    """Decides by each placement's plan: children first, then the rule's own outcome, then the next sibling."""

    __slots__ = ("_sources", "_trees", "caps", "names", "placements")

    def __init__(self, workspace: Workspace, planned: Mapping[str, Planned], sources: tuple[Source, ...], names: frozenset[str]) -> None:
        self.placements: Mapping[str, Placement] = MappingProxyType({one.key: one for one in workspace.placements})
        # Disabled rules are read for, too: a window that starts to be kept only when a rule is switched on begins empty.
        self.names = names
        self.caps: Mapping[str, Cap] = MappingProxyType({place.rule.key: place.rule.cap for place in walk(workspace) if place.rule.cap})
        self._trees = {key: _Tree(one) for key, one in planned.items()}
        self._sources = sources

    def decide(
        self, placement: str, facts: Facts, *, capped: Container[str] = (), explain: Explain = False, mistyped: set[str] | None = None
    ) -> Choice:
        """The first of `choices`."""
        return self.choices(placement, facts, capped=capped, explain=explain, mistyped=mistyped)[0]

    def choices(
        self, placement: str, facts: Facts, *, capped: Container[str] = (), explain: Explain = False, mistyped: set[str] | None = None
    ) -> list[Choice]:
        """All that a placement gets: one choice, or in a placement that collects one for each rule that wins.

        `capped` are keys of rules whose cap is used up. The names whose values could not be read by their type are added to `mistyped`.
        KeyError for an unknown placement; no facts, whatever they hold, raise.
        """
        tree = self._trees[placement]
        readings = Readings(facts, self._sources, mistyped)
        if tree.collects:
            won, passed = tree.plan.every(readings, capped)
            if tree.trims:
                won = tree.trimmed(won)
        else:
            first, passed = tree.plan.first(readings, capped)
            won = [first] if first >= 0 else []
        if explain:
            told = tree.told(readings, won, passed)
            if explain is True:
                ways = [choice.path for choice in told if won]
                every = trace.rules(tree.planned.steps, readings, capped, ways, collects=tree.collects)
                told[0] = msgspec.structs.replace(told[0], explain=every)
            return told
        return [tree.matched[ending] for ending in won] or [tree.otherwise(passed)]

    def bars(self, placement: str, rule: str) -> list[tuple[Conditions, bool]] | None:
        """What must hold, or (False) must not, for a rule's own outcome: its gates and conditions and those above it, each by itself.

        Whether another rule comes before it is not among them. None where the placement has no such rule, or it is switched off.
        """
        for ending in self._trees[placement].endings:
            if ending.rule.key == rule:
                return [(Conditions(part, self._sources, frozenset()), wanted) for part, wanted in _parts(ending.way)]
        return None


def _parts(way: tuple[tuple[Linked, bool], ...]) -> Iterator[tuple[Linked, bool]]:
    for linked, wanted in way:
        if isinstance(linked, Group) and linked.kind == "all" and wanted:
            yield from _parts(tuple((part, True) for part in linked.parts))
        else:
            yield linked, wanted


class _Tree:
    """One placement, with the choices it gives made beforehand."""

    __slots__ = ("_fallback", "_limit", "_rank", "collects", "endings", "matched", "plan", "planned", "tells", "trims")

    def __init__(self, planned: Planned) -> None:
        placement, rules = planned.placement, [ending.rule for ending in planned.endings]
        fallback = placement.fallback.template if placement.fallback else None
        self.planned, self.plan, self.endings = planned, planned.plan, planned.endings
        self.tells = _Tells(planned)
        self.collects, self._limit = placement.mode == "collect", placement.limit
        self.trims = placement.limit is not None or any(rule.priority or rule.group for rule in rules)
        self._rank = [(-rule.priority, number) for number, rule in enumerate(rules)]
        self.matched = [
            _choice(ending, "matched", "rule", ending.rule.then.template if ending.rule.then else None) for ending in self.endings
        ]
        self._fallback = Choice(outcome="fallback", reason="no_match", rule=None, template=fallback, path=())

    def otherwise(self, passed: int) -> Choice:
        """Where nothing won. `passed` is the first ending that was passed over because of its cap."""
        return _choice(self.endings[passed], "capped", "cap", self._fallback.template) if passed >= 0 else self._fallback

    def told(self, readings: Readings, won: list[int], passed: int) -> list[Choice]:
        """Every choice with the way to its own rule."""
        tells, matched, explained = self.tells, self.matched, msgspec.structs.replace
        if won:
            return [explained(matched[ending], explain=tells[ending](readings)) for ending in won]
        told: dict[str, Any] = tells[~passed](readings) if passed >= 0 else {"rules": []}
        return [explained(self.otherwise(passed), explain=told)]

    def trimmed(self, collected: list[int]) -> list[int]:
        """By priority, the first of each group only, at most as many as the placement takes."""
        groups: set[str] = set()
        kept = []
        for ending in sorted(collected, key=self._rank.__getitem__):
            group = self.endings[ending].rule.group
            if group is None or group not in groups:
                kept.append(ending)
                groups.add(group or "")
        return kept[: self._limit]


class _Tells(dict[int, Tell]):
    """What tells of each ending that won; under `~ending`, of one that was passed over. Made when first asked for, since few ever are."""

    __slots__ = ("_endings", "_steps")

    def __init__(self, planned: Planned) -> None:
        self._endings = planned.endings
        self._steps = {step.rule.key: step for step in under(planned.steps)}

    def __missing__(self, ending: int) -> Tell:
        won = ending >= 0
        path = self._endings[ending if won else ~ending].path
        return self.setdefault(ending, tell([self._steps[key] for key in path], won=won))


def _choice(ending: Ending, outcome: Literal["matched", "capped"], reason: Literal["rule", "cap"], template: str | None) -> Choice:
    return Choice(outcome=outcome, reason=reason, rule=ending.rule, template=template, path=ending.path)
