"""Tags gained, extended, taken away and run out.

Expiry counts from the time of the event that gave the tag. A late event never shortens it; one whose tag would be over already gives
nothing; one older than a removal doesn't undo it (a removal is remembered for a day). Of two at the same moment the later to arrive wins.
A tag of a group takes the others of it away as of its own time, in the same way.
"""

from __future__ import annotations

from decisioning.tagging import byvalue, limits
from decisioning.tagging.changes import Change
from decisioning.tagging.confirm import confirmed
from decisioning.tagging.definitions import Definitions, EventPlan
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.facts import facts
from decisioning.tagging.groups import outdone
from decisioning.tagging.repeats import reached
from decisioning.tagging.sequences import fire, moved
from decisioning.tagging.state import REMOVED, Tag, UserState
from decisioning.tagging.tagplans import AssignPlan, ConfirmTouch, Gain, Matches, SequencePlan, Trigger
from decisioning.tagging.tallies import ignore

REMOVAL_REMEMBERED = 86_400.0


def drop_expired(draft: UserState, changes: list[Change]) -> None:
    """Forget tags that are over as of the newest event, and removals no late event can meet any more."""
    now = draft.last_seen
    forgotten = now - REMOVAL_REMEMBERED
    over = [key for key, tag in draft.tags.items() if 0 != tag.expires <= now and (tag.expires != REMOVED or tag.at <= forgotten)]
    if not over:
        return
    draft.tags = dict(draft.tags)
    for key in over:
        tag = draft.tags.pop(key)
        if tag.expires != REMOVED:
            changes.append(Change("tag_expired", key, tag.expires, "its time ran out"))


def apply(
    draft: UserState, plan: EventPlan, event: Event, at: float, told: EventFacts, definitions: Definitions, changes: list[Change]
) -> None:
    """Tags this event gives, in the document's order, then tags it takes away: an event that does both leaves the tag off."""
    draft.tags = dict(draft.tags)
    if plan.moves:
        draft.sequences, draft.timers = dict(draft.sequences), dict(draft.timers)
    for trigger in plan.triggers:
        if isinstance(trigger, AssignPlan) and trigger.where is not None and not trigger.where(told):
            continue
        given = _given(draft, trigger, event, at, told, definitions)
        if given is not None:
            gain, since, cause, value = given
            if _holds(gain.when, draft, since, definitions, event):
                _give(draft, gain, since, cause, value, definitions, changes)
    for removal in plan.removes:
        if (removal.where is None or removal.where(told)) and _holds(removal.when, draft, at, definitions, event):
            _take(draft, removal.tag, event.name, at, definitions, changes)


def time_passed(draft: UserState, plan: SequencePlan, now: float, definitions: Definitions, changes: list[Change]) -> None:
    """The tag of a sequence whose timer is due, as of the moment its time was over."""
    at = fire(draft, plan, now)
    if at is not None and _holds(plan.gain.when, draft, at, definitions, None):
        draft.tags = dict(draft.tags)
        _give(draft, plan.gain, at, plan.cause, "", definitions, changes)


def _given(
    draft: UserState, trigger: Trigger, event: Event, at: float, told: EventFacts, definitions: Definitions
) -> tuple[Gain, float, str, str] | None:
    """The tag that the event gives, as of when, why, and by which value; None where it gives none."""
    if isinstance(trigger, AssignPlan):
        return _by_event(draft, trigger, event, at, definitions)
    if isinstance(trigger, ConfirmTouch):
        since = confirmed(draft, trigger, event, at, told, definitions)
    else:
        since = moved(draft, trigger, event, at, told, definitions)
    return None if since is None else (trigger.plan.gain, since, trigger.plan.cause, "")


def _by_event(draft: UserState, plan: AssignPlan, event: Event, at: float, definitions: Definitions) -> tuple[Gain, float, str, str] | None:
    if plan.repeat is None:
        return plan.gain, at, plan.cause, ""
    if plan.repeat.by is None:
        since = reached(draft, plan.repeat, event, at, definitions)
        return None if since is None else (plan.gain, since, plan.cause, "")
    found = byvalue.reached(draft, plan.repeat, event, at, definitions)
    return None if found is None else (plan.gain, found[0], plan.cause, found[1])


def _holds(when: Matches | None, draft: UserState, at: float, definitions: Definitions, event: Event | None) -> bool:
    """Whether conditions on the user hold, as of the newest event; without an event there is no context, and none but a known user."""
    if when is None:
        return True
    context, session, user = (event.context, event.session, event.user) if event is not None else ({}, None, None)
    now = max(at, draft.last_seen)
    return when(facts(definitions, draft, now=now, context=context, session=session, timezone=definitions.timezone, user=user))


def _give(draft: UserState, gain: Gain, at: float, why: str, value: str, definitions: Definitions, changes: list[Change]) -> None:
    key = gain.tag
    expires = at + gain.ttl if gain.ttl else 0.0
    old = draft.tags.get(key)
    for other in gain.others:
        _take(draft, other, f"{key} took its place", at, definitions, changes)
    if old is not None and at < old.at:
        if old.expires != REMOVED and at < old.since and (not expires or expires > old.since):
            draft.tags[key] = Tag(at, old.expires, old.cause, old.at, old.value)
        return
    if (gain.others and outdone(draft, gain, at)) or (gain.ttl and expires <= draft.last_seen):
        return
    cause = limits.clip(f"{why} ({value})" if value else why, limits.CAUSE_BYTES)
    if old is not None and old.expires != REMOVED:
        draft.tags[key] = Tag(old.since, expires, cause, at, value)
        changes.append(Change("tag_extended", key, at, cause))
    elif old is not None or limits.has_room(draft.tags, limits.TAGS, definitions.tags):
        draft.tags[key] = Tag(at, expires, cause, at, value)
        changes.append(Change("tag_added", key, at, cause))
    else:
        ignore(draft, "tags")


def _take(draft: UserState, key: str, why: str, at: float, definitions: Definitions, changes: list[Change]) -> None:
    old = draft.tags.get(key)
    if old is not None and at < old.at:
        return
    if old is None and not limits.has_room(draft.tags, limits.TAGS, definitions.tags):
        ignore(draft, "tags")
        return
    draft.tags[key] = Tag(0.0, REMOVED, "", at)
    if old is not None and old.expires != REMOVED:
        changes.append(Change("tag_removed", key, at, limits.clip(why, limits.CAUSE_BYTES)))
