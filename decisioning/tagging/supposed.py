"""A user who is made up: facts by their names, as a state and a context that hold them, and over whatever is computed from events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from decisioning.tagging.consent import Consent
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.facts import Facts
from decisioning.tagging.scores import band
from decisioning.tagging.state import Tag, Trait, UserState
from rules.engine.aggregates import split

STORED = ("tags", "traits.", "consent.", "context.")
"""Facts that are held as they were told. All others are computed from events, and there were none."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """`state` and `context` hold what is told of a user, `computed` what events would have come to."""

    state: UserState
    context: Mapping[str, Any]
    computed: Mapping[str, Any]

    def over(self, facts: Facts) -> Facts:
        """The facts of `state` and `context`, with what is supposed instead of what would be computed."""
        facts.suppose(self.computed)
        return facts

    def shown(self, definitions: Definitions, facts: Facts, data: Mapping[str, Any]) -> dict[str, Any]:
        """What a template may name, with what is supposed in its places."""
        whole = dict(data)
        for name, value in self.computed.items():
            kind, _, rest = name.partition(".")
            if kind == "scores":
                key = rest.partition(".")[0]
                plan = definitions.scores.get(key)
                number = facts.get(f"scores.{key}")
                if plan is not None:
                    said = facts.get(f"scores.{key}.band")
                    whole["scores"] = {**whole["scores"], key: {"value": number, "band": said or band(plan, number)}}
            elif kind == "counts":
                key, _, window = rest.partition(".")
                whole = _put(whole, ("counts", key, window), value)
                if window == "total" and key not in whole["traits"]:
                    whole[key] = value
            elif kind == "values":
                whole = _put(whole, ("values", *split(name)), value)
            elif kind in {"thresholds", "user"}:
                whole = _put(whole, (kind, rest), value)
        return whole


def supposed(given: Mapping[str, Any], *, at: float) -> Supposed:
    """The user of whom these facts hold at a time. Values of a wrong type are kept: rules take them as missing."""
    tags, state = given.get("tags"), UserState()
    state.tags = {tag: Tag(at, 0, "", at) for tag in tags if isinstance(tag, str)} if isinstance(tags, list | tuple) else {}
    traits, context = _nested(given, "traits."), _nested(given, "context.")
    state.traits = {key: Trait(value, at) for key, value in traits.items()}
    consent = {name.removeprefix("consent."): value for name, value in given.items() if name.startswith("consent.")}
    state.consent = {purpose: Consent(granted=value is True, at=at, since=0.0) for purpose, value in consent.items()}
    return Supposed(state, context, {name: value for name, value in given.items() if not name.startswith(STORED)})


def _nested(given: Mapping[str, Any], root: str) -> dict[str, Any]:
    """`traits.address.city` as `{"address": {"city": ...}}`. A name that has another one beneath it holds only what is beneath."""
    found: dict[str, Any] = {}
    for name, value in sorted(given.items()):
        if name.startswith(root):
            found = _put(found, tuple(name.removeprefix(root).split(".")), value)
    return found


def _put(into: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = path
    if rest:
        inner = into.get(first)
        value = _put(inner if isinstance(inner, Mapping) else {}, tuple(rest), value)
    return {**into, first: value}
