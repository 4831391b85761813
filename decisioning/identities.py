"""A user as decisions see it, whichever of its ids they name: what waits, and what its ids will tell each other, is applied on copies."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from redis import Redis

from decisioning import profiles
from decisioning.profiles import Profile, Unavailable
from decisioning.tagging import CONTROL, Definitions, UserState, advance, asking, fold, is_settled
from decisioning.tagging.event import Event

logger = logging.getLogger(__name__)

MOST_IDS = 32
"""Ids looked up for one answer: each is a round trip."""

Load = Callable[[str], Profile]


@dataclass(frozen=True, slots=True)
class Person:
    """Who the ids asked for belong to: the user, its profile as it was read, its state with all that was accepted (Kafka: applied)."""

    user: str
    profile: Profile
    state: UserState

    @property
    def is_known_of(self) -> bool:
        return self.profile.encoded is not None or bool(self.profile.unread)


def known(client: Redis, workspace: str, user: str, definitions: Definitions, *, now: float) -> Person | None:
    """None for a user nobody has heard of. Raises Unavailable."""
    person = look(definitions, lambda each: profiles.load(client, workspace, each, ""), workspace, user, now=now)
    return person if person.is_known_of or person.user != user else None


def look(
    definitions: Definitions, load: Load, workspace: str, user: str, *, also: str | None = None, events: Sequence[Event] = (), now: float
) -> Person:
    """The user that an id belongs to, with `events` and what is due by `now` in its state.

    `also` is another id of the same user. Until the two are merged its state is joined here, on a copy; that costs a round trip, as does
    each merge between the id asked for and its user. Raises what `load` does, and Unavailable for an id that was merged over and over.
    """
    copies = _Copies(definitions, load)
    owner = copies.owner(user)
    copies.fold(events)
    owner = copies.owner(owner)
    if also is not None and not copies.settled(owner, also):
        if copies.owner(also) != owner:
            copies.fold([asking(workspace, also, owner, now)])
        elif not copies.settled(owner, also):  # it was merged after the owner was read, who has its state by now
            copies = _Copies(definitions, load)
            copies.fold(events)
        owner = copies.owner(owner)
    return Person(owner, copies.profiles[owner], copies.advanced(owner, now))


class _Copies:
    """The states of some ids, and what the stream workers will make of them: only messages between these ids are followed."""

    def __init__(self, definitions: Definitions, load: Load) -> None:
        self._definitions, self._load = definitions, load
        self.profiles: dict[str, Profile] = {}
        self.states: dict[str, UserState] = {}

    def owner(self, user: str) -> str:
        while True:
            if user not in self.states:
                self._open(user)
            into = self.states[user].merged_into
            if not into:
                return user
            user = into

    def settled(self, owner: str, who: str) -> bool:
        return is_settled(self.states[owner].aliases, owner, who)

    def fold(self, events: Iterable[Event]) -> None:
        """One that can't be folded is passed over, as by the stream worker, which sets it aside and says why."""
        waiting = deque(events)
        while waiting:
            event = waiting.popleft()
            if event.user not in self.states:
                if event.type in CONTROL and event.type != "merged":
                    continue  # to others, whom this answer is not about
                self._open(event.user)
            try:
                folded = fold(self._definitions, self.states[event.user], event)
            except Exception as error:  # noqa: BLE001 - no event of a client may cost a user the answer
                logger.warning("an event of %s can't be folded: %s", event.workspace, error)
                continue
            self.states[event.user] = folded.state
            waiting.extend(folded.messages)

    def advanced(self, user: str, now: float) -> UserState:
        """With what is due by `now`: nobody waits for the stream worker to fire it."""
        try:
            return advance(self._definitions, self.states[user], now).state
        except Exception as error:  # noqa: BLE001 - nor may a timer
            logger.warning("what is due can't happen: %s", error)
            return self.states[user]

    def _open(self, user: str) -> None:
        if len(self.states) == MOST_IDS:
            raise Unavailable(f"more than {MOST_IDS} ids lead to one user")
        profile = self._load(user)
        self.profiles[user], self.states[user] = profile, profile.state
        self.fold(profile.unread)
