"""The operator that gives each user a share of the whole, always the same one: percentage roll-outs and splits."""

from __future__ import annotations

from rules.engine.bucketing import bucket
from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import Operand, Refused
from rules.engine.values import Type, in_words

TYPES: tuple[Type, ...] = ("text", "one_of")
FIX = 'Write ["salt", from, to], such as ["spring-sale", 0, 25] for the first quarter.'


def _split(value: object) -> tuple[str, float, float]:
    if not isinstance(value, list | tuple) or len(value) != 3 or not isinstance(value[0], str) or not 0 < len(value[0]) <= 100:
        raise Refused("wrong_value", f"the value must be a text and two percentages, not {in_words(value)}", FIX)
    salt, low, high = value
    if not all(isinstance(part, int | float) and not isinstance(part, bool) and 0 <= part <= 100 for part in (low, high)):
        raise Refused("wrong_value", f"percentages go from 0 to 100, not {in_words(value)}", FIX)
    if low >= high:
        raise Refused("empty_range", f"nobody is from {in_words(low)} % up to {in_words(high)} %", "Write the lower percentage first.")
    return salt, low, high


SPLIT = Operand("split", "a text and two percentages, [salt, from, to]", _split)


@operator("in_split", TYPES, reads="text", operand=SPLIT, missing=False, needs="to fall into {}", origin="signpost")
def in_split(expected: tuple[str, float, float]) -> Predicate:
    salt, low, high = expected
    return lambda value: low <= bucket(salt, value) < high
