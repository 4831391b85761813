"""Sets of numbers as spans that rise and do not touch: what shapes say of them, what two have in common, what lies outside."""

from __future__ import annotations

from math import inf

from rules.engine.operators.shapes import Constant, Shape, Spans

Stretch = list[tuple[float, float | None]]
"""From the first number up to and without the second; None: without end."""

EVERYWHERE: Stretch = [(-inf, None)]


def spans_of(shape: Shape, wanted: bool) -> Stretch:
    """Where a test on a number comes out as wanted."""
    if not isinstance(shape, Spans):  # of numbers there are no others than those that only ask whether there is one
        return EVERYWHERE if isinstance(shape, Constant) and shape.answer is wanted else []
    joined: Stretch = []
    for first, end in sorted(shape.spans, key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or first <= joined[-1][1]):
            last = joined[-1][1]
            joined[-1] = (joined[-1][0], None if last is None or end is None else max(last, end))
        else:
            joined.append((first, end))
    return joined if shape.inside is wanted else outside(joined)


def outside(spans: Stretch) -> Stretch:
    found: Stretch = []
    at: float | None = -inf
    for first, end in spans:
        if at is not None and at < first:
            found.append((at, first))
        at = end
    return found if at is None else [*found, (at, None)]


def meet(one: Stretch, two: Stretch) -> Stretch:
    """What both hold, in one pass over the two."""
    found: Stretch = []
    here = there = 0
    while here < len(one) and there < len(two):
        (first, end), (other, stop) = one[here], two[there]
        start = max(first, other)
        until = stop if end is None else end if stop is None else min(end, stop)
        if until is None or start < until:
            found.append((start, until))
        if until is None:
            break
        here, there = here + (end == until), there + (stop == until)
    return found


def within(inner: Stretch, outer: Stretch) -> bool:
    """Whether every number of the one is in the other."""
    at = 0
    for first, end in inner:
        while at < len(outer) and not _reaches(outer[at][1], first):
            at += 1
        if at == len(outer) or outer[at][0] > first:
            return False
        last = outer[at][1]
        if last is not None and (end is None or end > last):
            return False
    return True


def _reaches(end: float | None, number: float) -> bool:
    return end is None or end > number
