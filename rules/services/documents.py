"""Loads a whole workspace document: what differs becomes drafts, what it does not name becomes drafts of removal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from rules import bodies, bundles, filing, selectors
from rules.engine import DocumentError, Problem
from rules.engine.workspace import Workspace as Document
from rules.filing import Folders
from rules.models import Draft, Item, Workspace
from rules.selectors import Thing
from rules.services import acts
from rules.services.audit import note
from rules.services.drafts import put_all
from rules.services.filed_document import file_document
from rules.services.people import person
from rules.services.workspaces import change_workspace, create_workspace, hold
from rules.words import called


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did to the author's working copy."""

    added: int
    changed: int
    removed: int
    unchanged: int
    four_eyes_off: bool = False
    """Whether the workspace asked for a second person's approval until this load."""
    others: tuple[str, ...] = ()
    """What somebody else has a draft of: left as it is, and for them to submit or discard."""

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.removed} removed, {self.unchanged} unchanged"


@transaction.atomic
def take_in(workspace_key: str, data: bytes, *, author: Any, keep: bool, expected: str, now: datetime) -> LoadReport:
    """Loads what `selectors.incoming` showed, and nothing else: raises DocumentError where it would do something else by now."""
    workspace = hold(workspace_key)
    found = selectors.incoming(workspace, data, person(author).id, keep=keep)
    if found.problems:
        raise DocumentError(finding.problem for finding in found.problems)
    if found.document is None or found.token != expected:
        words = "Your working copy has changed since this was shown."
        raise DocumentError([Problem("changed_meanwhile", "$", words, "Look at it again, then take it in.")])
    return load_document(found.document, author=author, now=now, folders=found.folders)


@transaction.atomic
def load_document(document: Document, *, author: Any, now: datetime, folders: Folders | None = None) -> LoadReport:
    """Makes the author's working copy say exactly this. Nothing goes live by it, but the workspace's settings are taken over.

    `folders`: what goes into which, at once and for everybody; what they do not name stays where it is.
    """
    problems = bundles.inspect(msgspec.to_builtins(document))
    if problems:
        raise DocumentError(problems)
    author = person(author)
    settings = document.workspace
    known = Workspace.objects.filter(key=settings.key).first()
    write = change_workspace if known else create_workspace
    write(settings.key, name=settings.name, timezone=settings.timezone, four_eyes=settings.four_eyes, actor=author, now=now)
    workspace = hold(settings.key)

    things = selectors.things(workspace)
    before = selectors.working_bodies(things, author.id)
    wanted = bodies.flatten(document, before)
    if misfiled := filing.unknown(folders or {}, wanted):
        raise DocumentError(misfiled)
    missing = [Item(workspace=workspace, kind=kind, key=key, created_at=now) for kind, key in wanted if (kind, key) not in things]
    for item in Item.objects.bulk_create(missing):
        things[item.kind, item.key] = Thing(item)
    drafts = put_all(((thing, wanted.get(identity)) for identity, thing in things.items()), author, now)
    changed = [identity for identity in wanted.keys() & before.keys() if not selectors.same(before[identity], wanted[identity])]
    others = Draft.objects.filter(item__workspace=workspace).exclude(author_id=author.id).select_related("item")
    report = LoadReport(
        added=len(wanted.keys() - before.keys()),
        changed=len(changed),
        removed=len(before.keys() - wanted.keys()),
        unchanged=len(wanted.keys() & before.keys()) - len(changed),
        four_eyes_off=known is not None and known.four_eyes and not settings.four_eyes,
        others=tuple(f"{called(draft.item.kind, draft.item.key, draft.body)} by {draft.author_name}" for draft in others),
    )
    note(workspace, author, now, acts.loaded(workspace, "a document", author, str(report), drafts))
    if folders:
        file_document(workspace, folders, actor=author, now=now)
    return report
