"""The other ids of a user: which were merged into it, which it asked for, and which are another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from decisioning.tagging import limits

ASKED: Literal[0] = 0
MERGED: Literal[1] = 1
REFUSED: Literal[2] = 2


class Alias(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What became of an id since `at`. `other` is the user it belongs to instead; none where it was refused for the moment only.

    `merge` stands for the message that brought its state, so that the same message never counts twice, however late it is repeated.
    """

    status: Literal[0, 1, 2]
    at: float
    other: str = ""
    merge: str = ""

    @property
    def may_be_asked_again(self) -> bool:
        return self.status == REFUSED and not self.other


class Conflict(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Who asked last for an id that is this user's, when, and how many times somebody did."""

    other: str
    at: float
    times: int


def is_mine(aliases: Mapping[str, Alias], user: str, who: str) -> bool:
    """Whether the id is the user itself, or part of it."""
    record = aliases.get(who)
    return who == user or (record is not None and record.status == MERGED)


def is_settled(aliases: Mapping[str, Alias], user: str, who: str) -> bool:
    """Whether it is known for good whose the id is: this user's, or another's."""
    record = aliases.get(who)
    return is_mine(aliases, user, who) or (record is not None and record.status == REFUSED and not record.may_be_asked_again)


def joined(mine: Mapping[str, Alias], theirs: Mapping[str, Alias]) -> dict[str, Alias]:
    """Of two records of one id, a merge outweighs a refusal, and a refusal a question; else the later one counts.

    Past the limit, refusals go first and then what is oldest.
    """
    both = dict(mine)
    for who, record in theirs.items():
        held = both.get(who)
        if held is None or _weight(record) > _weight(held):
            both[who] = record
    if len(both) <= limits.ALIASES:
        return both
    kept = set(sorted(both, key=lambda who: (both[who].status != REFUSED, both[who].at, who))[-limits.ALIASES :])
    return {who: record for who, record in both.items() if who in kept}


def contested(mine: Mapping[str, Conflict], theirs: Mapping[str, Conflict]) -> dict[str, Conflict]:
    """The newest of two, and how often altogether; past the limit the newest."""
    both = dict(mine)
    for who, conflict in theirs.items():
        held = both.get(who)
        newest = conflict if held is None else max(held, conflict, key=lambda one: (one.at, one.other))
        both[who] = Conflict(newest.other, newest.at, conflict.times + (held.times if held else 0))
    return dict(sorted(both.items(), key=lambda each: (each[1].at, each[0]))[-limits.ALIASES :])


def _weight(record: Alias) -> tuple[int, float, str, str]:
    return (ASKED, REFUSED, MERGED).index(record.status), record.at, record.other, record.merge
