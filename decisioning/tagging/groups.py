"""Groups of tags of which a user has one at a time: the newest by the time of its event takes the place of the others."""

from __future__ import annotations

from decisioning.tagging.state import REMOVED, UserState
from decisioning.tagging.tagplans import Gain


def outdone(draft: UserState, gain: Gain, at: float) -> bool:
    """Whether another of the group was given later than this moment. One that came at the same moment and arrived first gives way."""
    return any(at < other.at and other.expires != REMOVED for key in gain.others if (other := draft.tags.get(key)) is not None)
