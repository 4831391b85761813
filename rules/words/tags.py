"""What gives a tag and what takes it away, as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rules.words.basics import humanised, plain
from rules.words.conditions import sentence

Part = Mapping[str, Any]
ANY = "*"


def given(assign: Part | None) -> str:
    """`when Product Added is not followed by Order Completed within 30m`; nothing where no event gives it."""
    if not assign:
        return ""
    if assign.get("steps"):
        said = f"when {_steps(assign['steps'], assign.get('within'))}"
    elif assign.get("all"):
        said = f"when there is {' and '.join(map(_need, assign['all']))}{_within(assign)}"
    elif assign.get("inactive"):
        event = assign.get("event")
        said = f"when there is no {'event' if event == ANY else event} for {assign['inactive']}{_if(assign)}"
    else:
        said = f"on {_event(assign)}{_often(assign)}{_if(assign)}"
    return said + _while(assign)


def taken(remove: Part | None) -> str:
    """`taken away by Order Completed or Cart Emptied`; nothing where nothing does."""
    if not remove:
        return ""
    events = [event for event in (remove.get("event"), *(remove.get("events") or ())) if event]
    return f"taken away by {' or '.join(_named(event) for event in events)}{_if(remove)}{_while(remove)}"


def _steps(steps: Sequence[Part], within: Any) -> str:
    """The first, what follows it, and what must not: in between, or until the time is over."""
    said, missed = _once(steps[0]), 0
    for number, step in enumerate(steps[1:], 1):
        followed = "is followed by" if number == 1 else "then by"
        if not step.get("not"):
            said += f"{' in between, ' if missed else ' '}{followed} {_once(step)}{_within(step)}"
            missed = 0
        elif any(not later.get("not") for later in steps[number:]):
            said += f"{' or' if missed else ', without'} {_once(step)}"
            missed += 1
        else:
            said += f"{' or' if missed else ' is not followed by' if number == 1 else ' but not by'} {_once(step)}"
            missed += 1
    if not steps[-1].get("not"):
        return f"{said}, all within {within}" if within else said
    return said + _within({"within": steps[-1].get("within") or within})


def _once(part: Part) -> str:
    times = part.get("times", 1)
    return f"{_event(part)}{f' {times} times' if times != 1 else ''}{_in_brackets(part)}"


def _need(need: Part) -> str:
    added = need.get("sum")
    return f"{_event(need)} with {_amount(added)}{_in_brackets(need)}" if added else _once(need)


def _often(assign: Part) -> str:
    """`, 3 times within 7d with the same category`; `, seconds adding up to 120 within 1h`."""
    if added := assign.get("sum"):
        return f", {_amount(added)}{_within(added)}{_by(added)}"
    count = assign.get("count") or {}
    return f", {count.get('at_least')} times{_within(count)}{_by(count)}" if count else ""


def _amount(added: Part) -> str:
    return f"{humanised(str(added.get('of', '')).removeprefix('properties.'))} adding up to {plain(added.get('at_least'))}"


def _by(count: Part) -> str:
    return f" with the same {humanised(str(count['by']).removeprefix('properties.'))}" if count.get("by") else ""


def _within(part: Part) -> str:
    return f" within {part['within']}" if part.get("within") else ""


def _if(part: Part) -> str:
    return f", if {sentence(part['where'])}" if part.get("where") else ""


def _in_brackets(part: Part) -> str:
    return f" ({sentence(part['where'])})" if part.get("where") else ""


def _while(part: Part) -> str:
    return f", while {sentence(part['when'])}" if part.get("when") else ""


def _event(part: Part) -> str:
    return _named(part.get("event"))


def _named(event: Any) -> str:
    return "any event" if event == ANY else str(event)
