"""One event folded into one user's state: pure, deterministic and never failing, whatever the event holds.

The given state is never changed: what an event touches is copied, the rest is shared. In order: the message id, due timers, first and
last seen, the session, traits, expired tags, signals, tags, the last page. Independent of the order of arrival, for events at distinct
times: totals, windows and levels (read not before the newest event), traits, the last page, and which tags given by single events a user
has and until when. Sessions, tags that count, sequences, and conditions that read traits or the user go by what has arrived. All
this within the allowed lateness: an event from longer before its user's newest changes nothing, not even the ids remembered.
"""

from __future__ import annotations

from typing import Any

from decisioning.tagging import consent as consents
from decisioning.tagging import limits, tags
from decisioning.tagging.changes import Change
from decisioning.tagging.dedup import remembered
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.folded import Folded
from decisioning.tagging.identity import CONTROL, asked, forwarded, met
from decisioning.tagging.kept import live
from decisioning.tagging.permitted import lawful, shown
from decisioning.tagging.population import Sample
from decisioning.tagging.runout import live_levels, live_windows
from decisioning.tagging.sessions import touched
from decisioning.tagging.signals import measure
from decisioning.tagging.state import Page, UserState, new_state
from decisioning.tagging.tallies import ignore
from decisioning.tagging.timers import advance, catch_up, due
from decisioning.tagging.times import arrived, happened, is_late
from decisioning.tagging.traits import merged

ERASE = "erase"
"""The type of the event with which a user is forgotten. No client can send it."""
NOTHING: dict[str, Any] = {}


def fold(definitions: Definitions, state: UserState, event: Event) -> Folded:
    """The state with the event in it, once: an event whose message id is known changes nothing.

    Events of an id that was merged into a user become messages to that user; messages between users are met by identity.py.

    Timers that were due when the event was received have fired before it, whether or not anybody was there to fire them in time. What the
    user has not agreed to is neither used nor kept (permitted.py); what the event itself says about consent counts for it already.
    """
    if event.type == ERASE:
        return Folded(new_state(), "erased")
    if state.merged_into:
        return forwarded(state, event)
    if event.type in CONTROL:
        return met(definitions, state, event)
    received = arrived(event)
    seen = remembered(state.seen, event.message_id, received)
    if seen is None:
        return Folded(state, "duplicate")
    if is_late(event, state.last_seen, definitions.lateness):
        return Folded(state, "late")
    at = happened(event)
    allowed, held = shown(definitions, state)
    changes: list[Change] = []
    messages: list[Event] = []
    if (first := due(held)) is not None and first <= received:
        before = advance(allowed, held, received)
        held, changes, messages = before.state, before.changes, before.messages
    draft = held.draft()
    if draft.overdue:
        catch_up(draft, at, allowed, changes)
    draft.seen = seen
    words: list[consents.Word] = []
    if definitions.purposed is not None:
        draft.consent, words = consents.heard(draft.consent, event, definitions.purposes)
        allowed, draft = shown(definitions, draft)
    if event.type == consents.TYPE or allowed.barred:
        if event.alias is not None:  # what an id agreed to comes with it to its user
            messages = [*messages, *asked(draft, event)]
        return Folded(draft, "applied" if event.type == consents.TYPE else "withheld", changes, messages, words=words)
    event, withheld = lawful(allowed, event)
    draft.revision += 1
    _see(draft, event.user, at)
    in_session = _enter_session(draft, event, at, allowed, changes)
    _learn(draft, event, at, changes)
    if draft.tags:
        tags.drop_expired(draft, changes)
    samples: list[Sample] = []
    plan = allowed.events.get(event.name, allowed.other)
    told = EventFacts(event, draft)
    if plan.signals:
        samples = measure(draft, plan.signals, event, at, told, in_session, allowed)
    if plan.triggers or plan.removes:
        tags.apply(draft, plan, event, at, told, allowed, changes)
    _turn_page(draft, event, at)
    if event.alias is not None:
        messages = [*messages, *asked(draft, event)]
    return Folded(draft, "withheld" if withheld else "applied", changes, messages, samples, words)


def _see(draft: UserState, user: str, at: float) -> None:
    if draft.revision <= 1 or at < draft.first_seen:
        draft.first_seen = at
    if at > draft.last_seen:
        draft.last_seen = at
    if user in draft.ids:
        return
    user = limits.clip(user, limits.ID_BYTES)
    if user in draft.ids:
        return
    if len(draft.ids) < limits.IDS:
        draft.ids = [*draft.ids, user]
    else:
        ignore(draft, "ids")


def _enter_session(draft: UserState, event: Event, at: float, definitions: Definitions, changes: list[Change]) -> bool:
    """Whether the event belongs to the session the user is in after it."""
    before = draft.session
    draft.session, belongs = touched(before, at, event.session)
    if before is None or before.id != draft.session.id:
        draft.windows = live_windows(draft.windows, draft.last_seen)
        draft.levels = live_levels(draft.levels, draft.last_seen)
        draft.kept = live(draft.kept, draft.last_seen, definitions.timezone)
        changes.append(Change("session_started", draft.session.id, at, _by(event)))
    return belongs


def _learn(draft: UserState, event: Event, at: float, changes: list[Change]) -> None:
    """Traits come with identify, and in the context of any other call. A group call's own traits are the group's, not the user's."""
    told = event.traits if event.type != "group" else NOTHING
    in_context = event.context.get("traits")
    if isinstance(in_context, dict):
        told = {**in_context, **told}
    if not told:
        return
    draft.traits, changed, ignored = merged(draft.traits, told, at)
    changes.extend(Change("trait_changed", key, at, _by(event)) for key in changed)
    if ignored:
        ignore(draft, "traits", ignored)


def _turn_page(draft: UserState, event: Event, at: float) -> None:
    """The page the user was last on: a page call's own, or what another call's context says."""
    if draft.page is not None and at < draft.page.at:
        return
    page = event.context.get("page") if event.context else None
    if not isinstance(page, dict):
        page = {}
    if event.type == "page":
        page = {**page, **event.properties}
    if page:
        path, url = _words(page.get("path")), _words(page.get("url"))
        if path or url:
            before = draft.page
            since = before.since if before is not None and before.path == path and before.url == url else at
            draft.page = Page(path, url, _words(page.get("title")), _words(page.get("referrer")), at, since)


def _words(value: object) -> str:
    return limits.clip(value, limits.PAGE_BYTES) if value and isinstance(value, str) else ""


def _by(event: Event) -> str:
    return limits.clip(event.name, limits.CAUSE_BYTES)
