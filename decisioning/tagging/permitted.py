"""What may be used and kept of one user: a workspace's definitions, and the user's state, less what the user has not agreed to.

Done wherever a state is folded into or read, so that what was withdrawn is gone from every answer at once and from the state with the
next event; and so that a release that puts a purpose to something old works for what was collected before it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from copy import copy
from typing import Any, TypeVar

from msgspec.structs import replace

from decisioning.tagging.consent import granted, without
from decisioning.tagging.definitions import Definitions, EventPlan, Purposed
from decisioning.tagging.event import Event
from decisioning.tagging.kept import KEEPERS, Kept
from decisioning.tagging.state import Trait, UserState
from decisioning.tagging.tagplans import AssignPlan, SequenceTouch, Trigger

V = TypeVar("V")


def permitted(definitions: Definitions, state: UserState) -> Definitions:
    """The definitions that apply to the user. The same ones for everybody where the workspace has no purposes."""
    purposed = definitions.purposed
    if purposed is None:
        return definitions
    agreed = granted(state.consent) & purposed.purposes
    found = purposed.known.get(agreed)
    if found is None:
        found = purposed.known[agreed] = _restricted(definitions, purposed, agreed)
    return found


def shown(definitions: Definitions, state: UserState) -> tuple[Definitions, UserState]:
    """What may be read: the definitions that apply, and of the state what they allow."""
    allowed = permitted(definitions, state)
    return allowed, state if allowed is definitions else cleared(allowed, state)


def lawful(allowed: Definitions, event: Event) -> tuple[Event, bool]:
    """The event less the traits that may not be kept, and whether that leaves nothing of it that anything would use."""
    withheld = event.name in allowed.withheld
    if not allowed.denied_traits:
        return event, withheld and not event.traits
    traits, context = without(event.traits, allowed.denied_traits), event.context
    inner = context.get("traits")
    if isinstance(inner, dict):
        context = {**context, "traits": without(inner, allowed.denied_traits)}
    emptied = bool(event.traits) and _idle(allowed.events.get(event.name, allowed.other))
    return replace(event, traits=traits, context=context), not traits and (withheld or emptied)


def _restricted(definitions: Definitions, purposed: Purposed, agreed: frozenset[str]) -> Definitions:
    def denied(of: dict[str, str]) -> frozenset[str]:
        return frozenset(key for key, purpose in of.items() if purpose not in agreed)

    signals, tags, traits = denied(purposed.signals), denied(purposed.tags), denied(purposed.traits)
    events = {name: _plan(plan, signals, tags) for name, plan in definitions.events.items()}
    return replace(
        definitions,
        events=events,
        other=_plan(definitions.other, signals, tags),
        scores={key: one for key, one in definitions.scores.items() if not any(term.signal in signals for term in one.terms)},
        tags=definitions.tags - tags,
        windows={key: held for key, held in definitions.windows.items() if key not in signals},
        readings={name: one for name, one in definitions.readings.items() if one.keep.signal not in signals},
        sequences={name: plan for name, plan in definitions.sequences.items() if plan.gain.tag not in tags},
        counting=tuple(plan for plan in definitions.counting if plan.gain.tag not in tags),
        purposed=None,
        barred=not purposed.events <= agreed,
        denied_signals=signals,
        denied_tags=tags,
        denied_traits=traits,
        withheld=frozenset(name for name, plan in definitions.events.items() if not _idle(plan) and _idle(events[name])),
    )


def _plan(plan: EventPlan, signals: Container[str], tags: Container[str]) -> EventPlan:
    triggers = [trigger for trigger in plan.triggers if _tag(trigger) not in tags]
    return EventPlan(
        [signal for signal in plan.signals if signal.key not in signals],
        triggers,
        [removal for removal in plan.removes if removal.tag not in tags],
        any(isinstance(trigger, SequenceTouch) for trigger in triggers),
    )


def _tag(trigger: Trigger) -> str:
    return trigger.gain.tag if isinstance(trigger, AssignPlan) else trigger.plan.gain.tag


def _idle(plan: EventPlan) -> bool:
    return not (plan.signals or plan.triggers or plan.removes)


def cleared(allowed: Definitions, state: UserState) -> UserState:
    """The state less what may not be kept; the very same where all may."""
    if allowed.barred:
        return bare(state)
    draft = copy(state)
    changed = False

    def less(name: str, held: dict[str, V], denied: Callable[[str], bool]) -> None:
        nonlocal changed
        left = {key: value for key, value in held.items() if not denied(key)}
        if len(left) < len(held):
            setattr(draft, name, left)
            changed = True

    def of_tag(name: str) -> bool:
        return _tag_of(name) in allowed.denied_tags

    def owned(name: str) -> bool:
        return of_tag(name[1:]) if name.startswith("#") else name.partition("|")[0] in allowed.denied_signals

    if allowed.denied_tags:
        less("tags", state.tags, of_tag)
        less("progress", state.progress, of_tag)
        less("sequences", state.sequences, of_tag)
        less("grouped", state.grouped, of_tag)
        less("timers", state.timers, of_tag)
        less("overdue", state.overdue, of_tag)
    less("windows", state.windows, owned)
    less("totals", state.totals, owned)
    less("levels", state.levels, owned)
    traits = _traits(allowed, state.traits)
    if traits != state.traits:
        draft.traits, changed = traits, True
    kept = _kept(state.kept, owned)
    if kept is not state.kept:
        draft.kept, changed = kept, True
    session = state.session
    if session is not None:
        sums, in_session = {key: value for key, value in session.sums.items() if not owned(key)}, _kept(session.kept, owned)
        if len(sums) < len(session.sums) or in_session is not session.kept:
            draft.session, changed = replace(session, sums=sums, kept=in_session), True
    return draft if changed else state


def bare(state: UserState) -> UserState:
    """What is left of a user whose events may not be used: what they agreed to, which ids are theirs, and which messages were seen."""
    left = UserState(consent=state.consent, seen=state.seen)
    left.merged_into, left.aliases, left.conflicts = state.merged_into, state.aliases, state.conflicts
    return state if left == state else left


def _tag_of(name: str) -> str:
    """Whose something is by its name: `<tag>`, `<tag>/<need>`, `<tag>:<fingerprint>`, and `tag:` before it for timers."""
    return name.removeprefix("tag:").partition("/")[0].partition(":")[0]


def _traits(allowed: Definitions, held: dict[str, Trait]) -> dict[str, Trait]:
    if not allowed.denied_traits:
        return held
    left = without({key: trait.value for key, trait in held.items()}, allowed.denied_traits)
    return {key: trait if left[key] is trait.value else Trait(left[key], trait.at) for key, trait in held.items() if key in left}


def _kept(kept: Kept | None, denied: Callable[[str], bool]) -> Kept | None:
    if kept is None or not any(denied(name) for keeper in KEEPERS for name in getattr(kept, keeper)):
        return kept
    left: dict[str, Any] = {keeper: {name: held for name, held in getattr(kept, keeper).items() if not denied(name)} for keeper in KEEPERS}
    return Kept(**left) if any(left.values()) else None
