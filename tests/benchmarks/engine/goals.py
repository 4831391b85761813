"""The goals beside what was seen. Nothing fails here: a machine has bad days, and a figure is read by people."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.benchmarks.engine import growth, loading, signpost, zen_table
from tests.benchmarks.engine.cells import BASE, Cells, Key
from tests.benchmarks.engine.growth import Growth
from tests.benchmarks.engine.measure import ratio
from tests.benchmarks.engine.peers import Mode

MODES: tuple[Mode, ...] = ("all", "first")
FASTER = {"broad": 300, "targeted": 600}
GROWS, EXPLAINS, COMPILES, CHECKS = 2.0, 2.0, 150, 1_000


@dataclass(frozen=True, slots=True)
class Goal:
    words: str
    figures: str
    reached: bool | None
    """None: what it is about was not measured in this run."""


def table(goals: Iterable[Goal]) -> str:
    answers = {True: "seen", False: "not seen", None: "not measured"}
    return "\n".join(["Goals", *(f"  {answers[goal.reached]:14}{goal.words:82}{goal.figures}" for goal in goals)])


def all_of(cells: Cells, growths: Iterable[Growth], loads: Mapping[tuple[int, str], Mapping[str, list[float]]]) -> list[Goal]:
    return [
        *_faster_than_business_rules(cells),
        _faster_than_zen(cells, "faster than zen-engine everywhere", signpost.PLAIN, zen_table.PLAIN),
        _faster_than_zen(cells, "explained faster than zen-engine with trace everywhere", signpost.EXPLAINED, zen_table.TRACED),
        *_grows(list(growths)),
        *_explains(cells),
        _compiles(loads),
        _checks(loads),
    ]


def _faster_than_business_rules(cells: Cells) -> list[Goal]:
    """Set for all matches. The first one is told beside it: where it comes early, no engine has much to gain."""
    found = []
    for kind, wanted in FASTER.items():
        times = {mode: cells[where].times(BASE, signpost.PLAIN) for mode in MODES if (where := (1_000, kind, "flat", mode)) in cells}
        words = f"1,000 rules, {kind}, all matches: at least {wanted} times as fast as business-rules"
        figures = ", ".join(f"{mode} {one:,.0f} times" for mode, one in times.items())
        found.append(Goal(words, figures, times["all"] >= wanted if "all" in times else None))
    return found


def _faster_than_zen(cells: Cells, words: str, ours: str, theirs: str) -> Goal:
    times = {where: seen.times(theirs, ours) for where, seen in cells.items()}
    if not times:
        return Goal(words, "", None)
    worst = min(times, key=lambda where: times[where])
    faster = sum(one > 1 for one in times.values())
    return Goal(words, f"in {faster} of {len(times)} measured; least {times[worst]:.2f} times, {_where(worst)}", faster == len(times))


def _grows(growths: list[Growth]) -> list[Goal]:
    found = []
    for mode in MODES:
        for domain in (growth.FIXED, growth.GROWING):
            words = f"{growth.LARGE:,} targeted less than {GROWS:g} times {growth.SMALL:,}, {mode}, {domain}"
            times = [ratio(one.samples[f"{growth.OURS}, {domain}"], one.samples[f"{growth.OURS}, "]) for one in growths if one.mode == mode]
            found.append(_below(words, times, GROWS, lambda most: f"{most:.2f} times"))
    return found


def _explains(cells: Cells) -> list[Goal]:
    pairs: list[tuple[str, Mode, str, str]] = [
        ("the first match", "first", signpost.PLAIN, signpost.EXPLAINED),
        ("all matches", "all", signpost.PLAIN, signpost.EXPLAINED),
        (f"at most {signpost.FEW} matches", "all", signpost.PLAIN_FEW, signpost.EXPLAINED_FEW),
    ]
    found = []
    for what, mode, plain, explained in pairs:
        times = {where: seen.times(explained, plain) for where, seen in cells.items() if where[3] == mode}
        words = f"explaining {what} takes less than {EXPLAINS:g} times as long everywhere"
        worst = max(times, key=lambda where: times[where], default=None)
        place = "" if worst is None else f", {_where(worst)}, {cells[worst].matches:.1f} matches"
        found.append(_below(words, list(times.values()), EXPLAINS, lambda most, place=place: f"most {most:.2f} times{place}"))
    return found


def _compiles(loads: Mapping[tuple[int, str], Mapping[str, list[float]]]) -> Goal:
    times = [statistics.median(steps[loading.COMPILE]) for (size, _), steps in loads.items() if size == 1_000]
    return _below(f"1,000 rules compiled in less than {COMPILES} ms of CPU", times, COMPILES, lambda most: f"{most:,.0f} ms")


def _checks(loads: Mapping[tuple[int, str], Mapping[str, list[float]]]) -> Goal:
    times = [statistics.median(steps[loading.CHECK]) for (size, _), steps in loads.items() if size == 1_000]
    words = f"1,000 rules checked, for errors and what is worth a look, in less than {CHECKS:,} ms"
    return _below(words, times, CHECKS, lambda most: f"{most:,.0f} ms")


def _below(words: str, values: list[float], limit: float, told: Callable[[float], str]) -> Goal:
    if not values:
        return Goal(words, "", None)
    return Goal(words, told(max(values)), max(values) < limit)


def _where(key: Key) -> str:
    size, kind, shape, mode = key
    return f"at {size:,} {kind} {shape} {mode}"
