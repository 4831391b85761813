"""Use case: which releases there were, what each says, which was live when, and what differs between two of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rules import bundles, selectors
from rules.models import Approval, Release, ReleaseChange, Version
from rules.models import Workspace as WorkspaceRow
from rules.selectors import Difference


class UnknownRelease(LookupError):
    """There is no such release in this workspace."""


def page(workspace: str, *, before: int | None, limit: int) -> dict[str, Any]:
    """The releases below a number, the newest first, and where the next page begins: null where there is none."""
    found = _releases(workspace).defer("manifest").order_by("-number")
    releases = list((found if before is None else found.filter(number__lt=before))[: limit + 1])
    more = len(releases) > limit
    return {"releases": list(map(_brief, releases[:limit])), "next": releases[limit - 1].number if more else None}


def one(workspace: str, number: int) -> dict[str, Any]:
    """A release with its manifest, and what it changed: who wrote each version and what others said of it. Raises UnknownRelease."""
    return _whole(_release(workspace, number))


def live(workspace: str, at: float) -> dict[str, Any]:
    """The release that was live at a time, as of `one`. Raises UnknownRelease where nothing was."""
    row = WorkspaceRow.objects.filter(key=workspace).first()
    release = row and selectors.live_release(row, datetime.fromtimestamp(at, UTC))
    if release is None:
        raise UnknownRelease
    return {"at": bundles.moment(datetime.fromtimestamp(at, UTC)), **_whole(release)}


def compare(workspace: str, older: int, newer: int) -> dict[str, Any]:
    """What is live in `newer` and was not, or was otherwise, in `older`. Raises UnknownRelease."""
    one, other = (_release(workspace, number) for number in (older, newer))
    return {"from": older, "to": newer, "differences": [_told(found) for found in selectors.release_differences(one, other)]}


def _told(found: Difference) -> dict[str, Any]:
    """By its key alone: what people call it is for pages."""
    return {name: value for name, value in asdict(found).items() if name != "name"}


def _releases(workspace: str) -> Any:
    return Release.objects.filter(workspace__key=workspace).select_related("workspace").defer("bundle")


def _release(workspace: str, number: int) -> Release:
    release = _releases(workspace).filter(number=number).first()
    if release is None:
        raise UnknownRelease
    return release


def _brief(release: Release) -> dict[str, Any]:
    return {
        "number": release.number,
        "reason": release.reason,
        "publisher": {"id": release.publisher_id, "name": release.publisher_name},
        "published_at": bundles.moment(release.published_at),
        "effective_from": bundles.moment(release.effective_from),
        "four_eyes": release.four_eyes,
        "rolled_back_to": release.rolled_back_to,
        "digest": release.digest,
        "prev_hash": release.prev_hash,
        "hash": release.hash,
    }


def _whole(release: Release) -> dict[str, Any]:
    changes = ReleaseChange.objects.filter(release=release).select_related("item", "before", "after").prefetch_related("after__approvals")
    return {**_brief(release), "manifest": release.manifest, "changes": list(map(_change, changes))}


def _change(change: ReleaseChange) -> dict[str, Any]:
    return {
        "kind": change.item.kind,
        "key": change.item.key,
        "before": change.before.number if change.before else None,
        "after": _version(change.after) if change.after else None,
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "removed": version.body is None,
        "body_hash": version.body_hash,
        "author": {"id": version.author_id, "name": version.author_name},
        "reason": version.reason,
        "created_at": bundles.moment(version.created_at),
        "approvals": list(map(_approval, version.approvals.all())),
    }


def _approval(approval: Approval) -> dict[str, Any]:
    return {
        "reviewer": {"id": approval.reviewer_id, "name": approval.reviewer_name},
        "verdict": approval.verdict,
        "comment": approval.comment,
        "at": bundles.moment(approval.created_at),
    }
