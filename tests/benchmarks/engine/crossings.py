"""Where one kind of plan becomes faster than another, behind the numbers of rules/engine/plans: each is asked the same, at growing sizes.

Run with `python -m tests.benchmarks.engine.crossings`. Microseconds of CPU per decision, the least of five rounds that take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from rules.engine.linked import Readings
from rules.engine.plans.clauses import clauses
from rules.engine.plans.code import Code
from rules.engine.plans.filing import files
from rules.engine.plans.index import Index
from rules.engine.plans.walk import Walk
from tests.benchmarks.engine import signpost
from tests.benchmarks.engine.rulesets import Kind, Shape, make

ROUNDS, DECISIONS, USERS = 5, 300, 10
MODES: dict[str, Literal["first", "all"]] = {"first": "first", "every": "all"}


def main() -> None:
    print(f"{'':30}{'chosen':>10}{'nested ifs':>12}{'index':>10}{'walk':>10}   made in ms: nested ifs, index")
    shapes: tuple[Shape, ...] = ("flat", "tree")
    kinds: tuple[Kind, ...] = ("broad", "targeted")
    for shape in shapes:
        for kind in kinds:
            for size in (5, 10, 20, 40, 100, 300, 1_000):
                _row(size, kind, shape)


def _row(size: int, kind: Kind, shape: Shape) -> None:
    case = make(size, kind, shape, users=USERS)
    for way, mode in MODES.items():
        ruleset = signpost.compiled(signpost.parsed(case), mode)
        planned = ruleset._trees[signpost.PLACEMENT].planned
        code, code_ms = _timed(lambda planned=planned: Code(planned.steps, planned.endings))
        index, index_ms = _timed(lambda planned=planned: Index(planned.endings, files(clauses(planned.endings)), planned.sources))
        plans = [planned.plan, code, index, Walk(planned.steps)]
        least = [float("inf")] * len(plans)
        for _ in range(ROUNDS):
            for number, plan in enumerate(plans):
                least[number] = min(least[number], _asked(getattr(plan, way), case.users, ruleset._sources))
        times = "".join(f"{one:{width}.1f}" for one, width in zip(least, (10, 12, 10, 10), strict=True))
        print(f"{size:>6,} {kind:<9} {shape:<5} {way:<8}{times}   {code_ms:.1f}, {index_ms:.1f}   {type(planned.plan).__name__}")


def _asked(ask: Callable[..., Any], users: tuple[Any, ...], sources: Any) -> float:
    started = time.process_time()
    for number in range(DECISIONS):
        ask(Readings(users[number % USERS], sources), ())
    return (time.process_time() - started) / DECISIONS * 1e6


def _timed(make_it: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    made = make_it()
    return made, (time.process_time() - started) * 1e3


if __name__ == "__main__":
    main()
