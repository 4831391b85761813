"""History row by row, as `rules.history` verifies it: streamed, so that a long one needs no more memory than a short one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Max, QuerySet

from rules import bundles
from rules.history import ApprovalRow, AuditRow, ChangeRow, Heads, ReleaseRow, ReviewRow, Rows, VersionRow, folded
from rules.models import Approval, AuditEvent, EmergencyReview, Release, ReleaseChange, Version, Workspace

MANY, FEW = 2_000, 50
"""Rows read at a time: small ones, and those with a bundle."""
LATER = ("contributors", "contributor_names")
"""Columns that came after the first rows. Spoken of only where they hold something: the hashes of older rows stay what they were."""


def history_rows(workspace: Workspace) -> Rows:
    return Rows(
        versions=version_rows(workspace),
        approvals=approval_rows(workspace),
        releases=release_rows(workspace),
        events=audit_rows(workspace),
        reviews=review_rows(workspace),
    )


def version_rows(workspace: Workspace) -> Iterator[VersionRow]:
    for version in _versions(workspace).iterator(MANY):
        yield VersionRow(version.pk, version_said(version), version.body)


def _versions(workspace: Workspace) -> QuerySet[Version]:
    return Version.objects.filter(item__workspace=workspace).order_by("id").select_related("item")


def version_said(version: Version) -> dict[str, Any]:
    """All that a version says but its body, which its hash speaks for."""
    return {
        "kind": version.item.kind,
        "key": version.item.key,
        "number": version.number,
        "schema": version.schema,
        "body_hash": version.body_hash,
        "author_id": version.author_id,
        "author_name": version.author_name,
        "reason": version.reason,
        "based_on": version.based_on,
        "created_at": bundles.moment(version.created_at),
        **_later(version),
    }


def approval_rows(workspace: Workspace) -> Iterator[ApprovalRow]:
    approvals = Approval.objects.filter(version__item__workspace=workspace).order_by("id").select_related("version__item")
    for approval in approvals.iterator(MANY):
        yield ApprovalRow(approval.pk, approval_said(approval))


def approval_said(approval: Approval) -> dict[str, Any]:
    return {
        "kind": approval.version.item.kind,
        "key": approval.version.item.key,
        "version": approval.version.number,
        "body_hash": approval.body_hash,
        "author_id": approval.author_id,
        "reviewer_id": approval.reviewer_id,
        "reviewer_name": approval.reviewer_name,
        "verdict": approval.verdict,
        "comment": approval.comment,
        "created_at": bundles.moment(approval.created_at),
        **_later(approval),
    }


def _later(row: Version | Approval) -> dict[str, Any]:
    return {name: list(value) for name in LATER if (value := getattr(row, name, None))}


def release_rows(workspace: Workspace, *, last: int | None = None) -> Iterator[ReleaseRow]:
    """By number, each with what it changed."""
    releases = Release.objects.filter(workspace=workspace, **({} if last is None else {"number__lte": last})).order_by("number")
    changes = _changes(workspace)
    waiting = next(changes, None)
    for release in releases.select_related("workspace").iterator(FEW):
        own: list[ChangeRow] = []
        while waiting is not None and waiting[0] <= release.number:
            own += waiting[1] if waiting[0] == release.number else []
            waiting = next(changes, None)
        yield ReleaseRow(release.pk, bundles.release_said(release), release.hash, release.bundle.encode(), own)


def _changes(workspace: Workspace) -> Iterator[tuple[int, list[ChangeRow]]]:
    rows = ReleaseChange.objects.filter(release__workspace=workspace).order_by("release__number", "item_id")
    names = ("release__number", "item__kind", "item__key", "before__number", "after__number")
    for number, group in groupby(rows.values_list(*names).iterator(MANY), key=itemgetter(0)):
        yield number, [ChangeRow(*row[1:]) for row in group]


def audit_rows(workspace: Workspace | None) -> Iterator[AuditRow]:
    """None: the installation's."""
    events = AuditEvent.objects.filter(workspace=workspace).order_by("number").select_related("workspace")
    for event in events.iterator(MANY):
        yield AuditRow(event.pk, bundles.audit_said(event), event.hash)


def review_rows(workspace: Workspace) -> Iterator[ReviewRow]:
    reviews = EmergencyReview.objects.filter(release__workspace=workspace).order_by("release__number").select_related("release")
    for review in reviews.defer("release__bundle", "release__manifest").iterator(MANY):
        said = {
            "release_hash": review.release_hash,
            "publisher_id": review.publisher_id,
            "reviewer_id": review.reviewer_id,
            "reviewer_name": review.reviewer_name,
            "comment": review.comment,
            "created_at": bundles.moment(review.created_at),
        }
        yield ReviewRow(review.release.number, said)


def heads_now() -> dict[str | None, Mapping[str, int]]:
    """How far each chain is, by workspace (None: the installation): cheap, to see whether anything is new."""
    found: dict[str | None, dict[str, int]] = {None: {}, **{key: {} for key in Workspace.objects.values_list("key", flat=True)}}
    for name, rows in _counted():
        for key, count in rows:
            found[key][name] = count
    return {key: counts for key, counts in found.items() if counts}


def _counted() -> Iterable[tuple[str, Iterable[tuple[str | None, int]]]]:
    yield "releases", Release.objects.order_by().values_list("workspace__key").annotate(Max("number"))
    yield "audit", AuditEvent.objects.order_by().values_list("workspace__key").annotate(Max("number"))
    yield "versions", Version.objects.order_by().values_list("item__workspace__key").annotate(Count("id"))
    yield "approvals", Approval.objects.order_by().values_list("version__item__workspace__key").annotate(Count("id"))


def heads_of(workspace: Workspace | None) -> Heads:
    """Where a workspace's chains stand, or the installation's (None): what an anchor signs."""
    newest = {"audit": AuditEvent.objects.filter(workspace=workspace).order_by("-number").values_list("number", "hash").first()}
    if workspace is None:
        return Heads(None, **_there(newest))
    newest["releases"] = Release.objects.filter(workspace=workspace).order_by("-number").values_list("number", "hash").first()
    newest["versions"] = _folded(version_said(version) for version in _versions(workspace).defer("body").iterator(MANY))
    newest["approvals"] = _folded(row.said for row in approval_rows(workspace))
    return Heads(workspace.key, **_there(newest))


def _folded(rows: Iterable[dict[str, Any]]) -> tuple[int, str]:
    running, count = "", 0
    for count, said in enumerate(rows, 1):  # noqa: B007  how many there were
        running = folded(running, said)
    return count, running


def _there(newest: Mapping[str, tuple[int, str] | None]) -> dict[str, tuple[int, str]]:
    return {name: head for name, head in newest.items() if head is not None and head[0]}


def workspaces() -> list[Workspace]:
    return list(Workspace.objects.order_by("key"))
