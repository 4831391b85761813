"""The tag's page: what gives and takes it, said in a sentence while one fills it in, and who has it."""

from __future__ import annotations

import time
from typing import Any

from admin_ui.writing.drawing import share
from admin_ui.writing.pictured import PicturedAdmin
from decisioning.tagging import UserState
from rules import words
from rules.bodies import Body
from rules.selectors import Desk


class TagAdmin(PicturedAdmin):
    picture_template = "admin/signpost/writing/tag_picture.html"
    sliders = False

    def picture(self, desk: Desk, parsed: Any, body: Body, states: list[UserState]) -> dict[str, Any]:
        now = time.time()
        having = sum((tag := state.tags.get(parsed.key)) is not None and tag.is_live(now) for state in states)
        findings = desk.findings({("tag", parsed.key): body})
        return {
            "sentence": words.summary("tag", body),
            "having": having,
            "share": share(having, len(states)),
            "lacks": [f"{one.problem.message}. {one.problem.fix}" for one in findings if one.identity == ("tag", parsed.key)][:5],
        }
