"""What the event pipeline costs and how that grows: `python -m tests.benchmarks.pipeline --help` tells what can be left out."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.benchmarks.pipeline import shop
from tests.benchmarks.pipeline.place import place

if TYPE_CHECKING:
    from tests.benchmarks.pipeline.serving import Shop

LEGEND = """\
Microseconds of CPU an event: medians of the rounds; the floor is measured in the same rounds, "x floor" is the median of their ratios.
"/s" is events a second and core: what one core does in a second. Valkey, on a core of its own, syncs its append-only file each second.
The shop: {definitions} definitions, {names} event names, mostly views. "bytes" are the median user's state, "memory" its key too.
"""
HEAD = f"{'us':>8}{'/s':>9}{'floor us':>10}{'x floor':>9}{'valkey us':>11}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pipeline", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: shows that it runs, its figures mean little")
    parser.add_argument("--only", choices=("applying", "serving"), help="one half of it")
    chosen = parser.parse_args()
    started = time.perf_counter()
    document = shop.document()
    counted = sum(len(document[kind]) for kind in ("signals", "tags", "scores", "thresholds"))
    print(LEGEND.format(definitions=counted, names=len(shop.EVENTS)))
    with place():
        if chosen.only != "serving":
            _applying(quick=chosen.quick)
        if chosen.only != "applying":
            _serving(quick=chosen.quick)
    print(f"\n{time.perf_counter() - started:.0f} s")


def _line(name: str, us: Sequence[float], floor: Sequence[float], valkey: Sequence[float], *more: float) -> None:
    middle, ratio = statistics.median(us), statistics.median(a / b for a, b in zip(us, floor, strict=True))
    figures = f"{middle:8.1f}{1e6 / middle:9,.0f}{statistics.median(floor):10.1f}{ratio:9.1f}{statistics.median(valkey):11.1f}"
    print(f"{name:50}{figures}{''.join(f'{figure:9.0f}' for figure in more)}", flush=True)


def _applying(*, quick: bool) -> None:
    """Prints what applying costs and how it grows."""
    from tests.benchmarks.pipeline.applying import measure  # needs the settings that `place` makes

    rounds, count = (3, 4_000) if quick else (7, 20_000)
    print(f"{'apply: read, fold, write':50}{HEAD}{'bytes':>9}{'memory':>9}")

    def line(name: str, *, document: dict[str, Any] | None = None, users: int = 10_000, partitions: int = 16) -> None:
        found = measure(document or shop.document(), users=users, count=count, rounds=rounds, partitions=partitions, known=True)
        _line(name, found.worker, found.floor, found.valkey, found.state_bytes, found.memory)

    line("10,000 users, 16 partitions")
    for users in (1_000, 100_000) if quick else (1_000, 100_000, 1_000_000):
        line(f"{users:,} users", users=users)
    for more in (50, 950):
        line(f"{more} further definitions that no event touches", document=shop.document(more))
    for more in (10, 50):
        line(f"{more} further definitions on each page view", document=shop.document(more, touched=True))
    for partitions in (1, 4, 64, 256):
        line(f"{partitions} partitions", partitions=partitions)


def _serving(*, quick: bool) -> None:
    """Prints what accepting costs, and how soon a tag is there under shares of the load that the machine carries."""
    from tests.benchmarks.pipeline.serving import accept, running

    with running() as there:
        print(f"\n{'accept over HTTP: the web process':50}{HEAD}{'its floor':>11}")
        counts = {1: 300, 10: 2_000, 100: 10_000} if quick else {1: 1_000, 10: 8_000, 100: 40_000}
        rounds = [[accept(there, batch, count=counts[batch], seed=number) for batch in counts] for number in range(3 if quick else 7)]
        for seen in zip(*rounds, strict=True):
            figures = ([one.web for one in seen], [one.floor for one in seen], [one.valkey for one in seen])
            _line(f"{seen[0].batch} events a request", *figures, statistics.median(one.floor_valkey for one in seen))
        _visible(there, rounds=1 if quick else 5, seconds=5 if quick else 12)


def _visible(there: Shop, *, rounds: int, seconds: float) -> None:
    """In turns, so that a slow spell of the machine meets all loads; of the rounds' 99th percentiles the middle one and all."""
    from tests.benchmarks.pipeline.visible import carried, p50_p99, visible

    most = statistics.median(carried(there, seconds=seconds / 2) for _ in range(3))
    print(f"\nthe machine carries {most:,.0f} events a second: web, workers, Valkey, PostgreSQL and the load on the same cores")
    print(f"{'from accepted to the tag in the state':50}{'p50 ms':>8}{'p99':>9}{'accepted p50':>14}{'p99':>9}   p99 of each round")
    loads = [None, most / 4, most / 2]
    seen: list[list[tuple[float, ...]]] = [[] for _ in loads]
    for _ in range(rounds):
        for load, found in zip(loads, seen, strict=True):
            accepted, shown, rate = visible(there, per_second=load, seconds=seconds)
            there.settle()
            found.append((rate, *p50_p99(shown), *p50_p99(accepted)))
    for found in seen:
        rate, shown50, shown99, accepted50, accepted99 = map(statistics.median, zip(*found, strict=True))
        each = " ".join(f"{one[2]:.0f}" for one in found)
        print(
            f"{f'{rate:,.0f} events a second behind it':50}{shown50:8.2f}{shown99:9.2f}{accepted50:14.2f}{accepted99:9.2f}   {each}",
            flush=True,
        )


if __name__ == "__main__":
    main()
