"""Events and states as the log and Redis keep them: packed, with personal traits sealed."""

from __future__ import annotations

from decisioning import keys, metrics, sealing
from decisioning.tagging import UserState, state
from decisioning.tagging import event as events
from decisioning.tagging.event import Event
from decisioning.tagging.traits import SEALED

MARK = SEALED.encode()
"""In the bytes of whatever holds something sealed."""
NOTHING: frozenset[str] = frozenset()
personal_traits: dict[str, frozenset[str]] = {}
"""By workspace, those of the live release: whoever takes a release over says so here."""


def encode_event(event: Event, personal: frozenset[str] | None = None) -> bytes:
    """`personal`: the workspace's personal traits, where the caller knows them."""
    personal = personal_traits.get(event.workspace, NOTHING) if personal is None else personal
    return events.encode_event(sealing.seal_event(event, personal) if personal else event)


def decode_event(data: bytes) -> Event:
    """Raises what tagging.event.decode_event does. What can't be opened reads as missing, and is counted."""
    event = events.decode_event(data)
    if MARK not in data and event.type != sealing.MERGED:
        return event
    event, unreadable = sealing.open_event(event)
    _count(event.workspace, unreadable)
    return event


def encode_state(held: UserState, key: str, personal: frozenset[str]) -> bytes:
    """`key` is the state's in Redis: whose it is."""
    if not personal.isdisjoint(held.traits):
        held = sealing.seal_state(held, personal, keys.workspace_of(key), keys.user_of(key))
    return state.encode_state(held)


def decode_state(data: bytes, key: str) -> UserState:
    """Raises what tagging.decode_state does. What can't be opened reads as missing, stays as it is, and is counted."""
    held = state.decode_state(data)
    if MARK not in data:
        return held
    workspace = keys.workspace_of(key)
    held, unreadable = sealing.open_state(held, workspace, keys.user_of(key))
    _count(workspace, unreadable)
    return held


def _count(workspace: str, unreadable: int) -> None:
    if unreadable:
        metrics.UNREADABLE.labels(workspace).inc(unreadable)
