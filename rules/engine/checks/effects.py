"""What stands in a workspace and changes nothing: settings that do not apply, schedules that are over, definitions nobody uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rules.engine import schedules
from rules.engine.analysis.study import Study
from rules.engine.errors import Advice
from rules.engine.nodes import NameRef, ThresholdRef


def unused_settings(study: Study) -> Iterator[Advice]:
    """What only placements that collect look at."""
    for index, placement in enumerate(study.workspace.placements):
        if placement.mode == "first" and placement.limit is not None:
            words = f"placement {placement.key!r} shows the first match only, so its limit says nothing"
            yield Advice("limit_unused", f"$.placements[{index}].limit", words, "Remove the limit, or let the placement collect.")
    for place in study.places:
        if place.placement.mode == "first":
            for word, written in (("priority", place.rule.priority != 0), ("group", place.rule.group is not None)):
                if written:
                    words = f"the {word} of rule {place.rule.key!r} says nothing: placement {place.placement.key!r} takes the first match"
                    yield Advice("priority_unused", f"{place.path}.{word}", words, "Put the rule where it belongs in the order instead.")


def schedules_ended(study: Study) -> Iterator[Advice]:
    for place in study.places:
        if study.now is not None and place.rule.schedule is not None and place.rule.enabled:
            path = f"{place.path}.schedule"
            table = schedules.read(place.rule.schedule, study.workspace.workspace.timezone, path)
            if not isinstance(table, list) and table.ended(study.now):
                words = f"rule {place.rule.key!r} is over since {place.rule.schedule.until}"
                yield Advice("schedule_ended", f"{path}.until", words, "Remove the rule, or give it another end.")


def unused_definitions(study: Study) -> Iterator[Advice]:
    workspace = study.workspace
    leaves = [leaf for site in study.work.sites for leaf in site.leaves]
    shown = {place.rule.then.template for place in study.places if place.rule.then is not None}
    shown |= {placement.fallback.template for placement in workspace.placements if placement.fallback is not None}
    asked = {leaf.name.removeprefix("segments.") for leaf in leaves if leaf.name.startswith("segments.")}
    named = {part.key for leaf in leaves for part in _parts(leaf.value) if isinstance(part, ThresholdRef)}
    names = {leaf.name for leaf in leaves} | {leaf.value.name for leaf in leaves if isinstance(leaf.value, NameRef)}
    named |= {name.removeprefix("thresholds.") for name in names if name.startswith("thresholds.")}
    for index, template in enumerate(workspace.templates):
        if template.key not in shown:
            words = f"no rule or fallback shows template {template.key!r}"
            yield Advice("unused_template", f"$.templates[{index}]", words, "Use it, or remove it.")
    for index, segment in enumerate(workspace.segments):
        if segment.key not in asked:
            words = f"no condition asks for segment {segment.key!r}"
            yield Advice("unused_segment", f"$.segments[{index}]", words, f"Use segments.{segment.key}, or remove it.")
    for index, threshold in enumerate(workspace.thresholds):
        if threshold.key not in named:
            words = f"no condition compares with threshold {threshold.key!r}"
            yield Advice("unused_threshold", f"$.thresholds[{index}]", words, "Use it, or remove it.")


def _parts(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else (value,)
