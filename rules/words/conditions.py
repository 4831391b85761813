"""Conditions as sentences for people. What can't be read stays out: a list must never fail on one odd body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rules.engine.aggregates import AGGREGATES, fits, window_words
from rules.engine.aggregates import said as said_of
from rules.engine.conditions import OF_ITEMS
from rules.words.basics import TO, humanised, plain

OPERATORS = {
    "equal_to": "is",
    "equal_to_case_insensitive": "is (in any case)",
    "not_equal_to": "is not",
    "greater_than": "is more than",
    "greater_than_or_equal_to": "is at least",
    "less_than": "is less than",
    "less_than_or_equal_to": "is at most",
    "between": "is between",
    "in": "is one of",
    "in_case_insensitive": "is (in any case) one of",
    "not_in": "is none of",
    "is_true": "is true",
    "is_false": "is false",
    "is_set": "is known",
    "is_missing": "is not known",
    "non_empty": "is not empty",
    "contains": "has",
    "contains_case_insensitive": "has (in any case)",
    "does_not_contain": "has not",
    "starts_with_case_insensitive": "starts with (in any case)",
    "ends_with_case_insensitive": "ends with (in any case)",
    "contains_all": "has all of",
    "is_contained_by": "has only some of",
    "shares_at_least_one_element_with": "has one or more of",
    "shares_exactly_one_element_with": "has exactly one of",
    "shares_no_elements_with": "has none of",
    "matches_regex": "matches",
    "version_equal_to": "is version",
    "version_greater_than": "is newer than version",
    "version_greater_than_or_equal_to": "is at least version",
    "version_less_than": "is older than version",
    "version_less_than_or_equal_to": "is at most version",
    "in_network": "is in the network",
    "before": "is before",
    "after": "is after",
    "within_last": "was within the last",
    "within_next": "is within the next",
    "longer_ago_than": "was longer ago than",
    "weekday_in": "is on",
    "date_equal_to": "is on",
    "any_item": "has one whose",
    "every_item": "has only ones whose",
    "no_item": "has none whose",
}
MOMENTS = {
    "time.now": "now",
    "user.hour": "hour on the user's clock",
    "user.weekday": "weekday on the user's clock",
    "user.date": "date on the user's clock",
    "user.timezone": "the user's time zone",
    "session.page_seconds": "seconds on this page",
}
CHOSEN = {"hour_between": "is between the hours", "in_split": "falls in the split", "modulo": "divided by"}
"""Of operators whose words depend on their value: what is chosen before there is one."""
Namer = Callable[[str], str]


def spoken(name: str) -> str:
    """A name of the vocabulary, for people: `counts.dwell.1h` is "dwell in the last 1h"."""
    kind, _, rest = name.partition(".")
    key, _, last = rest.partition(".")
    match kind:
        case "counts":
            return f"{humanised(key)} {window_words(last) or last}"
        case "values":
            return valued(key, last)
        case "thresholds":
            return f"threshold {humanised(rest)}"
        case "scores":
            return f"{humanised(key)} {last or 'score'}"
        case "tags":
            return "user"
        case "segments":
            return f"segment {humanised(rest)}"
        case "traits" | "context" | "properties" | "item":
            return humanised(rest)
        case _ if name in MOMENTS:
            return MOMENTS[name]
        case "time":
            return humanised(rest)
        case _:
            return humanised(name)


def operator_words(operator: str) -> str:
    """An operator as people choose it: `is at least`."""
    return CHOSEN.get(operator) or OPERATORS.get(operator) or humanised(operator)


def valued(signal: str, rest: str) -> str:
    """What is read of a signal, for people: `average.1h` of dwell is "average of dwell in the last 1h"."""
    aggregate, _, part = rest.partition(".")
    if aggregate not in AGGREGATES or not fits(AGGREGATES[aggregate], part):
        return humanised(f"{signal} {rest}")
    return said_of(aggregate, part, humanised(signal))


def sentence(conditions: Any, name_in_words: Namer = spoken, *, top: bool = True) -> str:
    """What conditions mean; without any, "always"."""
    if not isinstance(conditions, Mapping):
        return "always" if top else ""
    for group, word, before in (("all", " and ", ""), ("any", " or ", ""), ("none", " nor ", "neither ")):
        if isinstance(parts := conditions.get(group), list):
            said = [part for part in (sentence(part, name_in_words, top=False) for part in parts) if part]
            joined = before + word.join(said)
            return joined if top or len(said) < 2 else f"({joined})"
    if "not" in conditions:
        return f"not ({sentence(conditions['not'], name_in_words, top=False)})"
    said = _comparison(str(conditions.get("name", "")), str(conditions.get("operator", "")), conditions.get("value"), name_in_words)
    # Only where the author says what holds for an unknown value, and not what the operator answers by itself.
    unknown = {True: "or not known", False: "and known"}.get(conditions["missing"]) if conditions.get("missing") in (True, False) else None
    return f"{said} {unknown}" if unknown and top else f"({said} {unknown})" if unknown else said


def to_what(comparison: Mapping[str, Any], name_in_words: Namer = spoken) -> str:
    """What is compared with, in words, without what is compared: `80`, `1:00 and 6:00`."""
    operator, value = str(comparison.get("operator", "")), comparison.get("value")
    if operator in OF_ITEMS:
        return sentence(value, name_in_words, top=False)
    several = _several(operator, value, name_in_words) if isinstance(value, list) else None
    return several[1] if several else _value(value, name_in_words)


def _comparison(name: str, operator: str, value: Any, name_in_words: Namer) -> str:
    words = OPERATORS.get(operator, humanised(operator))
    if name.startswith("segments.") and operator in {"is_true", "is_false"}:
        words, said = "is in" if operator == "is_true" else "is not in", humanised(name.removeprefix("segments."))
        return f"user {words} {said}"
    if operator in OF_ITEMS:
        said = sentence(value, name_in_words, top=False)
    elif isinstance(value, list) and (written := _several(operator, value, name_in_words)) is not None:
        words, said = written
    else:
        said = _value(value, name_in_words)
    return f"{name_in_words(name)} {words} {said}".strip()


def _several(operator: str, value: list[Any], name_in_words: Namer) -> tuple[str, str] | None:
    """Operators whose list is no choice among its values: the words to use, and the list in words."""
    parts = [_value(part, name_in_words) for part in value]
    match operator, parts:
        case "between", [_, _]:
            return "is between", " and ".join(parts)
        case "hour_between", [_, _] if all(isinstance(hour, int | float) for hour in value):
            return "is between", " and ".join(f"{int(hour)}:{round(hour % 1 * 60):02}" for hour in value)
        case "in_split", [salt, start, end]:
            return "falls in", f"{start}{TO}{end} % of split {salt}"
        case "modulo", [divisor, remainder]:
            return "divided by", f"{divisor} leaves {remainder}"
        case "weekday_in", _:
            return "is on", ", ".join(map(str.capitalize, parts))
    return None


def _value(value: Any, name_in_words: Namer) -> str:
    if isinstance(value, Mapping):
        return name_in_words(str(value["name"])) if "name" in value else str(value.get("threshold", ""))
    if isinstance(value, list):
        return ", ".join(_value(part, name_in_words) for part in value)
    return plain(value)
