"""The score's page: its formula as rows, its bands as a picture, and what it would come to for users who came lately."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from admin_ui.writing import drawing
from admin_ui.writing.pictured import PicturedAdmin
from decisioning import sampling
from decisioning.tagging import UserState
from rules import bodies, words
from rules.bodies import Body
from rules.engine import obstacles
from rules.engine.workspace import Score, Workspace
from rules.selectors import Desk


class ScoreAdmin(PicturedAdmin):
    picture_template = "admin/signpost/writing/score_picture.html"

    def prepare(self, form: Any, desk: Desk) -> None:
        signals = [(key, body.get("name") or words.humanised(key)) for (kind, key), body in sorted(desk.bodies.items()) if kind == "signal"]
        widget = form.fields["terms"].widget
        widget.rows = widget.rows.choosing("signal", signals)

    def picture(self, desk: Desk, parsed: Any, body: Body, states: list[UserState]) -> dict[str, Any]:
        sentence = words.summary("score", body, desk.names)
        problems = _problems(desk.struct, parsed)
        if problems:
            return {"why": f"There is a picture once this is put right: {problems[0]}", "sentence": sentence}
        now = time.time()
        after = sampling.values(desk.struct, parsed, states, now=now)
        base = desk.things.get(("score", parsed.key))
        before_score: Any = bodies.parse("score", parsed.key, base.base_body) if base and base.base_body else None
        before = sampling.values(desk.struct, before_score, states, now=now) if before_score else []
        signals = {signal.key: signal for signal in desk.struct.signals}
        had = sampling.kept(states, signals.values())
        return {
            "sentence": sentence,
            "drawn": drawing.distribution(after, parsed.bands),
            "rows": _rows(parsed, after, before_score, before),
            "compared": bool(before_score and (before_score.terms, before_score.bands) != (parsed.terms, parsed.bands)),
            "average": drawing.number_said(sum(after) / len(after)) if after else "",
            "average_before": drawing.number_said(sum(before) / len(before)) if before else "",
            "silent": [desk.names.thing("signal", term.signal) for term in parsed.terms if term.signal not in had] if states else [],
            "anew": (before_score.half_life if before_score else None) != parsed.half_life,
        }


def _problems(document: Workspace, score: Score) -> list[str]:
    """What the engine finds wrong with the score itself."""
    scores = [*(one for one in document.scores if one.key != score.key), score]
    slim = msgspec.structs.replace(document, scores=scores, placements=[], segments=[], tags=[], templates=[])
    at = f"$.scores[{len(scores) - 1}]"
    return [f"{one.message}. {one.fix}" for one in obstacles(slim) if one.path.startswith(at)]


def _rows(score: Score, after: Sequence[float], before_score: Score | None, before: Sequence[float]) -> list[dict[str, str]]:
    """Of each band, from the highest: its bound, and the share of users in it with this formula and with the one before."""
    rising = drawing.ordered(score.bands)
    old = drawing.ordered(before_score.bands) if before_score else []
    numbers = [drawing.band_of(rising, value) for value in after]
    were = [old[number][0] if number >= 0 else "" for number in (drawing.band_of(old, value) for value in before)]
    found = [
        {
            "name": name,
            "look": f"band-{(number + 1) % 6}",
            "bound": drawing.number_said(bound),
            "share": drawing.share(numbers.count(number), len(after)),
            "before": drawing.share(were.count(name), len(before)),
        }
        for number, (name, bound) in enumerate(rising)
    ]
    below = {"name": "", "look": "band-0", "bound": "", "share": drawing.share(numbers.count(-1), len(after))}
    return [*reversed(found), {**below, "before": drawing.share(were.count(""), len(before))}]
