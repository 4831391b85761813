"""Conditions as sentences for people. What can't be read stays out: a list must never fail on one odd body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.engine.conditions import OF_ITEMS
from rules.words.basics import TO, humanised, plain
from rules.words.names import Names, spoken

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
CHOSEN = {"hour_between": "is between the hours", "in_split": "falls in the split", "modulo": "divided by"}
"""Of operators whose words depend on their value: what is chosen before there is one."""


def operator_words(operator: str) -> str:
    """An operator as people choose it: `is at least`."""
    return CHOSEN.get(operator) or OPERATORS.get(operator) or humanised(operator)


def sentence(conditions: Any, name_in_words: Names = spoken, *, top: bool = True) -> str:
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


def to_what(comparison: Mapping[str, Any], name_in_words: Names = spoken) -> str:
    """What is compared with, in words, without what is compared: `80`, `1:00 and 6:00`."""
    operator, value = str(comparison.get("operator", "")), comparison.get("value")
    if operator in OF_ITEMS:
        return sentence(value, name_in_words, top=False)
    several = _several(operator, value, name_in_words) if isinstance(value, list) else None
    return several[1] if several else _value(value, name_in_words, str(comparison.get("name", "")))


def _comparison(name: str, operator: str, value: Any, name_in_words: Names) -> str:
    words = OPERATORS.get(operator, humanised(operator))
    if name.startswith("segments.") and operator in {"is_true", "is_false"}:
        words, key = "is in" if operator == "is_true" else "is not in", name.removeprefix("segments.")
        return f"user {words} {name_in_words.quoted('segment', key, humanised(key))}"
    if operator in OF_ITEMS:
        said = sentence(value, name_in_words, top=False)
    elif isinstance(value, list) and (written := _several(operator, value, name_in_words)) is not None:
        words, said = written
    else:
        said = _value(value, name_in_words, name)
    return f"{name_in_words(name)} {words} {said}".strip()


def _several(operator: str, value: list[Any], name_in_words: Names) -> tuple[str, str] | None:
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


def _value(value: Any, name_in_words: Names, of: str = "") -> str:
    """`of`: the name that is compared, for its values may have names themselves."""
    if isinstance(value, Mapping):
        key = str(value.get("threshold", ""))
        return name_in_words(str(value["name"])) if "name" in value else name_in_words.quoted("threshold", key, key)
    if isinstance(value, list):
        return ", ".join(_value(part, name_in_words, of) for part in value)
    return name_in_words.quoted("tag", value, value) if of == "tags" and isinstance(value, str) else plain(value)
