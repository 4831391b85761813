"""Bundles: a release as one canonical JSON document with a digest, and what processes read of it. The service reads authoring only here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import rfc8785

from rules import bodies, filing
from rules.engine import DocumentError, Problem, obstacles
from rules.engine.strict import loads
from rules.engine.structure import convert
from rules.engine.workspace import Workspace as Document
from rules.models import ApiKey, AuditEvent, Release
from rules.schemas import check_schema
from rules.templating import check_template

if TYPE_CHECKING:
    from rules.bodies import Body
    from rules.filing import Folders


class LiveBundle(msgspec.Struct, frozen=True):
    workspace: str
    number: int
    hash: str
    """Of the release: proves the whole history before it."""
    digest: str
    """Of the document's bytes."""
    document: bytes
    published_at: float


class KeyRecord(msgspec.Struct, frozen=True):
    workspace: str
    kind: str
    digest: str
    scopes: tuple[str, ...]
    origins: tuple[str, ...]
    expires_at: float | None


def sha256(value: object) -> str:
    """The hash of a JSON value's RFC 8785 form."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def build(document: Body) -> tuple[bytes, str]:
    """A workspace document's canonical bytes and their digest."""
    canonical = rfc8785.dumps(document)
    return canonical, "sha256:" + hashlib.sha256(canonical).hexdigest()


def inspect(document: object) -> list[Problem]:
    """Everything that keeps a document from going live: its values, its shape, what the engine finds, and every template."""
    problems = bodies.unstorable(document)
    if problems:
        return problems
    try:
        workspace = convert(document)
    except DocumentError as refused:
        return refused.problems
    return obstacles(workspace) + _template_problems(workspace) + _schema_problems(workspace)


def _template_problems(workspace: Document) -> list[Problem]:
    return [
        Problem(found.code, f"$.templates[{index}]{found.path.removeprefix('$')}", found.message, found.fix)
        for index, template in enumerate(workspace.templates)
        for found in check_template(template)
    ]


def _schema_problems(workspace: Document) -> list[Problem]:
    return [
        Problem(found.code, f"$.events[{index}]{found.path.removeprefix('$')}", found.message, found.fix)
        for index, schema in enumerate(workspace.events)
        for found in check_schema(schema)
    ]


def release_hash(release: Release) -> str:
    """A release's own hash, over everything it says and the hash of the one before it."""
    return sha256(release_said(release))


def release_said(release: Release) -> Body:
    """What a release's hash is over. Of an emergency only where there was one: releases from before the word existed keep their hashes."""
    marks = {"emergency": True} if release.emergency else {}
    return {
        **marks,
        "workspace": release.workspace.key,
        "number": release.number,
        "manifest": release.manifest,
        "digest": release.digest,
        "effective_from": moment(release.effective_from),
        "published_at": moment(release.published_at),
        "publisher_id": release.publisher_id,
        "publisher_name": release.publisher_name,
        "reason": release.reason,
        "four_eyes": release.four_eyes,
        "rolled_back_to": release.rolled_back_to,
        "prev_hash": release.prev_hash,
    }


def audit_hash(event: AuditEvent) -> str:
    """An audit event's own hash, over everything it says and the hash of the one before it."""
    return sha256(audit_said(event))


def audit_said(event: AuditEvent) -> Body:
    """What an audit event's hash is over."""
    return {
        "workspace": event.workspace.key if event.workspace else None,
        "number": event.number,
        "at": moment(event.at),
        "actor_id": event.actor_id,
        "actor_name": event.actor_name,
        "action": event.action,
        "object_kind": event.object_kind,
        "object_key": event.object_key,
        "object_version": event.object_version,
        "words": event.words,
        "reason": event.reason,
        "data": event.data,
        "prev_hash": event.prev_hash,
    }


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with all six decimals: one way to write a time, so that its hash is one."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def live_bundles(now: float, known: Mapping[str, tuple[int, str]]) -> list[LiveBundle]:
    """Each workspace's newest release that is in effect, unless its number and hash are the known ones. Two small queries at most."""
    in_effect = Release.objects.filter(effective_from__lte=datetime.fromtimestamp(now, UTC))
    newest = in_effect.order_by("workspace_id", "-number").distinct("workspace_id").values_list("id", "workspace__key", "number", "hash")
    fresh = [pk for pk, workspace, number, digest in newest if known.get(workspace) != (number, digest)]
    if not fresh:
        return []
    return [
        _bundle(release.workspace.key, release)
        for release in Release.objects.filter(pk__in=fresh).select_related("workspace").order_by("workspace__key")
    ]


def hash_of(workspace: str, number: int) -> str | None:
    """A release's own hash; None where there is no such release."""
    return Release.objects.filter(workspace__key=workspace, number=number).values_list("hash", flat=True).first()


def bundle_of(workspace: str, number: int) -> LiveBundle | None:
    """The bundle of one release, whether or not it is live."""
    release = Release.objects.filter(workspace__key=workspace, number=number).first()
    return None if release is None else _bundle(workspace, release)


def _bundle(workspace: str, release: Release) -> LiveBundle:
    document, published = release.bundle.encode(), release.published_at.timestamp()
    return LiveBundle(workspace, release.number, release.hash, release.digest, document, published)


def api_keys() -> list[KeyRecord]:
    """Every key that is not revoked. Whether one has expired is for the reader's clock to say."""
    return [
        KeyRecord(
            workspace=key.workspace.key,
            kind=key.kind,
            digest=key.digest,
            scopes=tuple(key.scopes),
            origins=tuple(key.origins),
            expires_at=key.expires_at.timestamp() if key.expires_at else None,
        )
        for key in ApiKey.objects.filter(revoked_at=None).select_related("workspace").order_by("pk")
    ]


def read_shape(data: bytes) -> tuple[Document, Folders | None]:
    """A document that need not stand alone, and what it says of folders; None: nothing.

    Raises DocumentError for values and shapes that are none of ours, and looks no further.
    """
    document, folders = filing.split(loads(data))
    problems = bodies.unstorable(document)
    if problems:
        raise DocumentError(problems)
    return convert(document), folders


def read_document(data: bytes) -> tuple[Document, Folders | None]:
    """A workspace document as people write it, and what it says of folders. Raises DocumentError with everything that is wrong with it."""
    document, folders = filing.split(loads(data))
    problems = inspect(document)
    if problems:
        raise DocumentError(problems)
    return msgspec.convert(document, Document), folders
