"""The threshold's page: its number against what users have now, and what it and the values were in the last days."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from admin_ui.writing import drawing
from admin_ui.writing.pictured import PicturedAdmin
from decisioning import keys, sampling
from decisioning.redis import worker_client
from decisioning.tagging import UserState
from decisioning.tagging.definitions import threshold_plan
from decisioning.tagging.population import Population, followed, merge, threshold
from rules import words
from rules.bodies import Body
from rules.engine import Vocabulary
from rules.selectors import Desk

NAMES = 4
"""Names compared with a threshold that are drawn; more would be a wall of pictures."""


class ThresholdAdmin(PicturedAdmin):
    picture_template = "admin/signpost/writing/threshold_picture.html"

    def picture(self, desk: Desk, parsed: Any, body: Body, states: list[UserState]) -> dict[str, Any]:
        now, plan = time.time(), threshold_plan(parsed)
        population = _population(desk.workspace.key)
        is_now = threshold(plan, population, now)
        compared = compared_with(desk, parsed.key)
        return {
            "sentence": words.summary("threshold", body),
            "is_now": drawing.number_said(is_now),
            "adaptive": bool(plan.watched),
            "follows": bool(plan.watched) and followed(plan, population, now) is not None,
            "measured": _measured(plan, population),
            "pictures": list(_pictures(desk, compared, states, is_now, parsed, now)),
            "lately": list(_lately(desk, compared, parsed.key, is_now, adaptive=bool(plan.watched))),
            "used": bool(compared),
        }


def compared_with(desk: Desk, key: str) -> list[str]:
    """The names that conditions of the working copy compare with a threshold."""
    found: dict[str, None] = {}
    for _, body in sorted(desk.bodies.items()):
        found |= dict.fromkeys(_names(body, key))
    return list(found)[:NAMES]


def _names(part: Any, key: str) -> Iterator[str]:
    if isinstance(part, Mapping):
        value = part.get("value")
        if isinstance(part.get("name"), str) and isinstance(value, Mapping) and value.get("threshold") == key:
            yield part["name"]
        for inner in part.values():
            yield from _names(inner, key)
    elif isinstance(part, list):
        for inner in part:
            yield from _names(inner, key)


def _population(workspace: str) -> Population:
    """What is kept of all users' values; nothing where Redis does not answer."""
    try:
        pipeline = worker_client().pipeline(transaction=False)
        for partition in range(settings.PARTITIONS):
            pipeline.get(keys.population_key(partition, workspace))
        return merge(pipeline.execute())
    except RedisError:
        return Population()


def _measured(plan: Any, population: Population) -> dict[str, str]:
    """The mean and deviation of what an adaptive threshold follows, as they stand."""
    moments = population.moments.get(plan.watched) if plan.watched else None
    if moments is None or not moments.weight:
        return {}
    return {
        "mean": drawing.number_said(moments.mean),
        "deviation": drawing.number_said((moments.spread / moments.weight) ** 0.5),
        "weight": drawing.number_said(moments.weight),
    }


def _pictures(desk: Desk, compared: list[str], states: list[UserState], is_now: float, parsed: Any, now: float) -> Iterator[dict[str, Any]]:
    vocabulary = Vocabulary.of(desk.struct)
    known = [name for name in compared if (variable := vocabulary.get(name)) is not None and variable.type in {"number", "duration"}]
    if not states or not known:
        return
    for name, values in sampling.named(desk.struct, known, states, now=now).items():
        if not values:
            continue
        variable = vocabulary.get(name)
        marks = [(is_now, "mark-now", f"{drawing.number_said(is_now)} now")]
        if parsed.adaptive is not None:
            bounds = ((parsed.adaptive.min, "never below"), (parsed.adaptive.max, "never above"))
            marks += [(bound, "mark-bound", f"{said} {drawing.number_said(bound)}") for bound, said in bounds if bound is not None]
        above = sum(value >= is_now for value in values)
        yield {
            "name": variable.label if variable else name,
            "drawn": drawing.distribution(values, {}, marks),
            "users": len(values),
            "above": above,
            "share": drawing.share(above, len(values)),
        }


def _lately(desk: Desk, compared: list[str], key: str, is_now: float, *, adaptive: bool) -> Iterator[dict[str, Any]]:
    """What decisions of the last days read: the values as dots, and the threshold as a line where it was read with them."""
    now = timezone.now()
    own = f"thresholds.{key}"
    read = sampling.read_lately(desk.workspace.key, [own, *compared], now=now)
    start, end = now.timestamp() - sampling.DAYS * 86_400, now.timestamp()
    line = [(one.at.timestamp(), one.value) for one in read[own]]
    if not line and not adaptive:
        line = [(start, is_now), (end, is_now)]
    vocabulary = Vocabulary.of(desk.struct)
    for name in compared:
        dots = [(one.at.timestamp(), one.value) for one in read[name]]
        if len(dots) > 1:
            first = max(start, min(dots[0][0], end - 60))
            within = [(max(at, first), value) for at, value in line]
            variable = vocabulary.get(name)
            yield {
                "name": variable.label if variable else name,
                "drawn": drawing.over_time(_thinned(dots), within, first, end),
                "reads": len(dots),
                "since": read[name][0].at,
                "rows": _by_day(read[name], read[own]),
            }


def _thinned(dots: list[tuple[float, float]], most: int = 400) -> list[tuple[float, float]]:
    return dots[:: max(1, len(dots) // most)]


def _by_day(values: list[sampling.Read], line: list[sampling.Read]) -> list[tuple[str, int, str, str]]:
    """Of each day: how many values, their mean, and the threshold at its end."""
    days: dict[str, list[float]] = {}
    for one in values:
        days.setdefault(f"{one.at:%-d %b}", []).append(one.value)
    ends = {f"{one.at:%-d %b}": one.value for one in line}
    return [
        (day, len(found), drawing.number_said(sum(found) / len(found)), drawing.number_said(ends[day]) if day in ends else "")
        for day, found in days.items()
    ]
