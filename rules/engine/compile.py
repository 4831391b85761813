"""From conditions to tests: a visible list of stages. Every stage sees all conditions, and gathers all their problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rules.engine import limits
from rules.engine.conditions import read_conditions
from rules.engine.errors import DocumentError
from rules.engine.link import test, tree
from rules.engine.linked import Linked, Step, answer
from rules.engine.nodes import Compare, ThresholdRef, leaves
from rules.engine.ruleset import Conditions, Ruleset
from rules.engine.tree import ceilings, walk
from rules.engine.vocabulary import Vocabulary
from rules.engine.work import Site, Work
from rules.engine.workspace import Rule, Workspace


def read(work: Work) -> None:
    """JSON to nodes."""
    for site in work.sites:
        if site.source is not None and len(work.problems) <= limits.PROBLEMS:
            site.node, problems = read_conditions(site.source, site.path)
            work.problems += problems


def bind(work: Work) -> None:
    """Names to variables of the vocabulary."""
    unknown = 0
    for site in work.sites:
        for leaf in _leaves(site):
            variable = site.vocabulary.get(leaf.name)
            if variable is None:
                unknown += 1
                suggest = unknown <= limits.SUGGESTIONS
                work.add(site.vocabulary.unknown(leaf.name, f"{leaf.path}.name", suggest=suggest))
            else:
                work.variables[leaf.name, site.vocabulary.untyped] = variable


def resolve(work: Work) -> None:
    """Named thresholds to their numbers."""
    for site in work.sites:
        for leaf in _leaves(site):
            try:
                work.operands[id(leaf)] = _resolved(leaf.value, work.thresholds)
            except KeyError as error:
                fix = "Write the key of one of the workspace's thresholds."
                message = f"there is no threshold {str(error.args[0])[: limits.NAME]!r}"
                work.note("unknown_threshold", f"{leaf.path}.value", message, fix)


def link(work: Work) -> None:
    """Operators and operands to tests."""
    for site in work.sites:
        tests = {id(leaf): test(work, site, leaf) for leaf in _leaves(site)}
        if site.node is not None and None not in tests.values():
            site.linked = tree(site.node, tests)


Stage = tuple[str, Callable[[Work], None]]

STAGES: tuple[Stage, ...] = (
    ("read", read),  # first: everything below works on nodes
    ("bind", bind),  # before link, which needs the type of each name
    ("resolve", resolve),  # before link, which compiles the operand
    ("link", link),  # last: only tests that could be linked can be planned
)
"""Compiling a rule set goes on with `plan`, when no stage found a problem; checking stops here."""


def run(sites: Iterable[Site], thresholds: Mapping[str, float]) -> Work:
    """Every stage in order. Problems are gathered, never raised."""
    work = Work(list(sites), thresholds)
    for _, stage in STAGES:
        stage(work)
    return work


def rule_sites(workspace: Workspace) -> list[tuple[Rule, Site]]:
    """Each rule with the place of its conditions."""
    vocabulary = Vocabulary.of(workspace)
    return [(place.rule, Site(f"{place.path}.when", place.rule.when, vocabulary)) for place in walk(workspace)]


def compile_conditions(conditions: object, *, thresholds: Mapping[str, float]) -> Conditions:
    """Conditions on an event (`where`); without any, always true. Raises DocumentError with every problem."""
    site = Site("$", conditions, Vocabulary.of_events())
    work = run([site], thresholds)
    if work.problems:
        raise DocumentError(work.problems)
    return Conditions(site.linked, work.sources(), work.names())


def compile_ruleset(workspace: Workspace) -> Ruleset:
    """Every placement's tree, ready to decide. Raises DocumentError with every problem that stands in the way of it."""
    sites, problems = rule_sites(workspace), list(ceilings(workspace))
    work = run((site for _, site in sites), {threshold.key: threshold.value for threshold in workspace.thresholds})
    if problems or work.problems:
        raise DocumentError([*problems, *work.problems])
    return plan(workspace, {id(rule): site.linked for rule, site in sites}, work)


def plan(workspace: Workspace, linked: Mapping[int, Linked | None], work: Work) -> Ruleset:
    """The plan this far is the tree itself, each rule with one function for its conditions."""

    def step(rule: Rule) -> Step:
        tree = linked[id(rule)]
        return Step(rule, answer(tree), tree, tuple(map(step, rule.children)))

    placements = {placement.key: placement for placement in workspace.placements}
    steps = {key: tuple(map(step, placement.rules)) for key, placement in placements.items()}
    return Ruleset(placements, steps, work.sources(), work.names())


def _leaves(site: Site) -> Iterable[Compare]:
    return () if site.node is None else leaves(site.node)


def _resolved(value: object, thresholds: Mapping[str, float]) -> object:
    if isinstance(value, ThresholdRef):
        return thresholds[value.key]
    return tuple(_resolved(part, thresholds) for part in value) if isinstance(value, tuple) else value
