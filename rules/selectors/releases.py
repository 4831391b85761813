"""What is live, what a release would hold, and what releases held."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

import msgspec

from rules import bodies
from rules.bodies import Body, Identity
from rules.engine import Problem
from rules.models import Approval, Item, Release, ReleaseChange, Version, Workspace
from rules.selectors.review import with_release_state, with_review_state
from rules.selectors.things import Thing, things, working_bodies


def candidates(found: Mapping[Identity, Thing], *, four_eyes: bool, emergency: bool = False) -> dict[Identity, Version]:
    """The version of each thing that a release made now would hold. An emergency needs no approval, but never goes against a reviewer."""
    approved = approved_pending(found.values()) if four_eyes else set()
    pending = [thing.newest.pk for thing in found.values() if thing.pending and thing.newest]
    held_back = _newest_verdicts(pending, Approval.Verdict.CHANGES_ASKED) if emergency else set()
    chosen = {}
    for identity, thing in found.items():
        unheld = thing.newest and thing.newest.pk not in held_back and (not four_eyes or thing.newest.pk in approved)
        ready = thing.pending and unheld
        version = thing.newest if ready else thing.released
        if version is not None:
            chosen[identity] = version
    return chosen


def candidate(workspace: Workspace) -> tuple[Body, list[Problem]]:
    """The document that a release made now would hold: with four eyes on what is approved, else everybody's drafts too."""
    found = things(workspace)
    if workspace.four_eyes:
        chosen = candidates(found, four_eyes=True)
        wanted = {identity: version.body for identity, version in chosen.items() if version.body is not None}
    else:
        wanted = working_bodies(found, None)
    return bodies.nest(workspace.settings, wanted)


def approved_pending(found: Iterable[Thing]) -> set[int]:
    """The approved ones of the versions that were never released."""
    return approved_ids(thing.newest.pk for thing in found if thing.pending and thing.newest)


def proposal(workspace: Workspace, found: Iterable[Thing], approved: Collection[int]) -> str:
    """A token of all that waits in a workspace: differs whenever a release made now could hold something else."""
    found = list(found)
    drafts = sorted((draft.pk, draft.revision) for thing in found for draft in thing.drafts)
    versions = sorted((thing.newest.pk, thing.newest.pk in approved) for thing in found if thing.pending and thing.newest)
    return hashlib.sha256(msgspec.json.encode([workspace.settings, drafts, versions])).hexdigest()


def approved_ids(version_ids: Iterable[int]) -> set[int]:
    """Those whose newest verdict is an approval."""
    return _newest_verdicts(version_ids, Approval.Verdict.APPROVED)


def _newest_verdicts(version_ids: Iterable[int], verdict: str) -> set[int]:
    newest = Approval.objects.filter(version__in=list(version_ids)).order_by("version_id", "-id").distinct("version_id")
    return {approval.version_id for approval in newest if approval.verdict == verdict}


def newest_release(workspace: Workspace) -> Release | None:
    return Release.objects.filter(workspace=workspace).order_by("-number").first()


def live_release(workspace: Workspace, now: datetime) -> Release | None:
    """Without its bundle, which is large, until that is asked for."""
    return Release.objects.filter(workspace=workspace, effective_from__lte=now).defer("bundle").order_by("-number").first()


def release_after(release: Release) -> Release | None:
    """The one that took its place, or is to; None where none is there yet. A withdrawn one never took any."""
    later = Release.objects.filter(workspace=release.workspace, number__gt=release.number).select_related("workspace")
    return later.defer("bundle", "manifest").order_by("effective_from", "-number").first()


def effective_within(workspace: Workspace, after: datetime, before: datetime) -> list[Release]:
    """The releases that took effect between two moments, neither counted in, the first one first. Withdrawn ones never did."""
    releases = Release.objects.filter(workspace=workspace, effective_from__gt=after, effective_from__lt=before)
    return list(with_release_state(releases, before).exclude(state="withdrawn").order_by("number").defer("bundle", "manifest"))


def unreviewed_emergencies() -> list[Release]:
    """What was published in an emergency and nobody else has looked at yet, oldest first."""
    found = Release.objects.filter(emergency=True, review=None).select_related("workspace")
    return list(found.defer("bundle", "manifest").order_by("published_at", "id"))


def unapproved_hands(release: Release) -> set[int]:
    """The ids of all who wrote what a release changed without an approval: they can't be its second pair of eyes."""
    changed = [change.after for change in release.changes.select_related("after") if change.after]
    approved = approved_ids(version.pk for version in changed)
    return {hand for version in changed if version.pk not in approved for hand in (version.author_id, *version.contributors)}


def manifest_versions(release: Release) -> tuple[dict[Identity, Version], list[Problem]]:
    """The versions a release's manifest names, and a problem for each that is not there as it was."""
    hashes = {entry["body_hash"] for entry in release.manifest}
    known = {
        (version.item.kind, version.item.key, version.number, version.body_hash): version
        for version in Version.objects.filter(item__workspace=release.workspace_id, body_hash__in=hashes).select_related("item")
    }
    chosen, problems = {}, []
    for entry in release.manifest:
        kind, key, number = entry["kind"], entry["key"], entry["version"]
        version = known.get((kind, key, number, entry["body_hash"]))
        if version is None:
            words = f"{kind} {key} v{number} of release {release.number} is not there as it was."
            problems.append(Problem("history_broken", f"$.{kind}.{key}", words, "Tell an administrator: history was altered."))
        else:
            chosen[kind, key] = version
    return chosen, problems


def unapproved_back(live: Release | None, chosen: Mapping[Identity, Version]) -> list[Version]:
    """What a roll-back to these versions would bring back though no second person approved it, in the order of kinds and keys.

    What is live now and stays is asked of no release, and what only goes away has no version to approve.
    """
    stays = {(entry["kind"], entry["key"]): entry["version"] for entry in live.manifest} if live else {}
    back = [version for identity, version in sorted(chosen.items()) if version.number != stays.get(identity)]
    approved = approved_ids(version.pk for version in back)
    return [version for version in back if version.pk not in approved]


@dataclass(slots=True)
class Entry:
    """One version in an item's history, with its approvals and the releases between which it was live."""

    version: Version
    live: list[tuple[Release, Release | None]] = field(default_factory=list)


def history(item: Item, now: datetime) -> list[Entry]:
    """Every version of an item with its state, newest first."""
    versions = with_review_state(Version.objects.filter(item=item).order_by("-number"), now).prefetch_related("approvals")
    entries = {version.pk: Entry(version) for version in versions}
    changes = list(ReleaseChange.objects.filter(item=item).order_by("release__number").select_related("release"))
    for change, following in zip_longest(changes, changes[1:]):
        if change.after_id is not None:
            entries[change.after_id].live.append((change.release, following.release if following else None))
    return list(entries.values())
