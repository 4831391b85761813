"""Why two releases answer one decision differently: the rules concerned, and which of their conditions came out otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from decisioning.rulesets import Live
from rules.engine.workspace import Rule

Told = tuple[dict[str, Any], frozenset[str]]
"""An explanation, and the names it asked for that nobody knows."""
SAID = {
    "disabled": "it is switched off",
    "capped": "its cap was used up",
    "schedule": "its schedule does not cover the time of the decision",
    "rollout": "its roll-out does not include this user",
    "trimmed": "others came before it and the placement takes no more",
}


class Why(msgspec.Struct):
    """One rule concerned: what stood with it in the release that decided, and what in the other; `words` say it."""

    rule: str
    was: str
    now: str
    words: str


def difference(field: str, was: Any, now: Any) -> dict[str, Any]:
    """One field of the answer that would be another, with the words for it."""
    return {"field": field, "was": was, "now": now, "words": f"{field.capitalize()} {said(field, was)} would be {said(field, now)}."}


def said(field: str, value: Any) -> str:
    """A field of an answer as people read it."""
    if isinstance(value, str):
        return value
    if field in {"rule", "template"}:
        return f"{value['key']} v{value['version']}" if value else "none"
    if field == "path":
        return " > ".join(value) or "none"
    if field == "content":
        fields = ", ".join(f"{key}: {_value(text)}" for key, text in sorted(value["fields"].items()))
        return _value(value["body"]) if value["body"] or not fields else fields[:300]
    return "not there"


def why(rules: Sequence[str], placement: str, told: Mapping[int, Told], own: Live, other: Live, private: Collection[str]) -> list[Why]:
    """`rules` are those that the two answers name. Values of `private` facts are not told."""
    found = []
    for rule in dict.fromkeys(rules):
        was, now = (_stands(rule, placement, told[one.number], one, private) for one in (own, other))
        if was != now:
            words = f"Rule {rule}: in {_named(own)} {was}; in {_named(other)} {now}."
        elif own.number != other.number and _rule(own, placement, rule) != _rule(other, placement, rule):
            words = f"Rule {rule} is written differently in {_named(other)}: what it shows or its version changed."
        else:
            continue
        found.append(Why(rule, was, now, words))
    return found


def _named(live: Live) -> str:
    """A candidate has no number yet."""
    return f"release {live.number}" if live.number else "what would go live"


def _stands(key: str, placement: str, told: Told, live: Live, private: Collection[str]) -> str:
    if _rule(live, placement, key) is None:
        return "it is not there"
    explanation, unknown = told
    one = next((one for one in _all(explanation.get("rules", ())) if one["key"] == key), None)
    if one is None:
        winner = next((one["key"] for one in _all(explanation.get("rules", ())) if one.get("won")), None)
        return f"rule {winner} comes before it and wins" if winner else "it was not come to"
    if one.get("won"):
        return f"it wins{_seen(one, private)}"
    if one.get("reason"):
        return SAID.get(one["reason"], one["reason"])
    if one["matched"]:
        return "its conditions hold and a rule beneath or before it wins"
    return "its conditions do not hold: " + "; ".join(_needs(one["conditions"], private, unknown))


def _seen(one: Mapping[str, Any], private: Collection[str]) -> str:
    """The conditions of a rule that won, with what they saw."""
    leaves = [leaf for leaf in _leaves(one.get("conditions", {})) if leaf["matched"]]
    seen = [f"{leaf['name']} {_words(leaf['operator'])} {_value(leaf.get('expected'))}{_actual(leaf, private)}" for leaf in leaves[:5]]
    return f" ({'; '.join(seen)})" if seen else ""


def _needs(part: Mapping[str, Any], private: Collection[str], unknown: Collection[str]) -> list[str]:
    said = []
    for leaf in _leaves(part):
        if "needs" not in leaf:
            continue
        words, _, actual = leaf["needs"].partition("; ")
        if leaf["name"] in unknown:
            actual = "nobody read what it was"
        elif is_hidden(leaf["name"], private):
            actual = "its value is not told"
        said.append(f"{words} ({actual})")
    return said[:5] or ["of several ways none holds"]


def is_hidden(name: str, private: Collection[str]) -> bool:
    return name.startswith("context.") or name in private


def _actual(leaf: Mapping[str, Any], private: Collection[str]) -> str:
    return "" if is_hidden(leaf["name"], private) else f", it is {_value(leaf.get('actual'))}"


def _words(operator: str) -> str:
    return operator.replace("_", " ")


def _value(value: object) -> str:
    said = msgspec.json.encode(value).decode()
    return said if len(said) <= 80 else f"{said[:80]}..."


def _leaves(part: Any) -> Iterator[Mapping[str, Any]]:
    if "name" in part:
        yield part
        return
    for kind in ("all", "any", "none"):
        for inner in part.get(kind, ()):
            yield from _leaves(inner)
    if "not" in part:
        yield from _leaves(part["not"])


def _all(rules: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in rules:
        yield one
        yield from _all(one.get("children", ()))
        yield from _all(one.get("otherwise", ()))


def _rule(live: Live, placement: str, key: str) -> Rule | None:
    held = live.ruleset.placements.get(placement)
    return _find(held.rules, key) if held else None


def _find(rules: Sequence[Rule], key: str) -> Rule | None:
    for rule in rules:
        found = rule if rule.key == key else _find(rule.children, key)
        if found is not None:
            return found
    return None
