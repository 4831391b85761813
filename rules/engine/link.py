"""One comparison to a test: the operator that fits the name's type, its operand read strictly, and the predicate they make."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from rules.engine import limits
from rules.engine.conditions import GROUPS
from rules.engine.linked import Group, Linked, Policy, Readings, Test, Way, answer
from rules.engine.nodes import KINDS, Compare, NameRef, Node, Not, ThresholdRef
from rules.engine.operators import BY_TYPE, NAMES, Operator, Predicate, Refused, for_untyped
from rules.engine.values import EXACT, TYPE_WORDS, Reading, in_words, plain
from rules.engine.vocabulary import NOW, ZONE, Variable
from rules.engine.work import ItemFacts, Site, Work

READ_FROM: Mapping[Reading, tuple[str, ...]] = {
    "number": ("number",),
    "text": ("text", "one_of"),
    "element": ("text", "one_of", "number"),
    "datetime": ("datetime",),
    "duration": ("duration",),
    "version": ("text", "one_of"),
    "many_of": ("many_of",),
}
"""Which types of name may stand in place of an operand that is read so."""


def test(work: Work, site: Site, leaf: Compare) -> Test | None:
    """The comparison ready to run; None when it has a problem, which is noted here unless an earlier stage has noted it.

    Of comparisons that say the same one test is made, where the work shares them: in large rule sets most are said more than once.
    """
    key = _key(site, leaf) if work.sharing else None
    found = work.tests.get(key)
    if found is None:
        found = _linked(work, site, leaf)
        if found is not None and key is not None:
            work.tests[key] = found
    return found


def _key(site: Site, leaf: Compare) -> Hashable:
    """What comparisons that say the same have in common; None for one with conditions of its own. To Python 1 and True are the same."""
    value = leaf.value
    if isinstance(value, KINDS):
        return None
    kinds = tuple(part.__class__ for part in value) if isinstance(value, tuple) else value.__class__
    return leaf.name, site.vocabulary.roots, leaf.operator, kinds, value, leaf.missing


def _linked(work: Work, site: Site, leaf: Compare) -> Test | None:
    variable = work.variables.get((leaf.name, site.vocabulary.roots))
    if leaf.operator not in NAMES:
        fix = "Use an operator of docs/rule-language.md."
        work.note("unknown_operator", f"{leaf.path}.operator", f"there is no operator {leaf.operator!r}", fix)
        return None
    if variable is None or id(leaf) not in work.operands:
        return None
    candidates = _candidates(variable, leaf.operator)
    if not candidates:
        offered = ", ".join(BY_TYPE[variable.type])
        message = f"{variable.name} is {TYPE_WORDS[variable.type]}, to which {leaf.operator!r} does not apply"
        work.note("operator_wrong_for_type", f"{leaf.path}.operator", message, f"Use one of: {offered}.")
        return None
    return _ways(work, site, leaf, variable, candidates)


def _candidates(variable: Variable, name: str) -> tuple[Operator, ...]:
    if variable.type == "untyped":
        return for_untyped(name)
    found = BY_TYPE[variable.type].get(name)
    return (found,) if found else ()


def _ways(work: Work, site: Site, leaf: Compare, variable: Variable, candidates: tuple[Operator, ...]) -> Test | None:
    value, path = work.operands[id(leaf)], f"{leaf.path}.value"
    ways: list[Way] = []
    refusals: list[Refused] = []
    for operator in candidates:
        try:
            ways.append(_way(work, site, operator, variable, leaf))
        except Refused as refused:
            refusals.append(refused)
    if not ways:
        # Of several readings of an untyped name, the first refusal speaks for all.
        first = refusals[0]
        if first.code:
            work.note(first.code, path, f"{leaf.name} {leaf.operator}: {first.message}", first.fix)
        return None
    threshold = leaf.value.key if isinstance(leaf.value, ThresholdRef) else None
    other = ways[0].extra[0] if isinstance(value, NameRef) else None
    policy: Policy = "operator" if leaf.missing is None else "condition"
    missing = ways[0].operator.missing if leaf.missing is None else leaf.missing
    expected = str(value) if isinstance(value, KINDS | NameRef) else value
    told, seen = shown(variable.name, leaf.operator, expected, threshold), work.source(variable, "shown")
    segment = variable.name.startswith("segments.")
    same = len(ways) == 1 and not ways[0].extra and (ways[0].operator.reads or variable.type) in EXACT
    return Test(variable, leaf.operator, expected, threshold, tuple(ways), missing, policy, other, told, seen, segment, same)


def shown(name: str, operator: str, expected: object, threshold: str | None = None) -> dict[str, Any]:
    """What an explanation says of a comparison that holds, but for the value."""
    by_name = {"threshold": threshold} if threshold is not None else {}
    return {"name": name, "operator": operator, "expected": plain(expected), **by_name, "actual": None, "matched": True}


def _way(work: Work, site: Site, operator: Operator, variable: Variable, leaf: Compare) -> Way:
    value = work.operands[id(leaf)]
    source = work.source(variable, operator.reads)
    if isinstance(value, NameRef):
        predicate, other = _against(work, site, operator, value)
        return Way(source, operator, predicate, (other,))
    if operator.operand.name == "items" and id(value) in work.inner:
        predicate, extra = _of_items(work, operator, work.inner[id(value)])
        return Way(source, operator, predicate, extra)
    operand = _operand(work, operator, variable, leaf, value)
    given = site.vocabulary.get(operator.given) if operator.given else None
    shape = operator.shape(operand) if operator.shape is not None else None
    return Way(source, operator, operator.link(operand), (work.source(given),) if given else (), operand, shape)


def _against(work: Work, site: Site, operator: Operator, ref: NameRef) -> tuple[Predicate, int]:
    """The comparison with what another name holds, linked anew each time with the value it has then; and that name's source."""
    reads, link = operator.operand.other, operator.link
    if reads is None:
        words = f"{operator.name} can't be compared with another name; it needs {operator.operand.words}"
        raise Refused("name_not_allowed", words, "Write the value itself.")
    other = site.vocabulary.get(ref.name)
    if other is None:
        unknown = site.vocabulary.unknown(ref.name, "")
        raise Refused(unknown.code, unknown.message, unknown.fix)
    if other.type not in READ_FROM[reads] and other.type != "untyped":
        words = f"{other.name} is {TYPE_WORDS[other.type]}, and {TYPE_WORDS[reads]} is needed"
        raise Refused("name_not_allowed", words, "Choose a name of a fitting type.")
    return lambda value, found: link(found)(value), work.source(other, reads)


def _of_items(work: Work, operator: Operator, inner: Site) -> tuple[Predicate, tuple[int, ...]]:
    """Each item is read with sources of its own; the moment and the time zone are handed on where its conditions ask for them."""
    if inner.linked is None:
        raise Refused("", "its conditions have problems of their own")
    holds, table = answer(inner.linked), work.table
    names = names_of(inner.linked, work)
    given = tuple(work.source(variable) for variable in (NOW, ZONE) if variable.name in names)

    def ask(item: Mapping[str, Any], *values: Any) -> bool:
        readings = Readings(ItemFacts(item), table)
        readings.update(zip(given, values, strict=True))  # they were read already
        return holds(readings)

    return operator.link(ask), given


def names_of(linked: Linked, work: Work) -> set[str]:
    """The names that conditions read."""
    if isinstance(linked, Test):
        return {work.table[source].name for way in linked.ways for source in (way.source, *way.extra)}
    return set().union(*(names_of(part, work) for part in linked.parts))


def _operand(work: Work, operator: Operator, variable: Variable, leaf: Compare, value: object) -> object:
    if value is None and operator.operand.name != "nothing":
        raise Refused("value_missing", f"a value is needed: {operator.operand.words}", 'Add "value".')
    if operator.operand.name == "pattern" and isinstance(value, str):
        return _pattern(work, operator, value)
    if isinstance(value, tuple) and any(isinstance(part, NameRef) for part in value):
        raise Refused("name_not_allowed", "another name can't stand in a list of values", "Write the values themselves.")
    operand = operator.operand.read(value)
    if operator.operand.whole:
        # A value the name can never hold is a slip of the pen: the comparison would be the same for everyone.
        any_case = operator.reads == "many_of" or operator.name.endswith("_case_insensitive")
        for wanted in operand if isinstance(operand, tuple) else (operand,):
            if not variable.holds(wanted, any_case=any_case):
                raise Refused(variable.unknown, f"it can't hold {in_words(wanted)}", _holdable(variable.values or frozenset()))
    return operand


def _pattern(work: Work, operator: Operator, source: str) -> object:
    """Each expression is compiled once: refusing a hostile one takes RE2 tens of milliseconds, every time."""
    if source not in work.patterns:
        if len(work.patterns) == limits.PATTERNS:
            words = f"there are more than {limits.PATTERNS} different regular expressions"
            raise Refused("too_many_patterns", words, "Use other operators, such as starts_with or in.")
        try:
            work.patterns[source] = operator.operand.read(source)
        except Refused as refused:
            work.patterns[source] = refused
    found = work.patterns[source]
    if isinstance(found, Refused):
        raise found
    return found


def _holdable(values: frozenset[str]) -> str:
    if not values:
        return "Declare the values it can hold first."
    return f"It can hold: {', '.join(sorted(values))}." if len(values) <= 20 else "Choose one of the declared values."


def tree(node: Node, tests: Mapping[int, Test | None]) -> Linked | None:
    """The groups of the node around its tests."""
    if isinstance(node, Compare):
        return tests[id(node)]
    children = (node.child,) if isinstance(node, Not) else node.children
    parts = tuple(part for child in children if (part := tree(child, tests)) is not None)
    kind = "not" if isinstance(node, Not) else next(group for group, made in GROUPS.items() if made is type(node))
    return Group(kind, parts)
