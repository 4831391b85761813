"""What tags are compiled to: what may give one, and what takes it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from decisioning.tagging.numbers import Number
from decisioning.tagging.windows import Window

Matches = Callable[[Any], bool]


class Gain(msgspec.Struct, frozen=True):
    """A tag to be given: what must hold of the user besides, how long it stays, and the others of its group, which go when it comes."""

    tag: str
    when: Matches | None
    ttl: int
    others: tuple[str, ...]


class RepeatPlan(msgspec.Struct, frozen=True):
    """How much must come: counted in exact times, or in buckets where those would be too many; or, with `path`, added up in buckets."""

    name: str
    words: str
    at_least: Number
    within: int | None
    exact: bool
    window: Window | None
    path: str | None = None
    by: str | None = None
    """Where the value stands that is counted by itself."""

    @property
    def tally(self) -> str:
        return f"#{self.name}"


class AssignPlan(msgspec.Struct, frozen=True):
    """An event, or the last of enough of them."""

    gain: Gain
    where: Matches | None
    repeat: RepeatPlan | None
    cause: str


class NeedPlan(msgspec.Struct, frozen=True):
    where: Matches | None
    repeat: RepeatPlan


class ConfirmPlan(msgspec.Struct, frozen=True):
    """Several needs, all within a time."""

    gain: Gain
    needs: tuple[NeedPlan, ...]
    within: int | None
    cause: str


class ConfirmTouch(msgspec.Struct, frozen=True):
    """The needs that events of one name serve."""

    plan: ConfirmPlan
    needs: tuple[int, ...]


class StepPlan(msgspec.Struct, frozen=True):
    """One event a sequence waits for. `first`: of its step; `within`: since the last event of the step before."""

    event: str
    first: bool
    within: int | None


class SequencePlan(msgspec.Struct, frozen=True):
    """Steps as single events. With `wait` or `wait_from_start` the tag comes by a timer, when nothing forbidden came in that time."""

    gain: Gain
    key: str
    """The tag's and a fingerprint of the steps: a sequence that was edited begins anew."""
    steps: tuple[StepPlan, ...]
    within: int | None
    wait: int | None
    """How long nothing forbidden may come after the last step."""
    wait_from_start: bool
    """Whether that time counts from the first event instead."""
    end: int
    """The last place."""
    timer: str
    """Its name."""
    awaited: str
    """What comes last, in words: `Order Completed`, `no Order Completed`."""
    cause: str

    @property
    def waits(self) -> bool:
        """Whether the last step is one of time passing."""
        return self.wait is not None or self.wait_from_start


class SequenceTouch(msgspec.Struct, frozen=True):
    """What events of one name do in a sequence: which places they reach, the later ones first, and what they undo from where to where."""

    plan: SequencePlan
    reaches: tuple[tuple[int, Matches | None], ...]
    forbids: tuple[tuple[int, int, Matches | None], ...]


class RemovePlan(msgspec.Struct, frozen=True):
    tag: str
    where: Matches | None
    when: Matches | None


Trigger = AssignPlan | ConfirmTouch | SequenceTouch
