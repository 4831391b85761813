"""Rules to a table. What a row can't say is refused, so that no table says less than its rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from rules.engine import limits
from rules.engine.errors import DocumentError, Problem
from rules.engine.tables.cells import VALUELESS, shielded, write_value
from rules.engine.tables.columns import CAPS, FIRST, LAST, NAME, REQUIRED, SYMBOL_OF, Column, Comparison
from rules.engine.tables.flat import Leaf, comparisons
from rules.engine.workspace import Rule

Row = dict[str, str]
"""The fields of a rule that say something, by their heads."""


def write_table(rules: Sequence[Rule]) -> str:
    """CSV with lines ended as RFC 4180 has it. Raises DocumentError with every rule that does not fit."""
    if len(rules) > limits.TABLE_ROWS:
        raise _too_large(f"{len(rules)} rows; at most {limits.TABLE_ROWS} are allowed")
    problems = [problem for rule in rules for problem in _unfit(rule)]
    if problems:
        raise DocumentError(problems[: limits.PROBLEMS])
    rows = [(_fields(rule), comparisons(rule.when) or []) for rule in rules]
    columns = _merged(tuple(map(_comparison, leaves)) for _, leaves in rows)
    used = {field for fields, _ in rows for field in fields} | {*FIRST, *REQUIRED}
    heads: list[Column] = [*FIRST, *columns, *(field for field in LAST if field in used)]
    if len(heads) > limits.TABLE_COLUMNS:
        raise _too_large(f"more than {limits.TABLE_COLUMNS} columns")
    lines = [[head if isinstance(head, str) else head.head for head in heads]]
    lines += [_cells(heads, fields, leaves) for fields, leaves in rows]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(map(_shielded, lines))
    if text.tell() > limits.TABLE_CHARACTERS:
        raise _too_large(f"more than {limits.TABLE_CHARACTERS} characters")
    return text.getvalue()


def _unfit(rule: Rule) -> Iterator[Problem]:
    parts = (
        (rule.children, "children", "children", "Take them out of the tree first."),
        (rule.schedule, "schedule", "a schedule", "Leave this rule out of tables."),
        (rule.rollout, "rollout", "a roll-out", "Leave this rule out of tables."),
        (rule.branch == "else", "branch", "an else branch", "Leave this rule out of tables."),
    )
    for there, field, words, fix in parts:
        if there:
            yield _refused(rule, f".{field}", f"it has {words}", fix)
    leaves = comparisons(rule.when)
    if leaves is None:
        fix = 'Write its conditions as one {"all": [...]} of comparisons.'
        yield _refused(rule, ".when", "its conditions are groups within each other, or other groups than `all`", fix)
    for leaf in leaves or ():
        if not _writable(leaf):
            yield _refused(rule, ".when", f"no cell can say its comparison of {leaf['name'][:100]!r}", "Write it in another way.")


def _refused(rule: Rule, where: str, why: str, fix: str) -> Problem:
    return Problem("rule_unfit_for_table", f"$.rules.{rule.key}{where}", f"the rule {rule.key!r} does not fit into a table: {why}", fix)


def _writable(leaf: Leaf) -> bool:
    operator = leaf["operator"]
    if not NAME.fullmatch(leaf["name"]) or not (operator in SYMBOL_OF or operator.replace("_", "a").isalpha()):
        return False
    if not isinstance(leaf.get("missing", True), bool) or not operator.isascii() or not operator.islower():
        return False
    return operator in VALUELESS or ("value" in leaf and write_value(leaf["value"], operator) is not None)


def _fields(rule: Rule) -> Row:
    caps = {head: getattr(rule.cap, head.partition(".")[2], None) for head in CAPS}
    said = {
        "key": rule.key,
        "name": rule.name,
        "then": rule.then.template if rule.then else "",
        **{head: str(most) for head, most in caps.items() if most is not None},
        "group": rule.group or "",
        "priority": str(rule.priority) if rule.priority else "",
        "enabled": "" if rule.enabled else "no",
        "description": rule.description,
    }
    return {field: text for field, text in said.items() if text}


def _comparison(leaf: Leaf) -> Comparison:
    return Comparison(leaf["name"], leaf["operator"], leaf.get("missing"))


def _merged(rows: Iterable[tuple[Comparison, ...]]) -> list[Comparison]:
    """Columns in which each row finds its comparisons in their own order; one that stands twice in a row has two columns."""
    columns: list[Comparison] = []
    for row in rows:
        if len(row) > limits.TABLE_COLUMNS:  # to be refused, here and below: with thousands of them, finding each would take for ever
            return list(row)
        at = 0
        for index, wanted in enumerate(row):
            if wanted not in columns[at:]:
                # As far to the right as the rest of the row lets it, so that columns stand in the order rules first ask for them.
                following = next((columns.index(later, at) for later in row[index + 1 :] if later in columns[at:]), len(columns))
                columns.insert(following, wanted)
            at = columns.index(wanted, at) + 1
        if len(columns) > limits.TABLE_COLUMNS:
            break
    return columns


def _cells(heads: Sequence[Column], fields: Row, leaves: Sequence[Leaf]) -> list[str]:
    waiting = list(leaves)
    cells = []
    for head in heads:
        if isinstance(head, str):
            cells.append(fields.get(head, ""))
        elif waiting and _comparison(waiting[0]) == head:
            leaf = waiting.pop(0)
            cells.append("yes" if leaf["operator"] in VALUELESS else write_value(leaf["value"], leaf["operator"]) or "")
        else:
            cells.append("")
    return cells


def _shielded(line: Sequence[str]) -> list[str]:
    cells = [shielded(cell) for cell in line]
    if any(len(cell) > limits.TABLE_CELL for cell in cells):
        raise _too_large(f"a cell of more than {limits.TABLE_CELL} characters")
    return cells


def _too_large(what: str) -> DocumentError:
    return DocumentError([Problem("too_large", "$", f"the table would have {what}", "Use a document instead.")])
