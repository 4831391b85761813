"""What ten times as many targeted rules cost: 10,000 beside 1,000, in the same rounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.benchmarks.engine import peers, signpost, zen_table
from tests.benchmarks.engine.measure import Samples, asking, in_turns, same_answers
from tests.benchmarks.engine.peers import Mode
from tests.benchmarks.engine.rulesets import STORES, Case, make

SMALL, LARGE = 1_000, 10_000
FIXED = f"{STORES} stores at both sizes"
GROWING = f"{SMALL * 2 // 5:,} stores, then {LARGE * 2 // 5:,}"
OURS, ZEN = signpost.PLAIN, zen_table.PLAIN
CHECKED = 4
"""Users whose answers business-rules confirms; all others are compared between the two engines that are timed."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Samples by "engine, domain"; the small size is the same for both domains."""

    mode: Mode
    users: int
    rounds: int
    matches: dict[str, float]
    samples: Samples


def cases(users: int, seed: int, *, whole: bool) -> dict[str, Case]:
    small, fixed = (make(size, "targeted", "flat", users=users, seed=seed, whole=whole) for size in (SMALL, LARGE))
    growing = make(LARGE, "targeted", "flat", users=users, stores=LARGE * 2 // 5, seed=seed, whole=whole)
    return {"": small, FIXED: fixed, GROWING: growing}


def measure(made: dict[str, Case], way: zen_table.Way, modes: Iterable[Mode], rounds: int) -> list[Growth]:
    workspaces = {domain: signpost.parsed(case) for domain, case in made.items()}
    found = []
    for mode in modes:
        askings, matches = [], {}
        for domain, case in made.items():
            pair = [zen_table.engines(case, mode, way)[0], signpost.engines(workspaces[domain], mode)[0]]
            same_answers([peers.business_rules(case, mode), *pair], case.users[:CHECKED], mode)
            matches[domain] = same_answers(pair, case.users, mode)
            askings += [asking(engine, case.users, f"{engine.name}, {domain}") for engine in pair]
        found.append(Growth(mode, len(made[""].users), rounds, matches, in_turns(askings, rounds)))
    return found
