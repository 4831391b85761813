"""Who did it: an id and a name, copied into history so that no change to an account rewrites it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str


COMMAND_LINE = Person(0, "command line")
"""Whoever has a shell on the machine, where no account was named."""


AN_API_KEY = Person(-1, "an API key")
"""Whoever has one of a workspace's secret keys. Which one is in the words."""


def person(who: Any) -> Person:
    """A Person, or a Django user as one."""
    if isinstance(who, Person):
        return who
    return Person(who.pk, (who.get_full_name() or who.get_username())[:150])
