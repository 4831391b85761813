"""Where two people's work on one thing meets: what each changed, and what both did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.bodies import Body
from rules.models import Draft, Version
from rules.selectors.things import Thing, same


@dataclass(frozen=True, slots=True)
class Conflict:
    """One author's draft beside what somebody else made meanwhile: another draft, or a newer version."""

    base: Body | None
    """What the author's draft was made from. None: there was nothing."""
    mine: Body | None
    """None: the draft removes the thing."""
    theirs: Body | None
    draft: Draft | None
    """Somebody else's draft; None where it is a version that came since."""
    version: Version | None

    @property
    def whose(self) -> str:
        return self.draft.author_name if self.draft else self.version.author_name if self.version else ""

    @property
    def mergeable(self) -> bool:
        return self.mine is not None and self.theirs is not None

    @property
    def clashes(self) -> tuple[str, ...]:
        """The fields that both sides changed, each to something else."""
        return merged(self.base or {}, self.mine, self.theirs)[1] if self.mine is not None and self.theirs is not None else ()


def merged(base: Body, mine: Body, theirs: Body) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Both sides' changes of the base, field by field; where both changed one, mine is taken, and the field is named."""
    body: dict[str, Any] = {}
    clashes = []
    for field in dict.fromkeys([*mine, *theirs]):
        one, other = _held(mine, field), _held(theirs, field)
        untouched = same(one, _held(base, field))
        chosen = other if untouched else one
        if not untouched and not same(one, other) and not same(other, _held(base, field)):
            clashes.append(field)
        body |= chosen
    return body, tuple(clashes)


def _held(body: Body, field: str) -> Mapping[str, Any]:
    """The field with its value, or nothing where the body does not have it: null is a value too."""
    return {field: body[field]} if field in body else {}


def conflicts(thing: Thing, author_id: int) -> list[Conflict]:
    """What the author's draft has to be put right with, versions first. Without a draft of theirs there is none."""
    mine = thing.draft_of(author_id)
    if mine is None:
        return []
    found = []
    base = Version.objects.filter(item=thing.item, number=mine.based_on).values_list("body", flat=True).first() if mine.based_on else None
    if mine.based_on != thing.base_number:
        found.append(Conflict(base, mine.body, thing.base_body, None, thing.base))
    found += [Conflict(base, mine.body, draft.body, draft, None) for draft in thing.drafts if draft.author_id != author_id]
    return found
