"""The tag's page: what gives and takes it, said in a sentence while one fills it in, and who has it."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from admin_ui.writing.drawing import share
from admin_ui.writing.pictured import PicturedAdmin
from decisioning.tagging import UserState
from rules import words
from rules.bodies import Body
from rules.engine import obstacles
from rules.engine.workspace import Tag, Workspace
from rules.selectors import Desk


class TagAdmin(PicturedAdmin):
    picture_template = "admin/signpost/writing/tag_picture.html"
    sliders = False

    def picture(self, desk: Desk, parsed: Any, body: Body, states: list[UserState]) -> dict[str, Any]:
        now = time.time()
        having = sum((tag := state.tags.get(parsed.key)) is not None and tag.is_live(now) for state in states)
        return {
            "sentence": words.summary("tag", body),
            "having": having,
            "share": share(having, len(states)),
            "lacks": _lacks(desk.struct, parsed)[:5],
        }


def _lacks(document: Workspace, tag: Tag) -> list[str]:
    """What the engine finds wrong with the tag itself. Others are there by their keys only: all of them would be slow to look at."""
    others = [Tag(key=one.key) for one in document.tags if one.key != tag.key]
    slim = msgspec.structs.replace(document, tags=[*others, tag], placements=[], templates=[], events=[])
    at = f"$.tags[{len(others)}]"
    return [f"{one.message}. {one.fix}" for one in obstacles(slim) if one.path.startswith(at)]
