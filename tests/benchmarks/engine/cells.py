"""One cell of the comparison: all engines on the rules of one case, in one mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.engine.workspace import Workspace
from tests.benchmarks.engine import peers, signpost, zen_table
from tests.benchmarks.engine.measure import Samples, asking, in_turns, ratio, same_answers
from tests.benchmarks.engine.peers import Engine, Mode
from tests.benchmarks.engine.rulesets import Case

BASE, WALKED = "business-rules", "business-rules, walked"


@dataclass(frozen=True, slots=True)
class Effort:
    """How many users a round asks about in each mode, and how many rounds there are."""

    first: int
    all: int
    rounds: int

    def users(self, mode: Mode) -> int:
        return self.first if mode == "first" else self.all


FULL = {10: Effort(40, 40, 11), 100: Effort(40, 40, 11), 1_000: Effort(40, 16, 11), 10_000: Effort(40, 6, 7)}
"""Where one decision of a peer takes a tenth of a second, every engine is asked about fewer users, the same ones."""
QUICK = {10: Effort(10, 10, 3), 100: Effort(10, 10, 3), 1_000: Effort(10, 4, 3), 10_000: Effort(6, 2, 3)}


@dataclass(frozen=True, slots=True)
class Seen:
    matches: float
    users: int
    rounds: int
    samples: Samples

    def times(self, slower: str, faster: str) -> float:
        """How many times as long `slower` took, the median of the rounds."""
        return ratio(self.samples[slower], self.samples[faster])

    def lowest(self, slower: str, faster: str) -> float:
        return min(one / other for one, other in zip(self.samples[slower], self.samples[faster], strict=True))


Key = tuple[int, str, str, Mode]
"""Size, kind, shape and mode."""
Cells = Mapping[Key, Seen]


def key(case: Case, mode: Mode) -> Key:
    return case.size, case.kind, case.shape, mode


def line_up(case: Case, workspace: Workspace, mode: Mode, way: zen_table.Way) -> list[Engine]:
    """business-rules first: it is what the others are compared with."""
    walked = [peers.business_rules_walked(case, mode)] if case.shape == "tree" else []
    others = [*walked, peers.json_logic(case, mode), *zen_table.engines(case, mode, way), *signpost.engines(workspace, mode)]
    return [peers.business_rules(case, mode), *others]


def compare(engines: list[Engine], case: Case, mode: Mode, effort: Effort) -> Seen:
    users = case.users[: effort.users(mode)]
    matches = same_answers(engines, users, mode)
    return Seen(matches, len(users), effort.rounds, in_turns([asking(engine, users) for engine in engines], effort.rounds))
