"""Several needs, all fulfilled within a time, in any order: a sustained scroll and enough seconds on the page.

Whether they are is decided with each event that serves one of them, as of the newest event that served any. Each of those that come while
all hold gives the tag anew. Counts and sums are kept as those of single events are.
"""

from __future__ import annotations

from decisioning.tagging import repeats
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.state import UserState
from decisioning.tagging.tagplans import ConfirmPlan, ConfirmTouch


def confirmed(draft: UserState, touch: ConfirmTouch, event: Event, at: float, facts: EventFacts, definitions: Definitions) -> float | None:
    """The time of the newest event that served a need once all are fulfilled, None while one is not."""
    plan, served = touch.plan, False
    for number in touch.needs:
        need = plan.needs[number]
        if need.where is None or need.where(facts):
            served |= repeats.added(draft, need.repeat, event, at, definitions) is not None
    if not served:
        return None
    now = max([at, *(newest for need in plan.needs if (newest := repeats.last(draft, need.repeat)) is not None)])
    return now if all(repeats.amount(draft, need.repeat, now) >= need.repeat.at_least for need in plan.needs) else None


def fulfilled(plan: ConfirmPlan, state: UserState, now: float) -> list[bool]:
    """Of each need, whether there is enough as of `now`."""
    return [repeats.amount(state, need.repeat, now) >= need.repeat.at_least for need in plan.needs]
