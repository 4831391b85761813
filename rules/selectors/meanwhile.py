"""What became of a thing while somebody had its form open: newer versions, and drafts that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.selectors.things import Thing


@dataclass(frozen=True, slots=True)
class News:
    """`version`: a version came that a change would start from now. `base`: it starts from another one, which is older, or from none.
    `draft`: a draft was saved. `gone`: the reader's own draft is no draft any more."""

    what: Literal["version", "base", "draft", "gone"]
    who_id: int = 0
    who: str = ""
    at: datetime | None = None
    number: int | None = None


def meanwhile(thing: Thing, reader_id: int, *, token: str, since: datetime) -> list[News]:
    """`token`: the thing's as the form was opened with; `since`: when that was."""
    found = []
    base = thing.base
    if thing.base_of(token) != thing.base_number:
        if base and base.number > (thing.base_of(token) or 0):
            found.append(News("version", base.author_id, base.author_name, base.created_at, base.number))
        else:
            found.append(News("base", number=thing.base_number))
    mine = thing.draft_of(reader_id)
    if not thing.same_draft(reader_id, token):
        found.append(News("draft", mine.author_id, mine.author_name, mine.updated_at) if mine else News("gone"))
    others = [draft for draft in thing.drafts if draft.author_id != reader_id and draft.updated_at > since]
    return found + [News("draft", draft.author_id, draft.author_name, draft.updated_at) for draft in others]
