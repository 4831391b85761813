"""A user's state for people (`GET /v1/users/{id}`) and for templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decisioning.tagging.aggregates import nested, read_of
from decisioning.tagging.aliases import MERGED, REFUSED, Alias
from decisioning.tagging.changes import because
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.facts import facts, page_seconds
from decisioning.tagging.numbers import tidy
from decisioning.tagging.permitted import shown
from decisioning.tagging.progress import progress
from decisioning.tagging.scores import band, score
from decisioning.tagging.sessions import current
from decisioning.tagging.state import UserState
from decisioning.tagging.times import rfc3339
from decisioning.tagging.traits import legible
from decisioning.tagging.windows import total


def describe(definitions: Definitions, state: UserState, *, now: float) -> dict[str, Any]:
    """What we hold and may use, and what it comes to at `now`; every time in RFC 3339, UTC."""
    declared = definitions.purposes
    definitions, state = shown(definitions, state)
    seen = state.revision > 0
    return {
        "ids": list(state.ids),
        "first_seen": rfc3339(state.first_seen) if seen else None,
        "last_seen": rfc3339(state.last_seen) if seen else None,
        "traits": _traits(state),
        "tags": [
            {
                "key": key,
                "since": rfc3339(tag.since),
                "expires": rfc3339(tag.expires) if tag.expires else None,
                "because": because(tag.cause, tag.at),
                **({"value": tag.value} if tag.value else {}),
            }
            for key, tag in state.tags.items()
            if tag.is_live(now) and key in definitions.tags
        ],
        "progress": progress(definitions, state, now),
        "scores": {key: {**_score(definitions, state, key, now, None), "at": rfc3339(now)} for key in definitions.scores},
        "counts": _counts(definitions, state, now, None),
        "values": _values(definitions, state, now, None),
        "session": _session(state, now),
        "page": _page(state),
        **_identity(state),
        "ignored": dict(state.ignored),
        "consent": {
            purpose: {"granted": consent.granted, "at": rfc3339(consent.at)}
            for purpose, consent in sorted(state.consent.items())
            if purpose in declared
        },
    }


def template_data(
    definitions: Definitions,
    state: UserState,
    *,
    now: float,
    context: Mapping[str, Any],
    locale: str | None = None,
    session: str | None = None,
    user: str | None = None,
    thresholds: Mapping[str, float] = {},
) -> dict[str, Any]:
    """What a template may name. Traits and signals also stand at the top; a trait wins over a signal, the names below over both."""
    definitions, state = shown(definitions, state)
    asked = facts(definitions, state, now=now, context=context, session=session, user=user, thresholds=thresholds)
    traits = _traits(state)
    counts = _counts(definitions, state, now, session)
    return {
        **{key: lengths["total"] for key, lengths in counts.items()},
        **traits,
        "traits": traits,
        "tags": asked.get("tags"),
        "tag_values": {key: state.tags[key].value for key in asked.get("tags") if state.tags[key].value},
        "scores": {key: _score(definitions, state, key, now, session) for key in definitions.scores},
        "counts": counts,
        "values": _values(definitions, state, now, session),
        "thresholds": {key: asked.get(f"thresholds.{key}") for key in definitions.thresholds},
        "context": dict(context),
        "user": {"known": asked.get("user.known")},
        "locale": locale,
    }


def _traits(state: UserState) -> dict[str, Any]:
    return {key: trait.value for key, trait in state.traits.items() if legible(trait.value) is not None}


def _counts(definitions: Definitions, state: UserState, now: float, named: str | None) -> dict[str, dict[str, Any]]:
    """Every count that conditions can read, all at once: `facts` would look each one up by its name."""
    session = current(state.session, now, named)
    counts: dict[str, dict[str, Any]] = {}
    for key, lengths in definitions.windows.items():
        held = state.windows.get(key, {})
        of_signal = {length: tidy(total(held.get(kept.seconds), kept, now)) for length, kept in lengths.items()}
        of_signal["session"] = tidy(session.sums.get(key, 0)) if session else 0
        of_signal["total"] = tidy(state.totals.get(key, 0))
        counts[key] = of_signal
    for name, reading in definitions.readings.items():
        if name.startswith("counts."):
            counts[reading.keep.signal][reading.keep.span.text] = read_of(reading, state, session, now)
    return counts


def _values(definitions: Definitions, state: UserState, now: float, named: str | None) -> dict[str, dict[str, dict[str, Any]]]:
    """Every aggregate that somebody asks for, by signal, aggregate and window."""
    session = current(state.session, now, named)
    return nested({name: read_of(one, state, session, now) for name, one in definitions.readings.items()})


def _score(definitions: Definitions, state: UserState, key: str, now: float, named: str | None) -> dict[str, Any]:
    plan = definitions.scores[key]
    value = score(plan, state, now, current(state.session, now, named))
    return {"value": value, "band": band(plan, value)}


def _session(state: UserState, now: float) -> dict[str, Any]:
    """The last session; `active` while it goes on."""
    session = state.session
    if session is None:
        return {}
    return {
        "id": session.id,
        "started": rfc3339(session.started),
        "last": rfc3339(session.last),
        "events": session.events,
        "active": current(session, now, None) is not None,
        "page_seconds": page_seconds(state, current(session, now, None), now),
    }


def _identity(state: UserState) -> dict[str, Any]:
    """The other ids that are this user's, how they came to be, and what was refused."""
    merged = {who: record for who, record in state.aliases.items() if record.status == MERGED}
    refused = [
        {
            "id": who,
            "with": record.other if record.other not in ("", who) else None,
            "at": rfc3339(record.at),
            "reason": _refusal(who, record),
        }
        for who, record in state.aliases.items()
        if record.status == REFUSED
    ]
    contested = [
        {
            "id": who,
            "with": conflict.other,
            "at": rfc3339(conflict.at),
            "reason": f"{conflict.other} came under {who} too, which was merged into this user before; a merge is not undone.",
        }
        for who, conflict in state.conflicts.items()
    ]
    return {
        "aliases": list(merged),
        "merges": [{"id": who, "at": rfc3339(record.at)} for who, record in merged.items()],
        "conflicts": [*refused, *contested],
    }


def _refusal(who: str, record: Alias) -> str:
    if not record.other:
        return f"{who} was itself taking in another user at that moment. Send the alias again."
    if record.other == who:
        return f"What is known of {who} is too large for one message, so it stays by itself."
    return f"{who} was merged into {record.other} before, and a merge is not undone."


def _page(state: UserState) -> dict[str, Any]:
    page = state.page
    if page is None:
        return {}
    return {"path": page.path, "url": page.url, "title": page.title, "referrer": page.referrer, "at": rfc3339(page.at)}
