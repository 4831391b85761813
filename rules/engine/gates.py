"""What stands before a rule's conditions, its schedule and roll-out, as tests like any other: every plan and explanation knows those."""

from __future__ import annotations

from dataclasses import replace

from rules.engine import schedules
from rules.engine.link import shown
from rules.engine.linked import Test, Way
from rules.engine.operators import BY_TYPE, Operator
from rules.engine.operators.operands import NOTHING
from rules.engine.vocabulary import NOW, USER_ID, ZONE, Variable
from rules.engine.work import Site, Work
from rules.engine.workspace import Rollout, Schedule

SCHEDULE = Operator(
    "schedule",
    (),
    "datetime",
    NOTHING,
    False,
    "to be within the rule's schedule ({})",
    "signpost",
    lambda _: lambda value: True,
    None,
    None,
)
"""Not in the registry, since no condition can name it."""

ROLLOUT = replace(BY_TYPE["text"]["in_split"], name="rollout", needs="to be among the {} of users the rule is for")


def gates(work: Work, site: Site) -> tuple[Test, ...]:
    """The tests of a site's rule; what is wrong with its schedule is noted."""
    rule = site.rule
    if rule is None:
        return ()
    path = site.path.removesuffix(".when")
    found = [_schedule(work, rule.schedule, f"{path}.schedule")] if rule.schedule is not None else []
    if rule.rollout is not None:
        found.append(_rollout(work, rule.rollout, rule.rollout.salt or rule.key))
    return tuple(test for test in found if test is not None)


def _schedule(work: Work, schedule: Schedule, path: str) -> Test | None:
    table = schedules.read(schedule, work.timezone, path)
    if isinstance(table, list):
        for problem in table:
            work.add(problem)
        return None
    now, zone = work.source(NOW), table.zone
    if zone is None:
        way = Way(now, SCHEDULE, table.holds, (work.source(ZONE),))
    else:
        way = Way(now, SCHEDULE, lambda value: table.holds(value, zone))
    return _test(work, way, NOW, schedules.in_words(schedule))


def _rollout(work: Work, rollout: Rollout, salt: str) -> Test:
    way = Way(work.source(USER_ID, ROLLOUT.reads), ROLLOUT, ROLLOUT.link((salt, 0.0, rollout.percent)))
    return _test(work, way, USER_ID, f"{rollout.percent:g} %")


def _test(work: Work, way: Way, variable: Variable, expected: str) -> Test:
    operator = way.operator
    told, seen = shown(variable.name, operator.name, expected), work.source(variable, "shown")
    return Test(variable, operator.name, expected, None, (way,), operator.missing, shown=told, seen=seen)
