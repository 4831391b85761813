"""From a workspace's conditions to a rule set: a visible list of stages. Each sees all conditions, and gathers all their problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from rules.engine import limits
from rules.engine.circles import circles
from rules.engine.conditions import read_conditions
from rules.engine.errors import DocumentError
from rules.engine.gates import gates
from rules.engine.link import test, tree
from rules.engine.nodes import KINDS, Compare, NameRef, ThresholdRef, leaves
from rules.engine.plans import plan
from rules.engine.ruleset import Conditions, Ruleset
from rules.engine.tree import ceilings, walk
from rules.engine.vocabulary import OF_ITEMS, Vocabulary
from rules.engine.work import Site, Work
from rules.engine.workspace import Workspace


def read(work: Work) -> None:
    """JSON to nodes; the conditions on a list's items become sites of their own, before the one they stand in."""
    sites: list[Site] = []
    for site in work.sites:
        if site.source is not None and len(work.problems) <= limits.PROBLEMS:
            site.node, problems = read_conditions(site.source, site.path)
            work.problems += problems
        sites += _inner(work, site)
    work.sites = sites


def segments(work: Work) -> None:
    """Which segments there are to use, less those that use themselves."""
    work.segments = {site.segment: site for site in work.sites if site.segment is not None}
    circles(work)


def bind(work: Work) -> None:
    """Names to variables of the vocabulary."""
    unknown = 0
    for site in work.sites:
        for leaf in site.leaves:
            variable = site.vocabulary.get(leaf.name)
            if variable is None:
                unknown += 1
                suggest = unknown <= limits.SUGGESTIONS
                work.add(site.vocabulary.unknown(leaf.name, f"{leaf.path}.name", suggest=suggest))
            else:
                work.variables[leaf.name, site.vocabulary.roots] = variable


def resolve(work: Work) -> None:
    """Named thresholds to their numbers; adaptive ones, which have none yet, to the name that they are read by."""
    adaptive = None in work.thresholds.values()
    for site in work.sites:
        for leaf in site.leaves:
            try:
                operand = _resolved(leaf.value, work.thresholds)
                if not adaptive or not _refuses_adaptive(work, site, leaf, operand):
                    work.operands[id(leaf)] = operand
            except KeyError as error:
                fix = "Write the key of one of the workspace's thresholds."
                message = f"there is no threshold {str(error.args[0])[: limits.NAME]!r}"
                work.note("unknown_threshold", f"{leaf.path}.value", message, fix)


def link(work: Work) -> None:
    """Operators and operands to tests."""
    for site in work.sites:
        tests = {id(leaf): test(work, site, leaf) for leaf in site.leaves}
        if site.node is not None and None not in tests.values():
            site.linked = tree(site.node, tests)


def gate(work: Work) -> None:
    """Schedules and roll-outs to tests like any other."""
    for site in work.sites:
        site.gates = gates(work, site)


Stage = tuple[str, Callable[[Work], None]]

STAGES: tuple[Stage, ...] = (
    ("read", read),  # first: everything below works on nodes
    ("segments", segments),  # before link, which ends segments in their conditions
    ("bind", bind),  # before link, which needs the type of each name
    ("resolve", resolve),  # before link, which compiles the operand
    ("link", link),  # only tests that could be linked can be planned
    ("gate", gate),  # after link, so that a rule's own conditions come first in the numbering
)
"""Checking stops here. Compiling a rule set goes on, when no stage found a problem, with the stages of `plans.plan`."""


def run(sites: Iterable[Site], thresholds: Mapping[str, float | None], timezone: str = "UTC", *, sharing: bool = False) -> Work:
    """Every stage in order. Problems are gathered, never raised. A threshold of None is an adaptive one; `sharing` as of Work."""
    work = Work(list(sites), thresholds, timezone, sharing)
    for _, stage in STAGES:
        stage(work)
    return work


def workspace_sites(workspace: Workspace) -> Iterator[Site]:
    """Every place of conditions that a rule set is made of: segments, then rules in the document's order."""
    vocabulary = Vocabulary.of(workspace)
    for index, segment in enumerate(workspace.segments):
        yield Site(f"$.segments[{index}].when", segment.when, vocabulary, segment=segment.key)
    for place in walk(workspace):
        yield Site(f"{place.path}.when", place.rule.when, vocabulary, rule=place.rule)


def event_sites(workspace: Workspace) -> Iterator[Site]:
    """Every place of conditions on events."""
    events = Vocabulary.of_events()
    for index, signal in enumerate(workspace.signals):
        yield Site(f"$.signals[{index}].where", signal.where, events)
    for index, tag in enumerate(workspace.tags):
        path = f"$.tags[{index}]"
        if tag.assign is not None:
            yield Site(f"{path}.assign.where", tag.assign.where, events)
            for number, step in enumerate(tag.assign.steps):
                yield Site(f"{path}.assign.steps[{number}].where", step.where, events)
            for number, need in enumerate(tag.assign.all):
                yield Site(f"{path}.assign.all[{number}].where", need.where, events)
        if tag.remove is not None:
            yield Site(f"{path}.remove.where", tag.remove.where, events)


def user_sites(workspace: Workspace) -> Iterator[Site]:
    """Every place of conditions on the user beside rules: what must hold for a tag to be given or taken away."""
    vocabulary = Vocabulary.of(workspace)
    for index, tag in enumerate(workspace.tags):
        for word, part in (("assign", tag.assign), ("remove", tag.remove)):
            if part is not None and part.when is not None:
                yield Site(f"$.tags[{index}].{word}.when", part.when, vocabulary)


def thresholds_of(workspace: Workspace) -> dict[str, float | None]:
    """By key: the number of a fixed threshold; None for an adaptive one, whose number is asked when something is decided."""
    return {threshold.key: threshold.value if threshold.adaptive is None else None for threshold in workspace.thresholds}


def compile_conditions(conditions: object, *, thresholds: Mapping[str, float | None]) -> Conditions:
    """Conditions on an event (`where`); without any, always true. Raises DocumentError with every problem."""
    site = Site("$", conditions, Vocabulary.of_events())
    work = run([site], thresholds)
    if work.problems:
        raise DocumentError(work.problems)
    return Conditions(site.linked, tuple(work.table), work.names())


def compile_user_conditions(workspace: Workspace) -> dict[str, Conditions]:
    """The `when` of tags by their paths; segments can be asked for. Raises DocumentError with every problem."""
    sites = list(user_sites(workspace))
    if not sites:
        return {}
    segments = [site for site in workspace_sites(workspace) if site.segment is not None]
    work = run([*segments, *sites], thresholds_of(workspace), workspace.workspace.timezone)
    if work.problems:
        raise DocumentError(work.problems)
    return {site.path: Conditions(site.linked, tuple(work.table), work.names()) for site in sites}


def compile_ruleset(workspace: Workspace) -> Ruleset:
    """Every placement's tree, ready to decide. Raises DocumentError with every problem that stands in the way of it."""
    problems = list(ceilings(workspace))
    work = run(workspace_sites(workspace), thresholds_of(workspace), workspace.workspace.timezone, sharing=True)
    if problems or work.problems:
        raise DocumentError([*problems, *work.problems])
    parts = {id(site.rule): (site.gates, site.linked) for site in work.sites if site.rule is not None}
    return Ruleset(workspace, plan(workspace, parts, work.table), tuple(work.table), work.names())


def _inner(work: Work, site: Site) -> Iterator[Site]:
    """Finds a site's comparisons. Gives the sites within it, the innermost first, and itself last: as deep as conditions may be nested."""
    site.leaves = () if site.node is None else tuple(leaves(site.node))
    for leaf in site.leaves:
        if isinstance(leaf.value, KINDS):
            inner = Site(f"{leaf.path}.value", None, Vocabulary.of_items(), node=leaf.value)
            work.inner[id(leaf.value)] = inner
            yield from _inner(work, inner)
    yield site


def _refuses_adaptive(work: Work, site: Site, leaf: Compare, operand: object) -> bool:
    """Whether an adaptive threshold stands where none can, which is noted."""
    of_events = site.rule is None and site.segment is None
    key = _adaptive_in(work, leaf, operand, deep=of_events)
    if key is None:
        return False
    words, path = f"threshold {key!r} is adaptive", f"{leaf.path}.value"
    if site.vocabulary.roots == OF_ITEMS:
        words += ", and such a one can't stand in conditions on the items of a list"
        work.note("threshold_not_allowed", path, words, "Use a fixed threshold here.")
    elif of_events:
        words += ": it follows all users, and what one user's events do must not depend on others"
        fix = "Use a fixed threshold here, or ask for the adaptive one in a rule or segment."
        work.note("threshold_not_allowed", path, words, fix)
    elif isinstance(operand, tuple):
        words += ", and such a one can't stand in a list of values"
        work.note("threshold_not_allowed", path, words, "Write comparisons with one value each, under all or any.")
    else:
        return False
    return True


def _adaptive_in(work: Work, leaf: Compare, operand: object, *, deep: bool) -> str | None:
    """The key of an adaptive threshold that the comparison reads, straight or, where that matters (`deep`), by way of segments."""
    asked = [(leaf.name, operand)]
    seen: set[str] = set()
    while asked:
        name, value = asked.pop()
        parts = value if isinstance(value, tuple) else (value,)
        for one in (name, *(part.name for part in parts if isinstance(part, NameRef))):
            kind, _, key = one.partition(".")
            if kind == "thresholds" and work.thresholds.get(key, 0) is None:
                return key
            if deep and kind == "segments" and key in work.segments and key not in seen:
                seen.add(key)
                asked += [(inner.name, _known(inner.value, work.thresholds)) for inner in work.segments[key].leaves]
    return None


def _known(value: object, thresholds: Mapping[str, float | None]) -> object:
    """As `_resolved`, where a threshold may be unknown, which is told where it stands."""
    try:
        return _resolved(value, thresholds)
    except KeyError:
        return None


def _resolved(value: object, thresholds: Mapping[str, float | None]) -> object:
    if isinstance(value, ThresholdRef):
        number = thresholds[value.key]
        return NameRef(f"thresholds.{value.key}") if number is None else number
    return tuple(_resolved(part, thresholds) for part in value) if isinstance(value, tuple) else value
