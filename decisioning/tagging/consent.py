"""What a user agreed to, purpose by purpose, and what a message says about it. Who was never asked has not agreed.

The newest word on a purpose counts, by the time it was given; of two at the same moment a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from decisioning.tagging.event import Event
from decisioning.tagging.paths import find
from decisioning.tagging.times import arrived, happened

TYPE, NAME = "consent", "$consent"
"""Of the event that says what a user agreed to and nothing else. No client can send this type."""
PREFERENCES = "consent.categoryPreferences"
"""Where any message's context may say so: by category, true or false."""


class Consent(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The newest word on one purpose. `since`: when the word came that began to say so, for what was received before it."""

    granted: bool
    at: float
    since: float


class Word(msgspec.Struct, frozen=True):
    """One entry of the consent log: what was said of a purpose, when, and in which message."""

    purpose: str
    granted: bool
    at: float
    received: float
    source: str
    message_id: str


def told(event: Event, purposes: Iterable[str]) -> dict[str, bool]:
    """What the event says of these purposes; other categories are some other tool's."""
    said = event.properties.get("purposes") if event.type == TYPE else find(event.context, PREFERENCES)
    if not isinstance(said, dict):
        return {}
    return {purpose: said[purpose] for purpose in sorted(purposes) if isinstance(said.get(purpose), bool)}


def heard(held: Mapping[str, Consent], event: Event, purposes: Iterable[str]) -> tuple[dict[str, Consent], list[Word]]:
    """The consents after the event, and what belongs in the log of it: every word of a consent event, of others what is new."""
    said = told(event, purposes)
    if not said:
        return dict(held), []
    at, received = happened(event), arrived(event)
    source = str(event.properties.get("source") or "") if event.type == TYPE else f"{event.type} message"
    consents, words = dict(held), []
    for purpose, granted in said.items():
        old = held.get(purpose)
        newer = old is None or at > old.at or (at == old.at and old.granted and not granted)
        if newer:
            since = old.since if old is not None and old.granted is granted else received
            consents[purpose] = Consent(granted, at, since)
        if event.type == TYPE or (newer and (old is None or old.granted is not granted)):
            words.append(Word(purpose, granted, at, received, source, event.message_id))
    return consents, words


def granted(held: Mapping[str, Consent]) -> frozenset[str]:
    return frozenset(purpose for purpose, consent in held.items() if consent.granted)


def joined(one: Mapping[str, Consent], other: Mapping[str, Consent]) -> dict[str, Consent]:
    """The consents of two ids that turn out to be one user."""
    both = dict(one)
    for purpose, theirs in other.items():
        mine = both.get(purpose)
        if mine is None or (theirs.at, not theirs.granted) > (mine.at, not mine.granted):
            both[purpose] = theirs
    return both


def without(told: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Traits less those at the paths, also where they are inside others (`address.city`)."""
    left = dict(told)
    for path in paths:
        left = _removed(left, path)
    return left


def _removed(data: dict[str, Any], path: str) -> dict[str, Any]:
    left = {key: value for key, value in data.items() if key != path and not key.startswith(f"{path}.")}
    for key, value in left.items():
        if isinstance(value, dict) and path.startswith(f"{key}."):
            left[key] = _removed(value, path[len(key) + 1 :])
    return left
