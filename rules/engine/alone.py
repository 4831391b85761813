"""Conditions that are being written: what is wrong with them and what is worth a look, asked without the rest of the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

from msgspec.structs import replace

from rules.engine.analysis.study import Study
from rules.engine.checks import logic
from rules.engine.compile import run, thresholds_of
from rules.engine.errors import Problem
from rules.engine.vocabulary import Vocabulary
from rules.engine.work import Site
from rules.engine.workspace import Outcome, Placement, Rule, Segment, Tag, Workspace

Place = Literal["rule", "segment", "tag", "event"]
"""Where conditions stand: of a rule, of a segment, on the user of a tag, or on an event."""
PLACES: tuple[str, ...] = get_args(Place)


def problems_alone(workspace: Workspace, conditions: object, place: Place, key: str = "") -> list[Problem]:
    """Every problem with its path from `$`, the conditions themselves; only where there is none, advice. `key`: whose they are.

    Never raises for plain JSON values. What is wrong with segments that they use is not told: that is those segments' own.
    """
    vocabulary = Vocabulary.of_events() if place == "event" else Vocabulary.of(workspace)
    used = [] if place == "event" else _used(workspace, conditions, without=key if place == "segment" else None)
    sites = [Site(f"segments.{segment.key}", segment.when, vocabulary, segment=segment.key) for segment in used]
    own = Site("$", conditions, vocabulary, rule=Rule(key=key) if place == "rule" else None, segment=key if place == "segment" else None)
    work = run([*sites, own], thresholds_of(workspace), workspace.workspace.timezone)
    if work.problems or not isinstance(conditions, dict) or place not in {"rule", "segment"}:
        return [problem for problem in work.problems if problem.path.startswith("$")]
    return list(_advice(workspace, conditions, place, key, used))


def _advice(workspace: Workspace, conditions: dict[str, Any], place: Place, key: str, used: list[Segment]) -> Iterator[Problem]:
    """What the checks of meaning say of them, in a workspace that has nothing but what they can name."""
    bare = replace(
        workspace,
        tags=[Tag(key=tag.key) for tag in workspace.tags],
        signals=[replace(signal, where=None) for signal in workspace.signals],
        segments=used,
        placements=[],
    )
    if place == "segment":
        path, tried = f"$.segments[{len(used)}].when", replace(bare, segments=[*used, Segment(key=key, when=conditions)])
    else:
        rule = Rule(key=key, when=conditions, then=Outcome(template=""))
        path, tried = "$.placements[0].rules[0].when", replace(bare, placements=[Placement(key="", rules=[rule])])
    study = Study(tried)
    for found in (*logic.contradictions(study), *logic.always_true(study)):
        if found.path.startswith(path):
            yield replace(found, path="$" + found.path.removeprefix(path))


def _used(workspace: Workspace, conditions: object, *, without: str | None) -> list[Segment]:
    """The segments that conditions ask for, and those that these ask for."""
    known = {segment.key: segment for segment in workspace.segments if segment.key != without}
    found: dict[str, Segment] = {}
    asked = list(_segments_in(conditions))
    while asked:
        key = asked.pop()
        if key in known and key not in found:
            found[key] = known[key]
            asked += _segments_in(known[key].when)
    return list(found.values())


def _segments_in(value: object) -> Iterable[str]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            name = part.get("name")
            if isinstance(name, str) and name.startswith("segments."):
                yield name.removeprefix("segments.")
            waiting += part.values()
        elif isinstance(part, list | tuple):
            waiting += part
