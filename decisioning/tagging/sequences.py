"""Sequences: events in their order within their times, others forbidden between; and time passing without an event.

Per place of the sequence only the newest way to it is kept: for events in order no other could still be completed where this one can't
(a test compares with all ways at once). So progress is bounded, and deterministic:

- A sequence restarts with each event that can be its first, and goes on with whichever beginning is the newest that fits.
- Once it is complete it begins anew: its events do not count again, and sequences do not overlap.
- A forbidden event undoes what stands at the places it is forbidden after. One that is forbidden and awaited at once is forbidden.
- Where the last step forbids, the tag comes when its time is over, as of that moment; each new last event before it restarts that time.
  An event at the very end of that time comes too late to be forbidden.
- What counts is what has arrived: a late event goes on from steps before it in time, but events that came before their turn are not
  remembered. A late forbidden event undoes what is still under way.
"""

from __future__ import annotations

from collections.abc import Mapping

from decisioning.tagging import limits
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.eventfacts import EventFacts
from decisioning.tagging.state import Partial, UserState
from decisioning.tagging.tagplans import SequencePlan, SequenceTouch
from decisioning.tagging.tallies import ignore
from decisioning.tagging.times import arrived

Held = dict[int, Partial]
NOTHING: Held = {}


def moved(draft: UserState, touch: SequenceTouch, event: Event, at: float, facts: EventFacts, definitions: Definitions) -> float | None:
    """Moves the sequence on by an event; its time if that completes it. The draft's `sequences` and `timers` are changed in place."""
    plan = touch.plan
    before = draft.sequences.get(plan.key, NOTHING)
    held = dict(before)
    for first, last, where in touch.forbids:
        if held and (where is None or where(facts)):
            held = {place: way for place, way in held.items() if not first <= place <= last or way.last > at}
    done = None
    for place, where in touch.reaches:
        if (place == 0 or place - 1 in held) and (where is None or where(facts)):
            way = _way(plan, held, place, at)
            if way is None:
                continue
            if place == plan.end and not plan.waits:
                done, held = at, {}
                break
            if place not in held or held[place].last <= at:
                held[place] = way
    if held != before:
        _keep(draft, plan, held, event, definitions)
    return done


def fire(draft: UserState, plan: SequencePlan, now: float) -> float | None:
    """Ends the waiting whose timer is due: the moment its time was over, or None where nothing waits, or not yet.

    A timer may be early where two users became one and the other one's waiting began later. It is set anew.
    """
    held = draft.sequences.get(plan.key, {})
    if plan.end not in held:
        return None
    over = deadline(plan, held[plan.end])
    if over > now:
        draft.timers = {**draft.timers, plan.timer: over}
        return None
    draft.sequences = {key: ways for key, ways in draft.sequences.items() if key != plan.key}
    return over


def deadline(plan: SequencePlan, way: Partial) -> float:
    """When the time of a sequence that waits is over."""
    return way.last + plan.wait if plan.wait is not None else way.start + (plan.within or 0)


def joined(one: Mapping[str, Held], other: Mapping[str, Held]) -> dict[str, Held]:
    """What is under way for two users who become one: of each place the newest way, and of more sequences than fit the first."""
    both = {key: dict(held) for key, held in [*one.items(), *other.items()][: limits.SEQUENCES]}
    for key, held in one.items():
        for place, way in held.items():
            if key in both:
                there = both[key].get(place, way)
                both[key][place] = max(way, there, key=lambda found: (found.last, found.start, found.since))
    return both


def _way(plan: SequencePlan, held: Held, place: int, at: float) -> Partial | None:
    if place == 0:
        return Partial(at, at, at)
    before, step = held[place - 1], plan.steps[place]
    since = before.last if step.first else before.since
    late = at < before.last
    if late or (plan.within is not None and at - before.start > plan.within) or (step.within is not None and at - since > step.within):
        return None
    return Partial(before.start, since, at)


def _keep(draft: UserState, plan: SequencePlan, held: Held, event: Event, definitions: Definitions) -> None:
    if not held:
        del draft.sequences[plan.key]
    elif plan.key in draft.sequences or limits.has_room(draft.sequences, limits.SEQUENCES, definitions.partials):
        draft.sequences[plan.key] = held
    else:
        ignore(draft, "sequences")
        return
    if plan.waits:
        _set_timer(draft, plan, held.get(plan.end), arrived(event), definitions)


def _set_timer(draft: UserState, plan: SequencePlan, way: Partial | None, received: float, definitions: Definitions) -> None:
    """The time may be over already for an event that came late. What is still on its way with it gets a chance to arrive."""
    name = plan.timer
    if name in draft.overdue:
        draft.overdue = {timer: at for timer, at in draft.overdue.items() if timer != name}
    if way is None:
        draft.timers.pop(name, None)
        return
    if len(draft.timers) >= limits.TIMERS:
        for timer in [timer for timer in draft.timers if timer.startswith("tag:") and timer not in definitions.sequences]:
            del draft.timers[timer]
    over = deadline(plan, way)
    if over > received:
        draft.timers[name] = over
    else:
        draft.timers[name] = received + limits.GRACE
        draft.overdue = {**draft.overdue, name: over}
