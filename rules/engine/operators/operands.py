"""What may stand as `value` in a comparison: each kind reads the JSON value strictly or says in words why not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import re2

from rules.engine import limits
from rules.engine.values import Reading, in_words


class Refused(ValueError):
    """An operand that can't be used, with a stable code and what to do next."""

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        self.code, self.message, self.fix = code, message, fix
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Operand:
    """A kind of operand. `whole` ones hold entire values, which can be checked against the values a name declares.

    `other` is how another name's value is read that stands in its place; None: no name may.
    """

    name: str
    words: str
    read: Callable[[object], object]
    whole: bool = False
    other: Reading | None = None


def _nothing(value: object) -> None:
    """business-rules keeps a `value` beside operators that need none; whatever it holds says nothing."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused("wrong_value", f"the value must be text, not {in_words(value)}", "Put the text in quotes.")
    if len(value) > limits.TEXT:
        raise Refused("text_too_long", f"the text has {len(value)} characters; at most {limits.TEXT} are allowed", "Shorten it.")
    if not _encodable(value):
        raise Refused("wrong_value", "the text holds half of a character (a lone surrogate)", "Retype the text.")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        fix = "Write it without quotes." if isinstance(value, str) else "Write a number, or a named threshold."
        raise Refused("wrong_value", f"the value must be a number, not {in_words(value)}", fix)
    if (isinstance(value, float) and not math.isfinite(value)) or abs(value) > limits.INTEGER:
        raise Refused("wrong_value", f"{in_words(value)} is not a number that can be compared with", "Write a number below 2^53.")
    return value


def _element(value: object) -> str | float:
    """One element of a list as lists are compared: text in lower case, or a number."""
    if isinstance(value, str):
        return _text(value).lower()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("wrong_value", f"the value must be text or a number, not {in_words(value)}", "Write one element of the list.")
    return _number(value)


def _some(read: Callable[[object], object], *, empty: bool = False) -> Callable[[object], tuple[object, ...]]:
    def listed(value: object) -> tuple[object, ...]:
        if not isinstance(value, list | tuple):
            raise Refused("wrong_value", f"the value must be a list, not {in_words(value)}", "Write it in square brackets.")
        if not value and not empty:
            raise Refused("empty_list", "the list is empty, so the comparison would be the same for everyone", "Name at least one value.")
        if len(value) > limits.LIST:
            raise Refused("list_too_long", f"the list has {len(value)} elements; at most {limits.LIST} are allowed", "Use a tag instead.")
        return tuple(map(read, value))

    return listed


def _range(value: object) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Refused("wrong_value", f"the value must be two numbers, not {in_words(value)}", "Write [lowest, highest].")
    low, high = _number(value[0]), _number(value[1])
    if low > high:
        words = f"no number is at least {in_words(low)} and at most {in_words(high)}"
        raise Refused("empty_range", words, "Write the lower number first.")
    return low, high


def _division(value: object) -> tuple[int, int]:
    # A threshold's number is a fraction to JSON even where it is whole.
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(_number(part) == int(_number(part)) for part in value):
        raise Refused("wrong_value", f"the value must be two whole numbers, not {in_words(value)}", "Write [divisor, remainder].")
    divisor, remainder = map(int, value)
    if divisor < 1 or not 0 <= remainder < divisor:
        words = f"no number divided by {divisor} leaves {remainder}"
        raise Refused("empty_range", words, "Write a divisor of 1 or more, and a remainder from 0 to below it.")
    return divisor, remainder


def _pattern(value: object) -> object:
    """Compiled by RE2, which takes time in proportion to the text whatever the expression; log_errors would write to stderr."""
    if not isinstance(value, str):
        raise Refused("wrong_value", f"the value must be a regular expression, not {in_words(value)}", "Put it in quotes.")
    if len(value) > limits.PATTERN:
        words = f"the regular expression has {len(value)} characters; at most {limits.PATTERN} are allowed"
        raise Refused("pattern_too_long", words, "Use `in` with a list, or several comparisons under `any`.")
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = limits.PATTERN_MEMORY, False, True
    try:
        return re2.compile(value, options)
    except re2.error as error:
        raise Refused("pattern_refused", f"the regular expression can't be used: {_reason(error)}", _way_out(value)) from error
    except UnicodeEncodeError as error:
        raise Refused("pattern_refused", "the regular expression holds half of a character", "Retype it.") from error


def _reason(error: Exception) -> str:
    found = error.args[0] if error.args else ""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)


def _way_out(pattern: str) -> str:
    if any(mark in pattern for mark in ("(?=", "(?!", "(?<=", "(?<!")):
        return "Looking ahead or behind is not offered (RE2); combine two comparisons with `all` or `not`."
    return "Write it in RE2's syntax: no back-references, at most 1,000 repeats, \\z for the end of the text."


def _items(value: object) -> object:
    """Conditions are read with the tree they stand in; whatever comes here is something else."""
    words = f"the value must be conditions on the items of the list, not {in_words(value)}"
    raise Refused("wrong_value", words, 'Write {"name": "item.price", "operator": ..., "value": ...}, or a group of those.')


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


texts = _some(_text)
NOTHING = Operand("nothing", "no value", _nothing)
TEXT = Operand("text", "text", _text, whole=True, other="text")
PART = Operand("text", "text", _text, other="text")
TEXTS = Operand("texts", "a list of texts", texts, whole=True)
NUMBER = Operand("number", "a number or a named threshold", _number, other="number")
NUMBERS = Operand("numbers", "a list of numbers", _some(_number))
RANGE = Operand("range", "two numbers, [lowest, highest]", _range)
DIVISION = Operand("range", "two whole numbers, [divisor, remainder]", _division)
PATTERN = Operand("pattern", "a regular expression (RE2)", _pattern)
ELEMENT = Operand("element", "one element: text or a number", _element, whole=True, other="element")
ELEMENTS = Operand("elements", "a list of texts or numbers", _some(_element), whole=True, other="many_of")
ELEMENTS_OR_NONE = Operand("elements_or_none", "a list of texts or numbers; it may be empty", _some(_element, empty=True), whole=True)
ITEMS = Operand("items", "conditions on item.<path>", _items)
