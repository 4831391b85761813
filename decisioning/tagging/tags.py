"""Tags gained, extended, taken away and run out.

Expiry counts from the time of the event that gave the tag. A late event never shortens it; one whose tag would be over already gives
nothing; one older than a removal doesn't undo it (a removal is remembered for a day). Of two at the same moment the later to arrive wins.
"""

from __future__ import annotations

from decisioning.tagging import limits
from decisioning.tagging.changes import Change, because
from decisioning.tagging.definitions import AssignPlan, Definitions, EventPlan, RemovePlan
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.repeats import reached
from decisioning.tagging.state import REMOVED, Tag, UserState
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
            changes.append(Change("tag_expired", key, tag.expires, because("its time ran out", tag.expires)))


def apply(draft: UserState, plan: EventPlan, event: Event, at: float, definitions: Definitions, changes: list[Change]) -> None:
    """Tags this event gives, then tags it takes away: an event that does both leaves the tag off."""
    facts = EventFacts(event, draft)
    draft.tags = dict(draft.tags)
    for assign in plan.assigns:
        if assign.where is None or assign.where(facts):
            given = at if assign.repeat is None else reached(draft, assign.tag, assign.repeat, at, definitions)
            if given is not None:
                _give(draft, assign, given, definitions, changes)
    for removal in plan.removes:
        if removal.where is None or removal.where(facts):
            _take(draft, removal, at, definitions, changes)


def _give(draft: UserState, assign: AssignPlan, at: float, definitions: Definitions, changes: list[Change]) -> None:
    key = assign.tag
    expires = at + assign.ttl if assign.ttl else 0.0
    old = draft.tags.get(key)
    if old is not None and at < old.at:
        if old.expires != REMOVED and at < old.since and (not expires or expires > old.since):
            draft.tags[key] = Tag(at, old.expires, old.cause, old.at)
        return
    if assign.ttl and expires <= draft.last_seen:
        return
    cause = limits.clip(assign.cause, limits.CAUSE_BYTES)
    if old is not None and old.expires != REMOVED:
        draft.tags[key] = Tag(old.since, expires, cause, at)
        changes.append(Change("tag_extended", key, at, because(cause, at)))
    elif old is not None or limits.has_room(draft.tags, limits.TAGS, definitions.tags):
        draft.tags[key] = Tag(at, expires, cause, at)
        changes.append(Change("tag_added", key, at, because(cause, at)))
    else:
        ignore(draft, "tags")


def _take(draft: UserState, removal: RemovePlan, at: float, definitions: Definitions, changes: list[Change]) -> None:
    key = removal.tag
    old = draft.tags.get(key)
    if old is not None and at < old.at:
        return
    if old is None and not limits.has_room(draft.tags, limits.TAGS, definitions.tags):
        ignore(draft, "tags")
        return
    draft.tags[key] = Tag(0.0, REMOVED, "", at)
    if old is not None and old.expires != REMOVED:
        changes.append(Change("tag_removed", key, at, because(removal.cause, at)))
