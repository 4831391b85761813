"""Tags that nothing could give, that two things would give at once, or whose parts say nothing where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rules.engine import limits
from rules.engine.analysis.study import Study
from rules.engine.durations import seconds
from rules.engine.errors import Advice, Problem
from rules.engine.workspace import ANY, Assign, Need, Step, Tag, Workspace

OF_EVENT = ("where", "count", "sum", "inactive")
"""What goes with an event only."""


def durations(workspace: Workspace) -> Iterator[tuple[str | None, str]]:
    """Every span of time of a tag, with its path."""
    for index, tag in enumerate(workspace.tags):
        yield tag.ttl, f"$.tags[{index}].ttl"
        if (assign := tag.assign) is None:
            continue
        path = f"$.tags[{index}].assign"
        yield assign.count.within if assign.count else None, f"{path}.count.within"
        yield assign.sum.within if assign.sum else None, f"{path}.sum.within"
        yield assign.inactive, f"{path}.inactive"
        yield assign.within, f"{path}.within"
        yield from ((step.within, f"{path}.steps[{number}].within") for number, step in enumerate(assign.steps))


def triggers(workspace: Workspace) -> Iterator[Problem]:
    """One thing gives a tag, and its parts go together."""
    for index, tag in enumerate(workspace.tags):
        path = f"$.tags[{index}]"
        if tag.assign is not None:
            yield from _trigger(tag.assign, f"{path}.assign")
        if tag.remove is not None and tag.remove.event is None and not tag.remove.events:
            words = f"the event that takes {tag.key!r} away is missing"
            yield Problem("event_missing", f"{path}.remove.event", words, "Write its name, or * for any event.")


def sequences(workspace: Workspace) -> Iterator[Problem]:
    for index, tag in enumerate(workspace.tags):
        if tag.assign is not None and tag.assign.steps:
            yield from _sequence(tag.assign, f"$.tags[{index}].assign")


def needs(workspace: Workspace) -> Iterator[Problem]:
    for index, tag in enumerate(workspace.tags):
        if tag.assign is not None and tag.assign.all:
            path = f"$.tags[{index}].assign.all"
            if len(tag.assign.all) < 2:
                yield Problem("too_few_parts", path, "one thing alone confirms nothing", "Add another, or write it as `event`.")
            for number, need in enumerate(tag.assign.all):
                yield from _need(need, f"{path}[{number}]")


def ceilings(workspace: Workspace) -> Iterator[Problem]:
    """What every event costs, and what one tag of a group takes with it."""
    everywhere = [(index, tag) for index, tag in enumerate(workspace.tags) if _asks_every_event(tag)]
    for index, _ in everywhere[limits.ANY_EVENT :]:
        words = f"more than {limits.ANY_EVENT} tags are looked at for every event"
        yield Problem("too_many_any_event", f"$.tags[{index}]", words, "Name the events instead of *.")
    sizes = Counter(tag.group for tag in workspace.tags if tag.group is not None)
    for index, tag in enumerate(workspace.tags):
        if tag.group is not None and sizes[tag.group] > limits.GROUP:
            words = f"group {tag.group!r} has {sizes[tag.group]} tags; at most {limits.GROUP} are allowed"
            yield Problem("group_too_large", f"$.tags[{index}].group", words, "Use a trait instead, which has one value at a time.")


def unlikely(study: Study) -> Iterator[Advice]:
    """What can be meant, but changes nothing."""
    sizes = Counter(tag.group for tag in study.workspace.tags if tag.group is not None)
    for index, tag in enumerate(study.workspace.tags):
        if tag.group is not None and sizes[tag.group] == 1:
            words = f"tag {tag.key!r} is alone in group {tag.group!r}, so it takes no other's place"
            yield Advice("group_of_one", f"$.tags[{index}].group", words, "Give another tag this group, or remove it.")
        if tag.assign is not None and tag.assign.within is not None:
            for number, step in enumerate(tag.assign.steps):
                if step.within is not None and not step.negative and seconds(step.within) >= seconds(tag.assign.within):
                    words = f"the sequence must be complete within {tag.assign.within}, so a step's {step.within} says nothing"
                    path = f"$.tags[{index}].assign.steps[{number}].within"
                    yield Advice("step_limit_unused", path, words, "Remove it, or make it shorter.")


def _trigger(assign: Assign, path: str) -> Iterator[Problem]:
    ways = [word for word in ("event", "steps", "all") if getattr(assign, word)]
    if not ways:
        fix = "Write its name, or * for any event; or write `steps` or `all`."
        yield Problem("event_missing", f"{path}.event", "the event that gives the tag is missing", fix)
    elif len(ways) > 1:
        words = f"{' and '.join(ways)} would give the tag, each by itself"
        yield Problem("several_triggers", f"{path}.{ways[1]}", words, "Keep one of them, or make two tags.")
    elif ways != ["event"]:
        for word in OF_EVENT:
            if getattr(assign, word) is not None:
                words = f"`{word}` goes with an event, not with `{ways[0]}`"
                yield Problem("trigger_unfit", f"{path}.{word}", words, f"Remove it, or write it into the parts of `{ways[0]}`.")
    else:
        yield from _event(assign, path)


def _event(assign: Assign, path: str) -> Iterator[Problem]:
    if assign.within is not None:
        fix = "Write it into `count` or `sum`, or remove it."
        yield Problem("trigger_unfit", f"{path}.within", "`within` goes with `steps` or `all`", fix)
    chosen = [word for word in ("count", "sum", "inactive") if getattr(assign, word) is not None]
    if len(chosen) > 1:
        yield Problem("trigger_unfit", f"{path}.{chosen[1]}", f"`{chosen[1]}` does not go with `{chosen[0]}`", "Keep one of them.")
    count = assign.count
    if count is not None and count.by is not None and count.at_least > limits.VALUES_APART:
        words = f"{count.at_least} repeats of one value can never be reached: {limits.VALUES_APART} are kept of each"
        yield Problem("impossible_count", f"{path}.count.at_least", words, f"Write at most {limits.VALUES_APART}, or remove `by`.")


def _sequence(assign: Assign, path: str) -> Iterator[Problem]:
    steps, last = assign.steps, assign.steps[-1]
    if len(steps) < 2:
        yield Problem("too_few_parts", f"{path}.steps", "one step is no sequence", "Add another, or write it as `event`.")
    if steps[0].negative:
        words = "a sequence begins with an event that comes, not with one that must not"
        yield Problem("sequence_shape", f"{path}.steps[0].not", words, "Put the event after which it must not come before it.")
    for number, step in enumerate(steps):
        yield from _step(step, f"{path}.steps[{number}]", number == len(steps) - 1)
    if last.negative and last.within is None and assign.within is None:
        words = f"without a time limit nobody knows when {last.event!r} did not come"
        yield Problem("time_limit_missing", f"{path}.within", words, "Write how long to wait for it, such as 30m.")
    if sum(step.times for step in steps if not step.negative) > limits.SEQUENCE_EVENTS:
        words = f"the steps wait for more than {limits.SEQUENCE_EVENTS} events"
        yield Problem(
            "sequence_too_long", f"{path}.steps", words, "Ask for fewer, or give a tag for the first steps and ask for it in `when`."
        )


def _step(step: Step, path: str, is_last: bool) -> Iterator[Problem]:
    if step.negative and step.times > 1:
        yield Problem("sequence_shape", f"{path}.times", "what must not come, must not come once", "Remove `times`.")
    if step.negative and step.within is not None and not is_last:
        words = "only the last step can wait for something not to come; before that it must not come until the next step"
        yield Problem("sequence_shape", f"{path}.within", words, "Remove `within`, or write it at the step after it.")


def _need(need: Need, path: str) -> Iterator[Problem]:
    if need.sum is not None and need.times > 1:
        yield Problem("trigger_unfit", f"{path}.times", "`times` does not go with `sum`", "Keep one of them.")


def _asks_every_event(tag: Tag) -> bool:
    assign, remove = tag.assign, tag.remove
    given = assign is not None and ANY in {assign.event, *(step.event for step in assign.steps), *(need.event for need in assign.all)}
    return given or (remove is not None and ANY in {remove.event, *remove.events})
