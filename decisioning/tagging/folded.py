"""What a fold comes to: the new state, what changed in words, and messages for the states of others."""

from __future__ import annotations

from typing import Literal

import msgspec

from decisioning.tagging.changes import Change
from decisioning.tagging.consent import Word
from decisioning.tagging.event import Event
from decisioning.tagging.population import Sample
from decisioning.tagging.state import UserState


class Folded(msgspec.Struct, frozen=True):
    """Whoever stores the state must, in the same step, see to it that the messages come to the partitions of their users."""

    state: UserState
    outcome: Literal["applied", "duplicate", "late", "forwarded", "refused", "withheld", "erased"]
    """`forwarded`: the user is part of another by now, who gets the event as a message. `refused`: a merge that can't be.
    `withheld`: nothing that would use the event may use it of this user. `erased`: all that was known of the user is gone."""
    changes: list[Change] = []
    messages: list[Event] = []
    samples: list[Sample] = []
    """Values that adaptive thresholds watch, for `population.absorb`."""
    words: list[Word] = []
    """What the user said about consent, for the log of it."""
