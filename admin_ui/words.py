"""Words for what is authored: labels and help for fields, and sentences for rules and other bodies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

NOTHING = "–"  # noqa: RUF001  a dash where a table has nothing to say
WITHIN = " › "  # noqa: RUF001  as in breadcrumbs
TIMES = " × "  # noqa: RUF001  as in arithmetic
APART = " · "

MARKUP = re.compile(r"<[^<>]*>|\{%[^{}]*%\}")
"""What a template's text is without, for people to read in a line."""

LABELS = {
    "then.template": "Show template",
    "fallback.template": "Otherwise show template",
    "cap.session": "At most … times per session",
    "when": "Conditions",
    "parent": "Beneath rule",
    "enabled": "Switched on",
    "ttl": "Stays for",
    "assign.event": "Given by event",
    "assign.where": "Only if",
    "assign.count.at_least": "At least … times",
    "assign.count.within": "Within",
    "remove.event": "Taken away by event",
    "remove.where": "Only if",
    "where": "Only if",
    "values": "Allowed values",
    "half_life": "Half-life",
    "fields": "Fields",
    "locales": "Other languages",
    "content": "Kind of content",
}
CONDITIONS = 'JSON: {"all": [...]}, {"any": [...]}, {"none": [...]}, {"not": {...}} of {"name": ..., "operator": ..., "value": ...}.'
HELP = {
    "then.template": "Nothing chosen: the rules beneath this one decide.",
    "when": f"{CONDITIONS} Empty: always. The names you may use are listed below.",
    "where": f"{CONDITIONS} Names: properties.…, context.…, traits.….",
    "assign.where": f"{CONDITIONS} Names: properties.…, context.…, traits.….",
    "remove.where": f"{CONDITIONS} Names: properties.…, context.…, traits.….",
    "position": "Lower comes first among the rules beneath the same parent. The first match wins.",
    "values": "One to a line.",
    "bands": 'JSON, the lower bound of each: {"high": 0.8, "medium": 0.5, "low": 0}. The highest one reached names the band.',
    "terms": 'JSON, the summands: [{"signal": "cart", "weight": 1, "gain": 0.9, "per": 1, "max": 5, "take": "sum"}]. '
    "Each adds weight × gain × the smaller of max and value / per; what is left out is 1, and max is then no limit. "  # noqa: RUF001
    "take: sum (all, decayed by the half-life), last or max (the highest). "
    'A boost for dates: "boosts": [{"factor": 2, "from": "2026-11-27T00:00:00Z", "until": "2026-12-01T00:00:00Z"}].',
    "locales": 'JSON, what differs by language: {"de": {"body": "Hallo", "fields": {"headline": "Hallo"}}}. de also answers for de-AT.',
    "template.fields": 'JSON, one text for each field of the placement: {"headline": "Welcome back", "button": "Look"}.',
    "placement.fields": "One to a line: the fields that templates fill. Only for content of kind “fields”.",
    "event": "The event's name as the app sends it, such as Order Completed.",
    "assign.event": "The event's name as the app sends it, such as Order Completed.",
    "value": "The number in the event that counts, such as properties.seconds. Empty: each event counts 1.",
    "threshold.value": 'Conditions refer to it by {"threshold": "its key"}.',
    "ttl": "Such as 45s, 10m, 1h, 7d, 2w. Empty: until it is taken away.",
    "half_life": "Such as 10m, 1h, 7d: after that long a signal counts half. Empty: no decay.",
    "assign.count.within": "Such as 10m, 1h, 7d. Empty: ever.",
    "template.body": "Liquid or Jinja text: {{ name }}, {{ scores.intent.value }}, {{ counts.dwell.1h }}.",
}
OPERATORS = {
    "equal_to": "is",
    "equal_to_case_insensitive": "is (in any case)",
    "greater_than": "is more than",
    "greater_than_or_equal_to": "is at least",
    "less_than": "is less than",
    "less_than_or_equal_to": "is at most",
    "between": "is between",
    "in": "is one of",
    "not_in": "is none of",
    "is_true": "is true",
    "is_false": "is false",
    "is_set": "is known",
    "is_missing": "is not known",
    "non_empty": "is not empty",
    "contains": "has",
    "does_not_contain": "has not",
    "contains_all": "has all of",
    "is_contained_by": "has only some of",
    "shares_at_least_one_element_with": "has one or more of",
    "shares_exactly_one_element_with": "has exactly one of",
    "shares_no_elements_with": "has none of",
    "matches_regex": "matches",
}


def label(path: str) -> str:
    """A field's label: its own, or its name in words."""
    return LABELS.get(path) or humanised(path.rpartition(".")[2]).capitalize()


def help_text(kind: str, path: str) -> str:
    return HELP.get(f"{kind}.{path}", HELP.get(path, ""))


def asked_for(four_eyes: bool) -> str:
    """Whether a second person's approval is needed: neither answer is an alarm."""
    return "needed" if four_eyes else "not needed"


def humanised(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").replace(".", " ").strip()


def spoken(name: str) -> str:
    """A name of the vocabulary, for people: `counts.dwell.1h` is "dwell in the last 1h"."""
    kind, _, rest = name.partition(".")
    key, _, last = rest.partition(".")
    match kind:
        case "counts":
            window = {"session": "in this session", "total": "in total"}.get(last, f"in the last {last}")
            return f"{humanised(key)} {window}"
        case "scores":
            return f"{humanised(key)} {last or 'score'}"
        case "tags":
            return "user"
        case "traits" | "context" | "properties" | "time":
            return humanised(rest)
        case _:
            return humanised(name)


def sentence(conditions: Any, name_in_words: Callable[[str], str] = spoken, *, top: bool = True) -> str:
    """What conditions mean, for people. Anything it can't read stays out: a list must never fail on one odd body."""
    if not isinstance(conditions, Mapping):
        return "always" if top else ""
    for group, word, before in (("all", " and ", ""), ("any", " or ", ""), ("none", " nor ", "neither ")):
        if isinstance(parts := conditions.get(group), list):
            said = [part for part in (sentence(part, name_in_words, top=False) for part in parts) if part]
            joined = before + word.join(said)
            return joined if top or len(said) < 2 else f"({joined})"
    if "not" in conditions:
        return f"not ({sentence(conditions['not'], name_in_words, top=False)})"
    operator = str(conditions.get("operator", ""))
    words = OPERATORS.get(operator, humanised(operator))
    value = conditions.get("value")
    said = " and ".join(map(_value, value)) if operator == "between" and isinstance(value, list) else _value(value)
    return f"{name_in_words(str(conditions.get('name', '')))} {words} {said}".strip()


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("threshold", ""))
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def summary(kind: str, body: Mapping[str, Any] | None) -> str:
    """One line on what a body says."""
    if body is None:
        return ""
    match kind:
        case "rule":
            shown = (body.get("then") or {}).get("template") or "the rules beneath"
            off = "" if body.get("enabled", True) else "switched off"
            return APART.join(part for part in (off, f"{sentence(body.get('when'))} → {shown}", _capped(body)) if part)
        case "tag":
            given, stays = body.get("assign") or {}, body.get("ttl")
            return "; ".join(part for part in (given and _given(given), stays and f"stays {stays}") if part)
        case "score":
            return " + ".join(map(_summand, body.get("terms", [])))
        case "threshold":
            return _value(body.get("value"))
        case "template":
            texts = [body.get("body") or "", *(body.get("fields") or {}).values()]
            words = APART.join(text for text in (" ".join(MARKUP.sub(" ", text).split()) for text in texts) if text)
            return words if len(words) <= 100 else f"{words[:99]}…"
        case "signal":
            return f"{body.get('event')} ({body['value']})" if body.get("value") else f"{body.get('event')} (each counts 1)"
        case "placement":
            return f"{body.get('content', 'html')}, otherwise {(body.get('fallback') or {}).get('template', 'nothing')}"
        case _:
            return ", ".join([humanised(body.get("type", "text")), *body.get("values", [])][:8])


def _capped(body: Mapping[str, Any]) -> str:
    most = (body.get("cap") or {}).get("session")
    return f"at most {most} per session" if most else ""


def _summand(term: Mapping[str, Any]) -> str:
    """A term as it is computed: `1 × 0.3 × highest scroll depth (at most 1)`."""  # noqa: RUF002  as in arithmetic
    factors = [_value(term.get("weight", 1)), *([_value(term["gain"])] if term.get("gain", 1) != 1 else [])]
    taken = {"max": "highest ", "last": "latest "}.get(term.get("take", "sum"), "")
    per = f" per {_value(term['per'])}" if term.get("per", 1) != 1 else ""
    most = f" (at most {_value(term['max'])})" if term.get("max") is not None else ""
    boosted = ", boosted on dates" if term.get("boosts") else ""
    return f"{TIMES.join(factors)}{TIMES}{taken}{humanised(term['signal'])}{per}{most}{boosted}"


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two bodies, for people: also what `summary` leaves out, such as a name or a place."""
    if before is None or after is None:
        return ""
    fields = [field for field in dict.fromkeys([*after, *before]) if before.get(field) != after.get(field)]
    return ", ".join(_change(field, before, after) for field in fields)


def _change(field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    old, new = before.get(field), after.get(field)
    match field:
        case "enabled":
            return "switched off" if new is False else "switched on"
        case "name":
            return f"renamed from “{old}” to “{new}”" if old and new else f"named “{new}”" if new else "name taken away"
        case "position":
            return f"position {old or 0} → {new or 0}"
        case "placement":
            return f"placement {old} → {new}"
        case "parent":
            return f"moved beneath {new}" if new else "moved to the top"
        case "cap":
            return _capped(after) or "no longer capped"
        case "then" | "fallback":
            was, now = ((one or {}).get("template") or "nothing" for one in (old, new))
            return f"shows {now} instead of {was}"
        case _:
            return f"{label(field).lower()} changed"


def _given(assign: Mapping[str, Any]) -> str:
    count = assign.get("count") or {}
    often = f", {count['at_least']} times" if count else ""
    within = f" within {count['within']}" if count.get("within") else ""
    only = f", if {sentence(assign['where'])}" if assign.get("where") else ""
    return f"on {assign.get('event')}{often}{within}{only}"
