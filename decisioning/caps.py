"""How often rules may still win for one user: what Redis holds of their wins, the periods that caps count in, and what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from decisioning.tagging import Facts, UserState
from rules.engine.workspace import Cap

KINDS = ("session", "user", "day", "week", "action")


def limits(cap: Cap) -> list[tuple[str, int]]:
    """The kinds that a cap sets, each with how many wins it allows."""
    return [(kind, limit) for kind in KINDS if (limit := getattr(cap, kind)) is not None]


@dataclass(frozen=True, slots=True)
class Wins:
    """What Redis holds: by rule, its wins in a session and when the last was (seconds, UTC); by `<kind>:<rule>`, its wins by period."""

    session: str
    in_session: Mapping[str, tuple[int, float]]
    by_period: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods that a request is in, by name. Wins in the session count `since` a time, so that one needs none."""

    facts: Facts
    state: UserState
    at: float
    since: float = 0.0

    def name(self, kind: str) -> str:
        match kind:
            case "day":
                return self._today().isoformat()
            case "week":
                year, week, _ = self._today().isocalendar()
                return f"{year}-W{week:02}"
            case "action":
                return repr(self.state.last_seen)
        return "ever"

    def _today(self) -> date:
        """Where the user is. A workspace whose time zone this machine does not know has UTC's: its caps must hold all the same."""
        said = self.facts.get("user.date")
        return date.fromisoformat(said) if said else datetime.fromtimestamp(self.at, UTC).date()


class Count(NamedTuple):
    """Wins to be counted by one kind of a rule's cap, and how many it allows in the period."""

    kind: str
    rule: str
    period: str
    times: int
    limit: int


class Capped(Container[str]):
    """The rules whose cap is used up. Found out one by one: a release may cap thousands, and a decision meets a few.

    It counts the wins of this request as they come. Where Redis's counts are not known no capped rule can be proved free, and "at most
    once" is a promise: all of them count as used up until they can.
    """

    def __init__(self, caps: Mapping[str, Cap], wins: Wins | None, periods: Periods, refused: Collection[str] = ()) -> None:
        self._caps, self._wins, self._periods = caps, wins, periods
        self._refused = frozenset(refused)
        self._now: Counter[str] = Counter()
        self._passed: list[str] = []

    @property
    def known(self) -> bool:
        return self._wins is not None

    def __contains__(self, rule: object) -> bool:
        if not isinstance(rule, str) or rule not in self._caps:
            return False
        if self._is_used_up(rule):
            self._passed.append(rule)
            return True
        return False

    def _is_used_up(self, rule: str) -> bool:
        if self._wins is None or rule in self._refused:
            return True
        return any(self._before(self._wins, kind, rule) + self._now[rule] >= limit for kind, limit in limits(self._caps[rule]))

    def passed(self) -> list[str]:
        """The rules that were asked for and found used up since this was last asked."""
        passed, self._passed = list(dict.fromkeys(self._passed)), []
        return passed

    def count(self, rule: str) -> None:
        """Notes that the rule wins in this request."""
        if rule in self._caps:
            self._now[rule] += 1

    def counts(self) -> list[Count]:
        """The wins of this request, for Redis to check and count."""
        return [
            Count(kind, rule, self._periods.name(kind), times, limit)
            for rule, times in self._now.items()
            for kind, limit in limits(self._caps[rule])
        ]

    def without(self, refused: Collection[str]) -> Capped:
        """For another try: nothing has won yet, and these rules are used up too."""
        return Capped(self._caps, self._wins, self._periods, self._refused.union(refused))

    def unknown(self) -> Capped:
        """For another try, without Redis."""
        return Capped(self._caps, None, self._periods)

    def _before(self, wins: Wins, kind: str, rule: str) -> int:
        if kind == "session":
            times, last = wins.in_session.get(rule, (0, 0.0))
            return times if last >= self._periods.since else 0
        return wins.by_period.get(f"{kind}:{rule}", {}).get(self._periods.name(kind), 0)
