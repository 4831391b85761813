"""What the archive may keep of an event: where a workspace needs consent for events, their content only of users who have given it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace
from redis import Redis

from decisioning import codec, keys, rulesets
from decisioning.tagging import UserState
from decisioning.tagging.consent import PREFERENCES
from decisioning.tagging.definitions import Purposed
from decisioning.tagging.event import Event
from decisioning.tagging.paths import find

Entries = list[tuple[str, bytes]]


def lawful(client: Redis, entries: Sequence[tuple[str, bytes]]) -> Entries:
    """The entries, less the content of events whose user has not agreed to the purpose of events since before they were received.

    As of now: whoever has withdrawn it meanwhile has withdrawn it for what is archived now. Message id, name and time of each stay, so that
    states computed anew know the event; in them it leaves nothing else. So does what it says about consent itself.
    """
    needing = {key: live.definitions.purposed for key, live in rulesets.rulesets.all().items()}
    asked = {key: purposed for key, purposed in needing.items() if purposed is not None and purposed.events}
    if not asked:
        return list(entries)
    events = [_event(data, asked) for _, data in entries]
    names = list({keys.state_key(event.workspace, event.user): None for event in events if event is not None})
    states = dict(zip(names, client.mget(names), strict=True)) if names else {}
    return [
        (entry_id, data if event is None or _agreed(event, states, asked[event.workspace]) else codec.encode_event(_bare(event)))
        for (entry_id, data), event in zip(entries, events, strict=True)
    ]


def _event(data: bytes, asked: dict[str, Purposed]) -> Event | None:
    """None for what is kept as it is: entries of other workspaces, messages between users, and what is no event."""
    try:
        event = codec.decode_event(data)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return event if event.workspace in asked and not event.name.startswith("$") else None


def _agreed(event: Event, states: dict[str, bytes | None], purposed: Purposed) -> bool:
    name = keys.state_key(event.workspace, event.user)
    encoded = states[name]
    if encoded is None:
        return False
    state: UserState = codec.decode_state(encoded, name)
    held = (state.consent.get(purpose) for purpose in purposed.events)
    return all(consent is not None and consent.granted and consent.since <= event.received for consent in held)


def _bare(event: Event) -> Event:
    said = find(event.context, PREFERENCES)
    context = {"consent": {"categoryPreferences": said}} if isinstance(said, dict) else {}
    return replace(event, properties={}, traits={}, context=context, session=None)
