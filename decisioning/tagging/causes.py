"""Why a tag comes, in words: each is followed by ` at` and the time."""

from __future__ import annotations

from collections.abc import Sequence

from decisioning.tagging.numbers import tidy
from rules.engine.workspace import ANY, Amount, Assign, Need, Step


def of_event(event: str, assign: Assign) -> str:
    """`Product Viewed 3 times within 7d, the last`; with a value of its own the tag says which."""
    said, count, added = named(event), assign.count, assign.sum
    if added is not None:
        return f"{said} with {_amount(added)}{_within(added.within)}, the last"
    if count is None or count.at_least == 1:
        return said
    return f"{said} {count.at_least} times{_within(count.within)}, the last"


def of_needs(assign: Assign) -> str:
    return f"{' and '.join(map(needed, assign.all))}{_within(assign.within)}, the last"


def of_sequence(assign: Assign) -> str:
    steps, last = assign.steps, assign.steps[-1]
    if not last.negative:
        return f"{_then(steps)}{_within(assign.within)}, the last"
    trailing = len(steps) - next(number for number, step in enumerate(reversed(steps)) if not step.negative)
    missed = " or ".join(named(step.event) for step in steps[trailing:])
    return f"{_then(steps[:trailing])} without {missed}{_within(last.within or assign.within)}, which were over"


def of_inactivity(assign: Assign) -> str:
    return f"no {_any_event(assign.event or ANY)} for {assign.inactive}, which were over"


def awaited(steps: Sequence[Step], *, idle: bool) -> str:
    """What a sequence waits for last."""
    if idle:
        return f"no {_any_event(steps[-1].event)}"
    return f"no {_any_event(steps[-1].event)}" if steps[-1].negative else named(steps[-1].event)


def needed(need: Need) -> str:
    if need.sum is not None:
        return f"{named(need.event)} with {_amount(need.sum)}"
    return f"{named(need.event)}{_times(need.times)}"


def named(event: str) -> str:
    return "any event" if event == ANY else event


def _any_event(event: str) -> str:
    return "event" if event == ANY else event


def _then(steps: Sequence[Step]) -> str:
    said = ""
    for number, step in enumerate(steps):
        before = "" if number == 0 else ", without " if step.negative else ", then "
        said += f"{before}{named(step.event)}{_times(step.times)}"
    return said


def _amount(amount: Amount) -> str:
    return f"{amount.of.removeprefix('properties.')} adding up to {tidy(amount.at_least)}"


def _times(times: int) -> str:
    return f" {times} times" if times > 1 else ""


def _within(within: str | None) -> str:
    return f" within {within}" if within else ""
