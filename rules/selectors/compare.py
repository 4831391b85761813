"""What differs between two releases of a workspace, in words; found by their manifests, so that only what changed is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from rules.bodies import Identity
from rules.models import Release, Version
from rules.words import Change, differences, given_name


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing whose live version is another one, with the numbers of both; None where it is not live."""

    kind: str
    key: str
    before: int | None
    after: int | None
    changes: list[Change]
    name: str = ""
    """What the newer one that says anything calls it; empty where nobody gave it a name."""


def release_differences(older: Release, newer: Release) -> list[Difference]:
    """By kind and key; the workspace's own settings come first. Both are of one workspace."""
    old, new = _manifest(older), _manifest(newer)
    apart = sorted(identity for identity in old.keys() | new.keys() if old.get(identity) != new.get(identity))
    found = (
        [Difference("workspace", older.workspace.key, None, None, changes, older.workspace.name)]
        if (changes := _settings(older, newer))
        else []
    )
    if not apart:
        return found
    wanted = {(kind, key, number) for manifest in (old, new) for (kind, key), number in manifest.items() if (kind, key) in set(apart)}
    bodies = _bodies(older.workspace_id, wanted)
    for kind, key in apart:
        before, after = old.get((kind, key)), new.get((kind, key))
        was, now = bodies.get((kind, key, before)), bodies.get((kind, key, after))
        found.append(Difference(kind, key, before, after, differences(kind, was, now), given_name(now, was)))
    return found


def _manifest(release: Release) -> dict[Identity, int]:
    return {(entry["kind"], entry["key"]): entry["version"] for entry in release.manifest}


def _bodies(workspace_id: int, wanted: set[tuple[str, str, int]]) -> dict[tuple[str, str, Any], Any]:
    """Of these versions and, since two lists make the query, a few others."""
    kinds, keys = {kind for kind, _, _ in wanted}, {key for _, key, _ in wanted}
    numbers = {number for _, _, number in wanted}
    found = Version.objects.filter(item__workspace=workspace_id, item__kind__in=kinds, item__key__in=keys, number__in=numbers)
    return {(kind, key, number): body for kind, key, number, body in found.values_list("item__kind", "item__key", "number", "body")}


def _settings(older: Release, newer: Release) -> list[Change]:
    """The bundle has them; PostgreSQL takes them out of it, since a bundle may be large."""
    taken = RawSQL("(bundle::jsonb)->'workspace'", [], output_field=JSONField())
    settings = dict(Release.objects.filter(pk__in=[older.pk, newer.pk]).annotate(settings=taken).values_list("pk", "settings"))
    return differences("workspace", settings.get(older.pk), settings.get(newer.pk))
