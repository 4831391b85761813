"""Arithmetic for both engines: exact decimals (0.1 + 0.2 prints 0.3), bounded results, and no text arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from rules.templating import limits
from rules.templating.errors import RenderError
from rules.templating.values import bounded, number, text, whole

_WIDE = Context(prec=60)
"""Room for NUMBER's digits and all decimals that may be asked for."""


def plus(value: object, other: object) -> int | float:
    return _exact(value, other, lambda a, b: a + b)


def minus(value: object, other: object) -> int | float:
    return _exact(value, other, lambda a, b: a - b)


def times(value: object, other: object) -> int | float:
    return _exact(value, other, lambda a, b: a * b)


def divided_by(value: object, other: object) -> int | float:
    """Liquid's: whole numbers divide to a whole number, rounded down."""
    left, right = number(value), _divisor(other)
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    return bounded(left / right)


def divided(value: object, other: object) -> int | float:
    """Jinja's `/`."""
    return bounded(number(value) / _divisor(other))


def floor_divided(value: object, other: object) -> int | float:
    return bounded(number(value) // _divisor(other))


def modulo(value: object, other: object) -> int | float:
    return _exact(value, _divisor(other), lambda a, b: a - b * math.floor(a / b) if isinstance(a, Decimal) else a % b)


def power(value: object, other: object) -> int | float:
    left, right = number(value), number(other)
    if abs(right) > limits.EXPONENT:
        raise RenderError("number_too_large", f"Exponents go up to {limits.EXPONENT}")
    try:
        found = left**right
    except (ZeroDivisionError, OverflowError) as error:
        raise RenderError("bad_value", "This power has no value") from error
    if isinstance(found, complex):
        raise RenderError("bad_value", "This power has no value")
    return bounded(found)


def absolute(value: object) -> int | float:
    return abs(number(value))


def ceil(value: object) -> int:
    return math.ceil(number(value))


def floor(value: object) -> int:
    return math.floor(number(value))


def at_least(value: object, other: object) -> int | float:
    return max(number(value), number(other))


def at_most(value: object, other: object) -> int | float:
    return min(number(value), number(other))


def rounded(value: object, precision: object = 0, method: object = "common") -> int | float:
    """To so many decimal places. Halves go up, as people round; `method` may be `ceil` or `floor`."""
    modes = {"common": ROUND_HALF_UP, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}
    places, mode = min(max(whole(precision, "round's precision"), 0), limits.DECIMALS), modes.get(text(method))
    if mode is None:
        raise RenderError("bad_value", "round's method is common, ceil or floor")
    left = number(value)
    if isinstance(left, int):
        return left
    found = Decimal(str(left)).quantize(Decimal(1).scaleb(-places), mode, _WIDE)
    return float(found) if places else int(found)


def to_whole(value: object, default: object = 0) -> object:
    """Jinja's `int`."""
    return int(number(value)) if _numeric(value) else default


def to_number(value: object, default: object = 0.0) -> object:
    """Jinja's `float`."""
    return float(number(value)) if _numeric(value) else default


def _numeric(value: object) -> bool:
    return not isinstance(value, str) or number(value) != 0 or value.strip().strip("+-0.") == ""


def _divisor(other: object) -> int | float:
    found = number(other)
    if found == 0:
        raise RenderError("bad_value", "Division by zero")
    return found


def _exact(value: object, other: object, operation: Callable[..., int | Decimal]) -> int | float:
    left, right = number(value), number(other)
    if isinstance(left, int) and isinstance(right, int):
        found = operation(left, right)
        return bounded(int(found))
    return bounded(float(operation(Decimal(str(left)), Decimal(str(right)))))
