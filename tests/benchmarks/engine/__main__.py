"""The whole comparison, printed as it goes: `python -m tests.benchmarks.engine --help` tells what can be left out."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib.metadata import version
from math import prod
from platform import python_version
from typing import get_args

from tests.benchmarks.engine import cells, goals, growth, loading, memory, report, signpost, zen_table
from tests.benchmarks.engine.cells import Key, Seen
from tests.benchmarks.engine.measure import Differs
from tests.benchmarks.engine.peers import Mode
from tests.benchmarks.engine.rulesets import Case, Kind, Shape, make

USERS = 40
"""Of every case; a cell that takes long is measured on the first of them."""
LOADED = (1_000, 10_000)


def main(arguments: list[str] | None = None) -> None:
    chosen = _chosen(arguments)
    started = time.perf_counter()
    try:
        _run(chosen)
    except Differs as difference:
        raise SystemExit(f"NOT THE SAME ANSWERS, nothing more is timed: {difference}") from None
    print(f"\n{time.perf_counter() - started:.0f} s")


def _run(chosen: argparse.Namespace) -> None:
    efforts = cells.QUICK if chosen.quick else cells.FULL

    def case(size: int, kind: Kind, shape: Shape) -> Case:
        return make(size, kind, shape, users=USERS, seed=chosen.seed, whole=chosen.whole)

    versions = {"Python": python_version()} | {name: version(name) for name in ("business-rules", "json-logic-qubit", "zen-engine")}
    print(report.legend(versions, [case(size, "targeted", "flat") for size in chosen.sizes], whole=chosen.whole))

    tried = {kind: zen_table.ways(case(1_000, kind, "flat"), 0.01 if chosen.quick else 0.05) for kind in chosen.kinds}
    way = min(tried[chosen.kinds[0]], key=lambda one: prod(times[one] for times in tried.values()))
    print(report.load_paths(tried, way))

    seen: dict[Key, Seen] = {}
    for size in chosen.sizes:
        for shape in chosen.shapes:
            for kind in chosen.kinds:
                made = case(size, kind, shape)
                workspace = signpost.parsed(made)
                found = {}
                for mode in chosen.modes:
                    found[mode] = cells.compare(cells.line_up(made, workspace, mode, way), made, mode, efforts[size])
                    seen[cells.key(made, mode)] = found[mode]
                print(report.block(made, found), flush=True)

    grown = []
    if {growth.SMALL, growth.LARGE} <= set(chosen.sizes):
        grown = growth.measure(growth.cases(USERS, chosen.seed, whole=chosen.whole), way, chosen.modes, efforts[growth.SMALL].rounds)
        print(report.growths(grown), flush=True)

    sizes = [(size, kind) for size in LOADED if size in chosen.sizes for kind in chosen.kinds]
    loads = {(size, kind): loading.load_times(case(size, kind, "flat"), 5 if size == 1_000 else 3) for size, kind in sizes}
    print(report.loads(loads), flush=True)
    print(report.memories({(size, kind): memory.of(size, kind) for size, kind in sizes}), flush=True)
    print(goals.table(goals.all_of(seen, grown, loads)))


def _chosen(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer users and rounds, and no 10,000 rules unless --sizes asks for them")
    parser.add_argument("--sizes", type=_sizes, help="such as 10,1000 (default: 10,100,1000,10000)")
    parser.add_argument("--kinds", type=_words(*get_args(Kind)), default=get_args(Kind), help="broad,targeted")
    parser.add_argument("--shapes", type=_words(*get_args(Shape)), default=get_args(Shape), help="flat,tree")
    parser.add_argument("--modes", type=_words(*get_args(Mode)), default=get_args(Mode), help="first,all")
    parser.add_argument("--whole", action="store_true", help="numbers without fractions, the best case of business-rules")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    chosen.sizes = chosen.sizes or ([10, 100, 1_000] if chosen.quick else [10, 100, 1_000, 10_000])
    return chosen


def _sizes(text: str) -> list[int]:
    return [int(word) for word in _words(*map(str, cells.FULL))(text)]


def _words(*allowed: str) -> Callable[[str], list[str]]:
    def split(text: str) -> list[str]:
        words = text.split(",")
        if unknown := set(words) - set(allowed):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(allowed)}")
        return words

    return split


if __name__ == "__main__":
    main()
