"""An explanation of a decision for people: each rule on the way, each condition in words with what the user has, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rules import words
from rules.engine.values import in_words

WHY_NOT = {
    "disabled": "it is switched off",
    "capped": "its cap is used up",
    "trimmed": "others came first",
    "starts": "it has not begun",
    "ends": "it is over",
}
GROUPS = {"all": "all of", "any": "any of", "none": "none of", "not": "not"}


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison or group of them. `actual` and `needs` are empty for a group, and `needs` for what is as it should be."""

    words: str
    matched: bool
    actual: str = ""
    needs: str = ""
    parts: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Told:
    """One rule that was met on the way. `state` is `won`, `matched` or `missed`."""

    key: str
    state: str
    why: str
    lines: list[Line]
    children: list[Told]
    otherwise: list[Told]


def rules(explain: Mapping[str, Any] | None, names: words.Names = words.spoken) -> list[Told]:
    return [_rule(one, names) for one in (explain or {}).get("rules", ())]


def _rule(one: Mapping[str, Any], names: words.Names) -> Told:
    reason = one.get("reason", "")
    state = "won" if one.get("won") else "matched" if one.get("matched") and not reason else "missed"
    lines = [_line(gate, names) for gate in one.get("gates", ()) if not gate["matched"]]
    conditions = one.get("conditions")
    if conditions is not None:
        whole = _line(conditions, names)
        lines += whole.parts if "all" in conditions else [whole]
    children, otherwise = ([_rule(below, names) for below in one.get(branch, ())] for branch in ("children", "otherwise"))
    return Told(one["key"], state, WHY_NOT.get(reason, words.humanised(reason) if reason else ""), lines, children, otherwise)


def _line(told: Mapping[str, Any], names: words.Names) -> Line:
    if "name" in told:
        wanted = {"threshold": told["threshold"]} if told.get("threshold") else told.get("expected")
        said = words.sentence({"name": told["name"], "operator": told["operator"], "value": wanted}, names, top=False)
        if "expected_value" in told:
            said += f" ({in_words(told['expected_value'])})"
        said = said or f"{names(told['name'])} {words.humanised(told['operator'])} {words.plain(wanted)}"
        missing = " (missing)" if told.get("missing") and told.get("actual") is not None else ""
        return Line(said, told["matched"], f"{_actual(told)}{missing}", told.get("needs", ""))
    kind = next(kind for kind in GROUPS if kind in told)
    parts = told[kind] if kind != "not" else [told[kind]]
    return Line(GROUPS[kind] if parts else "always", told["matched"], parts=[_line(part, names) for part in parts])


def _actual(told: Mapping[str, Any]) -> str:
    value = told.get("actual")
    if isinstance(value, list | tuple):
        return ", ".join(map(words.plain, value)) or "none"
    return in_words(value) if not isinstance(value, str) else value


def changes(found: list[Told]) -> Iterator[tuple[str, list[str]]]:
    """By rule that was missed, what its conditions would need: the fewest changes first."""
    missed = [(told.key, needs) for told in every(found) if told.state == "missed" and (needs := list(_needs(told.lines)))]
    yield from sorted(missed, key=lambda one: len(one[1]))


def every(found: list[Told]) -> Iterator[Told]:
    """The rules themselves and all beneath them."""
    for told in found:
        yield told
        yield from every(told.children)
        yield from every(told.otherwise)


def _needs(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        if line.needs:
            yield line.needs
        yield from _needs(line.parts)
