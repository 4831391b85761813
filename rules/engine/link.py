"""One comparison to a test: the operator that fits the name's type, its operand read strictly, and the predicate they make."""

from __future__ import annotations

from collections.abc import Mapping

from rules.engine import limits
from rules.engine.conditions import GROUPS
from rules.engine.linked import Group, Linked, Test, Way
from rules.engine.nodes import Compare, Node, Not, ThresholdRef
from rules.engine.operators import BY_TYPE, NAMES, Operator, Refused, for_untyped
from rules.engine.values import TYPE_WORDS, in_words
from rules.engine.vocabulary import Variable
from rules.engine.work import Site, Work


def test(work: Work, site: Site, leaf: Compare) -> Test | None:
    """The comparison ready to run; None when it has a problem, which is noted here unless an earlier stage has noted it."""
    variable = work.variables.get((leaf.name, site.vocabulary.untyped))
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
    return _ways(work, leaf, variable, candidates)


def _candidates(variable: Variable, name: str) -> tuple[Operator, ...]:
    if variable.type == "untyped":
        return for_untyped(name)
    found = BY_TYPE[variable.type].get(name)
    return (found,) if found else ()


def _ways(work: Work, leaf: Compare, variable: Variable, candidates: tuple[Operator, ...]) -> Test | None:
    value, path = work.operands[id(leaf)], f"{leaf.path}.value"
    ways: list[Way] = []
    refusals: list[Refused] = []
    for operator in candidates:
        try:
            operand = _operand(work, operator, variable, leaf, value)
        except Refused as refused:
            refusals.append(refused)
        else:
            ways.append(Way(work.source(variable, operator), operator, operator.link(operand)))
    if not ways:
        # Of several readings of an untyped name, the first refusal speaks for all.
        first = refusals[0]
        work.note(first.code, path, f"{leaf.name} {leaf.operator}: {first.message}", first.fix)
        return None
    threshold = leaf.value.key if isinstance(leaf.value, ThresholdRef) else None
    return Test(variable, leaf.operator, value, threshold, tuple(ways), ways[0].operator.missing)


def _operand(work: Work, operator: Operator, variable: Variable, leaf: Compare, value: object) -> object:
    if value is None and operator.operand.name != "nothing":
        raise Refused("value_missing", f"a value is needed: {operator.operand.words}", 'Add "value".')
    if operator.operand.name == "pattern" and isinstance(value, str):
        return _pattern(work, operator, value)
    operand = operator.operand.read(value)
    if operator.operand.whole:
        # A value the name can never hold is a slip of the pen: the comparison would be the same for everyone.
        any_case = operator.reads == "many_of" or operator.name == "equal_to_case_insensitive"
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
