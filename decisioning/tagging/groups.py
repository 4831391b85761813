"""Groups of tags of which a user has one at a time: the newest by the time of its event takes the place of the others."""

from __future__ import annotations

from collections.abc import Mapping

from decisioning.tagging.state import REMOVED, Tag, UserState
from decisioning.tagging.tagplans import Gain


def outdone(draft: UserState, gain: Gain, at: float) -> bool:
    """Whether another of the group was given later than this moment. One that came at the same moment and arrived first gives way."""
    return any(at < other.at and other.expires != REMOVED for key in gain.others if (other := draft.tags.get(key)) is not None)


def settled(tags: Mapping[str, Tag], groups: Mapping[str, tuple[str, ...]]) -> dict[str, Tag]:
    """The tags of two users who became one, of each group only the newest. `groups`: by tag, the others of its group."""
    kept = dict(tags)
    for key in sorted(groups.keys() & kept.keys(), key=lambda key: (kept[key].at, key), reverse=True):
        if kept[key].expires != REMOVED:
            for other in groups[key]:
                if other in kept and kept[other].at <= kept[key].at:
                    kept[other] = Tag(0.0, REMOVED, "", kept[key].at)
    return kept
