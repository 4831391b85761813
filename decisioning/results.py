"""What became of decisions, in numbers: counts by hour, placement and version of the rule, added up as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from decisioning.models import DecisionRecord, HourlyResult

DECISION, PASSED, EVENT = HourlyResult.Kind.DECISION, HourlyResult.Kind.PASSED, HourlyResult.Kind.EVENT
OF_NO_VERSION = 0
CLICKS = frozenset({"Decision Clicked", "Promotion Clicked"})
"""Events that say that somebody followed what they were shown: ours, and the one of the tracking protocol's shops."""
EXPOSURES = frozenset({"Decision Shown", "Promotion Viewed"})
"""Events that say that somebody saw it. All others that name a decision are conversions."""

ADD = """
INSERT INTO decisioning_hourly_result (hour, workspace, placement, rule, rule_version, kind, name, count)
SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::int[])
ON CONFLICT ON CONSTRAINT one_result_an_hour DO UPDATE SET count = decisioning_hourly_result.count + EXCLUDED.count
"""


class Counted(NamedTuple):
    """What is counted together. `name`: the outcome of decisions, an event's own name; empty where a rule was passed over for its cap."""

    hour: datetime
    workspace: str
    placement: str
    rule: str
    rule_version: int
    kind: str
    name: str


def of_decisions(records: Iterable[DecisionRecord], capped: Mapping[object, Iterable[str]]) -> Counter[Counted]:
    """`capped`: by decision id, the rules that were passed over since their cap was used up. One request passes a rule over once."""
    found: Counter[Counted] = Counter()
    passed = set()
    for record in records:
        hour, where = hour_of(record.at), (record.workspace, record.placement)
        found[Counted(hour, *where, record.rule, record.rule_version or OF_NO_VERSION, DECISION, record.outcome)] += 1
        passed |= {(record.at, record.user, Counted(hour, *where, rule, OF_NO_VERSION, PASSED, "")) for rule in capped[record.decision_id]}
    found.update(counted for _, _, counted in passed)
    return found


def of_event(record: DecisionRecord, name: str) -> Counted:
    """In the hour of the decision, so that a share is one of the decisions of the same hour. What a rule did not show is not the rule's."""
    own = record.outcome == "matched"
    rule, version = (record.rule, record.rule_version or OF_NO_VERSION) if own else ("", OF_NO_VERSION)
    return Counted(hour_of(record.at), record.workspace, record.placement, rule, version, EVENT, name)


def add(found: Mapping[Counted, int]) -> None:
    """Within the caller's transaction, always in one order: two that add to the same rows must not wait for each other in a circle."""
    if found:
        rows = [(*counted, count) for counted, count in sorted(found.items())]
        with connection.cursor() as cursor:
            cursor.execute(ADD, [list(column) for column in zip(*rows, strict=True)])


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
