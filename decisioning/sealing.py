"""Personal values encrypted where they are kept: AES-SIV (RFC 5297), which gives the same bytes for the same value of the same user.

So a state computed anew is still equal to the live one. Workspace, user and trait are bound in: a value moved elsewhere can't be opened.
What it tells to whoever has no key: whether a user's trait is what it was before, and how long it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cache
from typing import Any
from zlib import error

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from msgspec.structs import replace

from decisioning.tagging.event import Event
from decisioning.tagging.identity import packed, unpacked
from decisioning.tagging.state import Trait, UserState
from decisioning.tagging.traits import SEALED, is_sealed

_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode


class Unreadable(ValueError):
    """A sealed value that no key opens: the key is missing, or the value is not what was sealed for this user."""


class Ring:
    """The keys: the first one seals, each opens what it has sealed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {hashlib.sha256(b"signpost personal data\0" + key).hexdigest()[:8]: AESSIV(key) for key in keys}
        self._first = next(iter(self._ciphers), "")

    @property
    def empty(self) -> bool:
        return not self._ciphers

    def seal(self, value: Any, *place: str) -> Any:
        """`place` is workspace, user and trait. What is sealed already, or nothing at all, stays as it is."""
        if self.empty or value is None or is_sealed(value):
            return value
        sealed = self._ciphers[self._first].encrypt(_encode(value), _bound(place))
        return {SEALED: f"{self._first}.{base64.urlsafe_b64encode(sealed).decode()}"}

    def open(self, value: Any, *place: str) -> Any:
        """Raises Unreadable; a value that is not sealed is given back."""
        if not is_sealed(value):
            return value
        name, _, sealed = str(value[SEALED]).partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise Unreadable("no key that is set has sealed this value")
        try:
            return _decode(cipher.decrypt(base64.urlsafe_b64decode(sealed), _bound(place)))
        except (InvalidTag, binascii.Error, ValueError, msgspec.DecodeError) as error:
            raise Unreadable("this value was not sealed for this user and trait") from error

    def sealed_traits(self, traits: Mapping[str, Any], personal: Container[str], workspace: str, user: str) -> dict[str, Any]:
        return {key: self.seal(value, workspace, user, key) if key in personal else value for key, value in traits.items()}

    def opened_traits(self, traits: Mapping[str, Any], workspace: str, user: str) -> tuple[dict[str, Any], int]:
        """The traits, and how many of them could not be opened and stay as they are."""
        opened, unreadable = dict(traits), 0
        for key, value in traits.items():
            try:
                opened[key] = self.open(value, workspace, user, key)
            except Unreadable:
                unreadable += 1
        return opened, unreadable


def _bound(place: Sequence[str]) -> list[bytes]:
    return [part.encode("utf-8", "surrogatepass") for part in place]


def ring() -> Ring:
    return _ring(settings.PERSONAL_DATA_KEYS)


@cache
def _ring(keys: tuple[bytes, ...]) -> Ring:
    return Ring(keys)


def seal_event(event: Event, personal: Container[str]) -> Event:
    keys = ring()
    if keys.empty:
        return event
    traits = keys.sealed_traits(event.traits, personal, event.workspace, event.user)
    if event.type == MERGED:
        event = _carrying(event, lambda state: seal_state(state, personal, event.workspace, event.user))
    inner = event.context.get("traits")
    if not isinstance(inner, dict):
        return replace(event, traits=traits)
    context = {**event.context, "traits": keys.sealed_traits(inner, personal, event.workspace, event.user)}
    return replace(event, traits=traits, context=context)


def open_event(event: Event) -> tuple[Event, int]:
    traits, unreadable = ring().opened_traits(event.traits, event.workspace, event.user)
    if event.type == MERGED:
        event = _carrying(event, lambda state: open_state(state, event.workspace, event.user)[0])
    inner = event.context.get("traits")
    if not isinstance(inner, dict):
        return replace(event, traits=traits), unreadable
    told, more = ring().opened_traits(inner, event.workspace, event.user)
    return replace(event, traits=traits, context={**event.context, "traits": told}), unreadable + more


MERGED = "merged"
"""The type of the message that carries a state to its user."""


def _carrying(event: Event, change: Callable[[UserState], UserState]) -> Event:
    """The message with the state in it changed. One that can't be read, of a newer Signpost, stays as it is."""
    carried = event.properties.get("state")
    if not isinstance(carried, bytes) or not carried:
        return event
    try:
        state = unpacked(carried)
    except (ValueError, error):
        return event
    return replace(event, properties={**event.properties, "state": packed(change(state))})


def seal_state(state: UserState, personal: Container[str], workspace: str, user: str) -> UserState:
    keys = ring()
    if keys.empty:
        return state
    traits = {
        key: Trait(keys.seal(trait.value, workspace, user, key), trait.at) if key in personal else trait
        for key, trait in state.traits.items()
    }
    return replace(state, traits=traits)


def open_state(state: UserState, workspace: str, user: str) -> tuple[UserState, int]:
    told, unreadable = ring().opened_traits({key: trait.value for key, trait in state.traits.items()}, workspace, user)
    return replace(state, traits={key: Trait(told[key], trait.at) for key, trait in state.traits.items()}), unreadable
