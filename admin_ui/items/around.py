"""What stands around the form of a thing that exists: its state, others' drafts, conflicts, its history, and where to try it."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django.utils import timezone

from admin_ui.form.item_form import shown_body
from admin_ui.items.conflicts import sides
from admin_ui.links import name_of
from admin_ui.trying.links import links
from rules import selectors, words
from rules.selectors import MEANINGS, STATES, VERSION_STATES, Desk, Entry


def around(desk: Desk, kind: str, item: Any) -> dict[str, Any]:
    """`item` as `selectors.with_state` gives it; `desk` is the reader's."""
    thing = desk.things[kind, item.key]
    body = shown_body(desk, kind, item.key)
    mine = thing.draft_of(desk.author_id)
    history = selectors.history(item, timezone.now())
    return {
        "title": name_of(item, body),
        "crumb": name_of(item, body),
        "item": item,
        "folder": selectors.paths_of([item]).get(item.pk),
        "mine": mine,
        "removes": mine is not None and mine.body is None,
        "others": [draft for draft in thing.drafts if draft.author_id != desk.author_id],
        "thing": thing,
        "state": STATES[item.state],
        "meanings": MEANINGS,
        "version_states": VERSION_STATES,
        "conflicts": sides(kind, thing, desk.author_id),
        "waits": history[0].version if history and thing.pending else None,
        "sentence": words.summary(kind, body, desk.names),
        "trying": links(desk, kind, item.key, body),
        "history": _with_changes(kind, history),
    }


def _with_changes(kind: str, history: list[Entry]) -> list[tuple[Entry, str]]:
    """Each version with what it changed in the one before; newest first."""
    before = [entry.version.body for entry in history[1:]]
    return [(entry, words.changes(kind, body, entry.version.body)) for entry, body in zip_longest(history, before)]
