"""How often each rule won lately, for lists of rules: by the last 24 hours and the last 7 days, out of what results count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from decisioning.models import HourlyResult
from decisioning.results import DECISION, hour_of

DAY, WEEK = 24, 7 * 24


class Wins(NamedTuple):
    """Decisions that a rule won."""

    day: int
    week: int

    def __str__(self) -> str:
        return f"won {self.day:,} in 24 hours, {self.week:,} in 7 days"


def wins(workspace: str, now: datetime) -> dict[str, Wins]:
    """By rule; without those that won nothing in 7 days."""
    found = _matched(now).filter(workspace=workspace).order_by().values_list("rule")
    sums = found.annotate(day=Coalesce(Sum("count", filter=Q(hour__gte=_since(now, DAY))), 0), week=Sum("count"))
    return {rule: Wins(day, week) for rule, day, week in sums}


def with_wins(rules: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Rules with `won_day` and `won_week`, counted for those that a page of the list shows."""
    own = _matched(now).filter(workspace=OuterRef("workspace__key"), rule=OuterRef("key")).order_by().values("rule")
    return rules.annotate(won_day=_sum(own.filter(hour__gte=_since(now, DAY))), won_week=_sum(own))


def _sum(found: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(found.annotate(total=Sum("count")).values("total")), 0, output_field=IntegerField())


def _matched(now: datetime) -> QuerySet[HourlyResult]:
    return HourlyResult.objects.filter(kind=DECISION, name="matched", hour__gte=_since(now, WEEK))


def _since(now: datetime, hours: int) -> datetime:
    return hour_of(now) - timedelta(hours=hours - 1)
