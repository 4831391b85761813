"""What the pages of results show of a rule or a placement: sums over a period, by version and by event, and their shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum
from django.utils.formats import date_format

from admin_ui.results.charts import Chart, Series, stacked
from decisioning.models import HourlyResult
from decisioning.results import CLICKS, DECISION, EVENT, EXPOSURES, PASSED, hour_of
from rules import words

OUTCOMES = {
    "matched": "A rule won",
    "fallback": "No rule matched, the fallback was shown",
    "capped": "Held back by a cap, the fallback was shown",
    "no_consent": "Without consent, the fallback was shown",
    "holdout": "Held out of an experiment",
    "degraded": "Decided with parts of Signpost down",
}
SHOWN = 3
"""Conversions with a column of their own: those that came most often."""
Z = 1.96
"""Of a 95 % interval."""


class Period(NamedTuple):
    words: str
    bars: int
    hours: int
    """In one bar."""
    form: str
    """How a bar's time is written."""


PERIODS = {
    "24h": Period("Last 24 hours", 24, 1, "H:i"),
    "7d": Period("Last 7 days", 28, 6, "j M, H:i"),
    "30d": Period("Last 30 days", 30, 24, "j M"),
}


class Share(NamedTuple):
    """A share of decisions with the 95 % interval that Wilson's score gives (E. B. Wilson, 1927): it holds for few decisions too."""

    part: int
    whole: int
    percent: str
    interval: str


@dataclass(slots=True)
class Row:
    """One version of a rule, or what was shown where no rule won (`rule` empty)."""

    rule: str
    version: int
    decisions: int = 0
    events: Counter[str] = field(default_factory=Counter)
    of_all: Share | None = None
    clicked: Share | None = None
    converted: list[Share] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figures:
    decisions: int
    chart: Chart
    rows: list[Row]
    outcomes: list[tuple[str, Share]]
    events: list[tuple[str, str, Share]]
    conversions: list[str]
    """Those that have a column."""
    passed: int
    clicked: Share | None
    of_all: Share | None

    @property
    def matched(self) -> int:
        return sum(row.decisions for row in self.rows if row.rule)


def share(part: int, whole: int) -> Share:
    if whole <= 0:
        return Share(part, whole, words.NOTHING, "")
    part = min(part, whole)
    p, z2 = part / whole, Z * Z
    middle, half = (p + z2 / (2 * whole)) / (1 + z2 / whole), Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Share(part, whole, _percent(p), f"{_percent(low)} to {_percent(high)}")


def _percent(value: float) -> str:
    return f"{value:.1%}" if value < 0.1 else f"{value:.0%}"


def figures(workspace: str, kind: str, key: str, period: Period, now: datetime) -> Figures:
    """`kind`: rule or placement. Three queries for a rule, two for a placement, however long the period."""
    since = hour_of(now) - timedelta(hours=period.hours * period.bars - 1)
    found = HourlyResult.objects.filter(workspace=workspace, hour__gte=since)
    own = found.filter(**{kind: key})
    sums = _sums(own, "placement", "rule", "rule_version", "kind", "name")
    decided = Counter[str]()
    outcomes: Counter[str] = Counter()
    events: Counter[str] = Counter()
    rows: dict[tuple[str, int], Row] = {}
    passed = 0
    for (placement, rule, version, what, name), count in sums.items():
        if what == PASSED:
            passed += count
            continue
        won = what == EVENT or name == "matched"
        row = rows.setdefault((rule, version) if won and rule else ("", 0), Row(rule if won else "", version if won and rule else 0))
        if what == EVENT:
            row.events[name] += count
            events[name] += count
        else:
            row.decisions += count
            outcomes[name] += count
            decided[placement] += count
    whole = _whole(found, decided) if kind == "rule" else decided.total()
    if kind == "rule":
        rows.pop(("", 0), None)  # what was shown instead of it is not its own
    conversions = [name for name, _ in events.most_common() if name not in CLICKS | EXPOSURES][:SHOWN]
    for row in rows.values():
        row.of_all = share(row.decisions, whole)
        row.clicked = share(_clicks(row.events), row.decisions)
        row.converted = [share(row.events[name], row.decisions) for name in conversions]
    shown = sum(row.decisions for row in rows.values())
    return Figures(
        decisions=whole if kind == "placement" else shown,
        chart=_chart(own, kind, period, since),
        rows=sorted(rows.values(), key=lambda row: (not row.rule, -row.decisions, row.rule, -row.version)),
        outcomes=[(OUTCOMES.get(name, name), share(count, decided.total())) for name, count in outcomes.most_common()],
        events=[(name, _meaning(name), share(count, shown)) for name, count in events.most_common(20)],
        conversions=conversions,
        passed=passed,
        clicked=share(_clicks(events), shown) if any(name in CLICKS for name in events) else None,
        of_all=share(shown, whole) if kind == "rule" else None,
    )


def _sums(found: QuerySet[HourlyResult], *by: str) -> Mapping[tuple[Any, ...], int]:
    return {tuple(row[:-1]): row[-1] for row in found.order_by().values_list(*by).annotate(Sum("count"))}


def _whole(found: QuerySet[HourlyResult], placements: Iterable[str]) -> int:
    """All decisions of the placements that the rule decided in."""
    return found.filter(placement__in=list(placements), kind=DECISION).aggregate(whole=Sum("count"))["whole"] or 0


def _clicks(events: Counter[str]) -> int:
    """A decision that two kinds of click name is most likely one click told twice."""
    return max((count for name, count in events.items() if name in CLICKS), default=0)


def _meaning(name: str) -> str:
    return "click" if name in CLICKS else "seen" if name in EXPOSURES else "conversion"


def _chart(own: QuerySet[HourlyResult], kind: str, period: Period, since: datetime) -> Chart:
    """Decisions in each part of the period."""
    won, others = [0] * period.bars, [0] * period.bars
    for (hour, name), count in _sums(own.filter(kind=DECISION), "hour", "name").items():
        index = int((hour - since) / timedelta(hours=period.hours))
        if 0 <= index < period.bars:
            (won if name == "matched" else others)[index] += count
    names = [date_format(since + timedelta(hours=period.hours * index), period.form) for index in range(period.bars)]
    first = Series("won" if kind == "rule" else "decided by a rule", "bar-won", won)
    second = Series("held back by its cap" if kind == "rule" else "with the fallback", "bar-other", others)
    return stacked(names, [first, second])
