"""Use case: how many users would this hold for? Counted over a random sample of the states in Redis, in a bounded time.

Keys are drawn with RANDOMKEY, each with replacement, so nothing walks through all of them. One draw finds a user it holds for with the
probability p = matching users / keys, so m hits in n draws estimate their number as keys * m / n, and Wilson's score interval says how
far off that may be (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927):

    (p + z²/2n ± z * sqrt(p (1 - p) / n + z²/4n²)) / (1 + z²/n),  p = m/n,  z = 1.96 for 95 %

It holds near 0 and 1 too, where the usual p ± z * sqrt(p (1 - p) / n) claims to be certain.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from decisioning import codec, keys
from decisioning.choose import Ask, Case, chosen
from decisioning.cluster import Cluster
from decisioning.populations import populations
from decisioning.profiles import Unavailable
from decisioning.redis import worker_client
from decisioning.replay import Passed
from decisioning.rulesets import Live
from decisioning.tagging import Facts, UserState, facts
from decisioning.trying import DRAFT, Under, under
from rules.models import Workspace

WANTED = 1_000
"""Users in a sample: half of them match ± 3 % then."""
DRAWS, BATCH = 20_000, 250
"""Keys drawn for it, at most, and in one round trip."""
SECONDS = 0.5
"""A sample takes no longer than that, and the round trip it is in."""
FEW = 2_000
"""Where there are no more keys than that, all of them are looked at: that is no more work than a sample."""
FRESH = 30.0
"""Seconds that a sample is used again: conditions change with each key pressed, users do not."""
KEPT = 4
"""Samples in a process."""
Z = 1.96
MATCHING = "matching"
ASKED = "how-many-match"
"""A placement, rule and template that are never saved: conditions are compiled as a rule's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`draws` keys were drawn of `keys`; `all` says that it was each of them once, and `cut` that time was up."""

    users: list[tuple[str, UserState]]
    draws: int
    keys: int
    all: bool
    cut: bool
    at: float


@dataclass(frozen=True, slots=True)
class Share:
    """Of the users, and how many those are: the estimate, and from where to where it may be with 95 %."""

    share: float
    low: float
    high: float
    users: int
    fewest: int
    most: int

    @property
    def margin(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """`counts` by what was asked for. `seconds` it took, the sample included where it was drawn for this."""

    counts: Mapping[str, int]
    sample: Sample
    seconds: float

    @property
    def sampled(self) -> int:
        return len(self.sample.users)

    def of(self, what: str) -> Share:
        return share_of(self.counts.get(what, 0), self.sample)


def share_of(hits: int, sample: Sample) -> Share:
    """What so many hits in a sample say of all users."""
    looked = len(sample.users)
    if sample.all:
        share = hits / looked if looked else 0.0
        return Share(share, share, share, hits, hits, hits)
    low, high = wilson(hits, looked)
    fewest, most = wilson(hits, sample.draws)
    users = round(sample.keys * hits / sample.draws) if sample.draws else 0
    return Share(hits / looked if looked else 0.0, low, high, users, int(sample.keys * fewest), round(sample.keys * most))


def wilson(hits: int, draws: int, z: float = Z) -> tuple[float, float]:
    """From where to where the true share lies; of nothing drawn, anywhere."""
    if draws == 0:
        return 0.0, 1.0
    share, extra = hits / draws, z * z / draws
    middle, half = share + extra / 2, z * sqrt(share * (1 - share) / draws + extra / draws / 4)
    # Clamped by what was seen too: rounding leaves 1e-18 where none was.
    return max(0.0, min(share, (middle - half) / (1 + extra))), min(1.0, max(share, (middle + half) / (1 + extra)))


def winners(by: Under, placement: str, *, now: float) -> Estimate:
    """How many would get each rule of a placement; "" is the fallback, and nobody's cap counts. Raises Unavailable."""
    live, uncapped = by.live, Passed(())

    def first(user: str, seen: Facts) -> str:
        choices = chosen(Case(Ask(user, [placement], now), live, now, seen, {}, []), placement, uncapped)
        return choices[0].rule.key if choices and choices[0].rule and choices[0].outcome == "matched" else ""

    return _counted(live, first, now=now)


def matching(workspace: Workspace, when: Mapping[str, Any] | None, *, reader_id: int, now: float) -> Estimate:
    """For how many these conditions hold, by the names of the reader's draft; MATCHING are those. Raises CantTry and Unavailable."""
    rule: dict[str, Any] = {"placement": ASKED, "then": {"template": ASKED}}
    change: dict[Any, Any] = {
        ("template", ASKED): {"body": "-"},
        ("placement", ASKED): {},
        ("rule", ASKED): {**rule, "when": when} if when else rule,
    }
    live = under(workspace, DRAFT, reader_id=reader_id, placements=[ASKED], change=change).live
    return _counted(live, lambda _, seen: MATCHING if live.ruleset.decide(ASKED, seen).outcome == "matched" else "", now=now)


def _counted(live: Live, answer: Callable[[str, Facts], str], *, now: float) -> Estimate:
    started = time.perf_counter()
    sample = samples.of(live.settings.key, now=now)
    common: dict[str, Any] = {"context": {}, "timezone": live.settings.timezone, "thresholds": populations.of(live.settings.key)}
    counts = Counter(answer(user, facts(live.definitions, state, now=now, user=user, **common)) for user, state in sample.users)
    return Estimate(counts, sample, time.perf_counter() - started)


class Samples:
    """The newest sample of each workspace, drawn anew when it is old."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Sample] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, workspace: str, *, now: float) -> Sample:
        with self._lock:
            found = self._found.get(workspace)
            if found is None or not 0 <= now - found.at < FRESH:
                found = self._found[workspace] = drawn(worker_client(), workspace, now=now)
                self._found.move_to_end(workspace)
                while len(self._found) > KEPT:
                    self._found.popitem(last=False)
            return found

    def forget(self) -> None:
        self._found.clear()


samples = Samples()


def drawn(client: Redis, workspace: str, *, now: float, few: int = FEW) -> Sample:
    """A new sample. Ids that were merged into another one are nobody by themselves. Raises Unavailable."""
    try:
        servers = [(server, int(server.dbsize())) for server in _servers(client)]
        total = sum(size for _, size in servers)
        if total <= few:
            names = list(dict.fromkeys(name for server, _ in servers for name in server.scan_iter(count=few)))
            return Sample(list(_states(client, workspace, names)), len(names), total, all=True, cut=False, at=now)
        users: list[tuple[str, UserState]] = []
        draws, started, cut = 0, time.perf_counter(), False
        while len(users) < WANTED and draws < DRAWS:
            names = [name for server, size in servers for name in _some(server, round(BATCH * size / total))]
            draws += len(names)
            users += _states(client, workspace, names)
            cut = time.perf_counter() - started > SECONDS
            if cut or not names:
                break
        return Sample(users, draws, total, all=False, cut=cut, at=now)
    except RedisError as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from error


def _servers(client: Redis) -> list[Redis]:
    return [node.client for node in client.primaries()] if isinstance(client, Cluster) else [client]


def _some(server: Redis, wanted: int) -> list[bytes]:
    pipeline = server.pipeline(transaction=False)
    for _ in range(wanted):
        pipeline.randomkey()
    return [name for name in pipeline.execute() if name is not None]


def _states(client: Redis, workspace: str, names: list[bytes]) -> Iterator[tuple[str, UserState]]:
    """Of the keys, those of the workspace's states, with what is in them. What can't be read is left out."""
    mark = f"}}:state:{workspace}:".encode()
    wanted = [name.decode(errors="replace") for name in names if mark in name and name.startswith(b"{p")]
    pipeline = client.pipeline(transaction=False)
    for name in wanted:
        pipeline.get(name)
    for name, data in zip(wanted, pipeline.execute() if wanted else [], strict=True):
        try:
            state = codec.decode_state(data, name) if data else None
        except ValueError:
            continue
        if state is not None and not state.merged_into and keys.workspace_of(name) == workspace:
            yield keys.user_of(name), state
