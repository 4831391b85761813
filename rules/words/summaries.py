"""One line on what a body says, and what differs between two of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rules.engine.aggregates import DEFAULT_HALF_LIFE, DEFAULT_SAMPLE
from rules.words.basics import APART, TIMES, humanised, plain
from rules.words.bounds import capped, rolled_out, scheduled
from rules.words.conditions import sentence
from rules.words.labels import choices, chosen, label
from rules.words.names import Names, spoken, valued
from rules.words.tags import given, taken

MARKUP = re.compile(r"<[^<>]*>|\{%[^{}]*%\}")
"""What a template's text is without, for people to read in a line."""


def summary(kind: str, body: Mapping[str, Any] | None, names: Names = spoken) -> str:
    """One line on what a body says."""
    if body is None:
        return ""
    match kind:
        case "rule":
            return _ruled(body, names)
        case "segment":
            return sentence(body.get("when"), names)
        case "tag":
            stays, group = body.get("ttl"), body.get("group")
            parts = (given(body.get("assign")), stays and f"stays {stays}", taken(body.get("remove")), group and f"one of {group}")
            return "; ".join(part for part in parts if part)
        case "score":
            return " + ".join(summand(term, names) for term in body.get("terms", []))
        case "threshold":
            return _threshold(body)
        case "template":
            texts = [body.get("body") or "", *(body.get("fields") or {}).values()]
            words = APART.join(text for text in (" ".join(MARKUP.sub(" ", text).split()) for text in texts) if text)
            return words if len(words) <= 100 else f"{words[:99]}…"
        case "event":
            refused = "refused" if body.get("mode") == "enforce" else "counted"
            return f"{body.get('event')}: {_asked(body.get('schema') or {})}, what does not fit is {refused}"
        case "purpose":
            return "without it events are not used" if body.get("events") else body.get("description", "")[:100]
        case "signal":
            read = "text at " if body.get("type") == "text" else ""
            counted = f"{read}{body['value']}" if body.get("value") else "each counts 1"
            return f"{body.get('event')} ({counted})" + (f", if {sentence(body['where'])}" if body.get("where") else "")
        case "placement":
            most = f", at most {body['limit']}" if body.get("limit") else ""
            every = f", every match{most}" if body.get("mode") == "collect" else ""
            kind, fallback = chosen("content", body.get("content", "html")), _shown(body.get("fallback"), names) or "nothing"
            return f"{kind}{every}, otherwise {fallback}"
        case _:
            said = ", ".join([humanised(body.get("type", "text")), *body.get("values", [])][:8])
            return (
                f"{said}{APART}of two users' values {dict(choices('merge', (body['merge'],)))[body['merge']]}" if "merge" in body else said
            )


def _asked(schema: Mapping[str, Any]) -> str:
    """The properties a schema names, those that must be there with a star. It may be unfinished, so its parts may be anything."""
    named, needed = (schema.get(word) or () for word in ("properties", "required"))
    names = dict.fromkeys([*(named if isinstance(named, Mapping) else ()), *(map(str, needed) if isinstance(needed, list) else ())])
    return ", ".join(f"{name}*" if name in needed else name for name in list(names)[:8]) or "any properties"


def _shown(outcome: Any, names: Names) -> str:
    template = (outcome or {}).get("template")
    return names.quoted("template", template, template) if template else ""


def _ruled(body: Mapping[str, Any], names: Names) -> str:
    """`otherwise: user has buyer → loyal · Mon-Fri · for 25 % of users · at most 1 per day`."""
    said, shown = sentence(body.get("when"), names), _shown(body.get("then"), names) or "the rules beneath"
    if body.get("branch") == "else":
        said = f"otherwise: {said}" if body.get("when") else "otherwise"
    parts = (
        "" if body.get("enabled", True) else "switched off",
        f"{said} → {shown}",
        scheduled(body.get("schedule")),
        rolled_out(body.get("rollout")),
        capped(body.get("cap")),
        f"one of {body['group']}" if body.get("group") else "",
        f"priority {body['priority']}" if body.get("priority") else "",
    )
    return APART.join(part for part in parts if part)


def summand(term: Mapping[str, Any], names: Names = spoken) -> str:
    """A term as it is computed: `1 × 0.3 × highest scroll depth (at most 1)`."""  # noqa: RUF002  as in arithmetic
    factors = [plain(term.get("weight", 1)), *([plain(term["gain"])] if term.get("gain", 1) != 1 else [])]
    take, signal = term.get("take", "sum"), names.thing("signal", term["signal"])
    taken = {"max": f"highest {signal}", "last": f"latest {signal}", "sum": signal}.get(take) or valued(term["signal"], take, signal)
    per = f" per {plain(term['per'])}" if term.get("per", 1) != 1 else ""
    most = f" (at most {plain(term['max'])})" if term.get("max") is not None else ""
    boosted = ", boosted on dates" if term.get("boosts") else ""
    return f"{TIMES.join(factors)}{TIMES}{taken}{per}{most}{boosted}"


def _threshold(body: Mapping[str, Any]) -> str:
    """`mean of dwell + 2 deviations of all users (half-life 1d), between 5 and 60; 10 below 100 values`."""
    value, follows = plain(body.get("value")), body.get("adaptive") or {}
    if not follows:
        return value
    signal, k = humanised(follows.get("signal", "")), follows.get("k")
    if k is None:
        measure = f"percentile {plain(follows.get('percentile'))} of {signal}"
    else:
        measure = f"mean of {signal}" + (f" {'-' if k < 0 else '+'} {plain(abs(k))} deviations" if k else "")
    least, most = (plain(follows.get(word)) for word in ("min", "max"))
    bounds = f", between {least} and {most}" if least and most else f", at least {least}" if least else f", at most {most}" if most else ""
    fading = f" (half-life {follows.get('half_life', DEFAULT_HALF_LIFE)})"
    return f"{measure} of all users{fading}{bounds}; {value} below {follows.get('at_least', DEFAULT_SAMPLE)} values"


def changed(field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What became of one field, in words."""
    old, new = before.get(field), after.get(field)
    match field:
        case "enabled":
            return "switched off" if new is False else "switched on"
        case "name":
            return f"renamed from “{old}” to “{new}”" if old and new else f"named “{new}”" if new else "name taken away"
        case "position" | "priority":
            return f"{field} {old or 0} → {new or 0}"
        case "placement":
            return f"placement {old} → {new}"
        case "parent":
            return f"moved beneath {new}" if new else "moved to the top"
        case "branch":
            return f"tried {dict(choices(field, ('then', 'else')))[new or 'then']}"
        case "schedule":
            return f"only {said}" if (said := scheduled(new)) else "at any time"
        case "rollout":
            return rolled_out(new) or "for all users"
        case "cap":
            return capped(new) or "no longer capped"
        case "group":
            return f"one of {new}" if new else f"no longer one of {old}"
        case "mode" if "enforce" in (old, new):
            return f"what does not fit is {dict(choices(field, ('warn', 'enforce')))[new or 'warn']}"
        case "mode":
            return f"answers with {dict(choices(field, ('first', 'collect')))[new or 'first']}"
        case "limit":
            return f"at most {new} at once" if new else "no limit"
        case "assign":
            return f"given {given(new)}" if new else "no longer given"
        case "remove":
            return taken(new) or "no longer taken away"
        case "adaptive":
            return f"follows users: {_threshold(after)}" if new else "follows users no longer"
        case "schema":
            return f"asks for {_asked(new or {})}, before for {_asked(old or {})}"
        case "then" | "fallback":
            was, now = ((one or {}).get("template") or "nothing" for one in (old, new))
            return f"shows {now} instead of {was}"
        case _ if all(isinstance(one, str | int | float | None) for one in (old, new)):
            words, old, new = label(field).lower(), chosen(field, old), chosen(field, new)
            return f"{words} {plain(old)} became {plain(new)}" if old is not None and new is not None else f"{words}: {_or_nothing(new)}"
        case _:
            return f"{label(field).lower()} changed"


def _or_nothing(value: Any) -> str:
    return "none any more" if value is None else plain(value)
