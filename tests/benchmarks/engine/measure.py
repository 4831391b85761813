"""Answers compared first, then times taken in turns: process CPU time, in rounds that every engine takes part in."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.engine.peers import Engine, Mode
from tests.benchmarks.engine.rulesets import User

BLOCK = 0.008
"""Seconds of CPU a fast engine is asked for at a stretch, so that one interrupt does not decide its round."""
WARMED = 0.05
"""A slower engine than this for all users warms up on one: it is long at work on each of them."""

Samples = dict[str, list[float]]
"""Microseconds of CPU for a decision by engine: a number for each round, in the order of the rounds."""


class Differs(AssertionError):
    """Two engines gave different answers. There is nothing to time then."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One engine with the users it is asked about, in its own form."""

    name: str
    ask: Callable[[Any], Any]
    facts: list[Any]


def asking(engine: Engine, users: Sequence[User], name: str = "") -> Asking:
    return Asking(name or engine.name, engine.ask, list(map(engine.facts, users)))


def same_answers(engines: Sequence[Engine], users: Sequence[User], mode: Mode) -> float:
    """The first engine says what is right for all others. Gives the mean number of matches; raises Differs."""
    found = 0
    reference, *others = engines
    for number, user in enumerate(users):
        right = reference.read(reference.ask(reference.facts(user)))
        found += len(right)
        if mode == "first" and len(right) > 1:
            raise Differs(f"{reference.name} gave {len(right)} rules for user {number}, where the first match was asked for")
        for engine in others:
            given, wanted = engine.read(engine.ask(engine.facts(user))), right[: engine.limit]
            if given != wanted:
                raise Differs(f"user {number}: {engine.name} says {_shown(given)}, {reference.name} says {_shown(wanted)}")
    return found / len(users)


def _shown(keys: list[str]) -> str:
    return f"{len(keys)} matches: {', '.join(keys[:8])}{' ...' if len(keys) > 8 else ''}" if keys else "no match"


def in_turns(askings: Sequence[Asking], rounds: int) -> Samples:
    """Each round asks every engine about the same users, one after the other; the next round begins with the next engine.

    Before its time is taken an engine is asked untimed, so that each finds its own rules in the processor's caches, not its neighbour's.
    """
    samples: Samples = {one.name: [] for one in askings}
    with quiet_collector():
        passes = [max(_seconds(one, 1), 1e-7) for one in askings]
        repeats = [max(1, round(BLOCK / seconds)) for seconds in passes]
        warmers = [
            one if seconds < WARMED else Asking(one.name, one.ask, one.facts[:1]) for one, seconds in zip(askings, passes, strict=True)
        ]
        for number in range(rounds):
            for place in range(len(askings)):
                index = (place + number) % len(askings)
                one, times = askings[index], repeats[index]
                _seconds(warmers[index], 1)
                samples[one.name].append(_seconds(one, times) / times / len(one.facts) * 1e6)
    return samples


def _seconds(one: Asking, times: int) -> float:
    ask, everyone = one.ask, one.facts
    started = time.process_time()
    for _ in range(times):
        for facts in everyone:
            ask(facts)
    return time.process_time() - started


@contextmanager
def quiet_collector() -> Iterator[None]:
    """The rules of all engines are in memory at once; without this, whoever allocates next pays for walking over all of them."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def ratios(above: list[float], below: list[float]) -> list[float]:
    """Round by round: a slow spell of the machine meets both sides of a division."""
    return [one / other for one, other in zip(above, below, strict=True)]


def ratio(above: list[float], below: list[float]) -> float:
    return statistics.median(ratios(above, below))
