"""Segments that use each other: in a circle they would never end, and in a long row they would go too deep."""

from __future__ import annotations

from collections.abc import Mapping

from rules.engine import limits
from rules.engine.nodes import Node, leaves
from rules.engine.work import Work


def circles(work: Work) -> None:
    """Takes segments out whose depth can't be told or is too great, noting why, so that later stages never meet them."""
    used = {key: _uses(site.node) & work.segments.keys() for key, site in work.segments.items()}
    depths = _depths(used)
    for key, site in work.segments.items():
        depth = depths.get(key)
        if depth is None:
            words = f"segment {key!r} depends on itself, by way of {', '.join(sorted(used[key]))}"
            work.note("segment_circle", site.path, words, "Take one of them out of the circle.")
        elif depth > limits.SEGMENT_DEPTH:
            words = f"segment {key!r} uses segments that use segments, more than {limits.SEGMENT_DEPTH} one after another"
            work.note("segments_too_deep", site.path, words, "Write some of their conditions out.")


def _uses(node: Node | None) -> set[str]:
    names = (leaf.name for leaf in leaves(node)) if node is not None else ()
    return {name.removeprefix("segments.") for name in names if name.startswith("segments.")}


def _depths(used: Mapping[str, set[str]]) -> dict[str, int]:
    """How many segments stand one after another below each, itself counted. Those in or above a circle are left out."""
    users: dict[str, list[str]] = {key: [] for key in used}
    for key, others in used.items():
        for other in others:
            users[other].append(key)
    depths: dict[str, int] = {}
    waiting = {key: len(others) for key, others in used.items()}
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:  # it grows: a segment is ready when all it uses were
        depths[key] = 1 + max((depths[other] for other in used[key]), default=0)
        for user in users[key]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return depths
