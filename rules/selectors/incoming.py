"""What a document would change in one author's working copy, in words, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from rules import bodies, bundles, filing, words
from rules.bodies import Body, Identity
from rules.engine.workspace import Workspace as Document
from rules.filing import Folders
from rules.models import Workspace
from rules.selectors.desk import Desk, Finding
from rules.selectors.folders import filings
from rules.selectors.things import same


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that would become a draft. `change`: added, changed or removed; `said`: what it says, or what differs."""

    kind: str
    key: str
    change: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    problems: list[Finding]
    """What keeps it from being taken in; nothing else is told then."""
    document: Document | None = None
    """The whole working copy as it would be, under this workspace's own settings."""
    arrivals: list[Arrival] = field(default_factory=list)
    unchanged: int = 0
    of_another: str = ""
    """The workspace that the document says it is of, where that is another one."""
    folders: Folders | None = None
    """What it says of folders; None: nothing, and then everything stays where it lies."""
    filings: list[str] = field(default_factory=list)
    """What would move into which folder, in words. Not as a draft: at once."""
    token: str = ""
    """Differs whenever the document or the working copy does: what was shown is what is taken in."""


def incoming(workspace: Workspace, data: bytes, author_id: int, *, keep: bool) -> Incoming:
    """`keep`: what the document does not name stays as it is; else it is removed. Raises DocumentError for what is no such document.

    The workspace's own settings stay: who may write drafts may not switch four eyes off by a document.
    """
    told, folders = bundles.read_shape(data)
    desk = Desk(workspace, author_id)
    before = desk.bodies
    wanted = bodies.flatten(told, before)
    whole, problems = bodies.nest(workspace.settings, {**before, **wanted} if keep else wanted)
    problems = problems or bundles.inspect(whole)
    if problems:
        return Incoming([Finding(*bodies.whose(whole, problem.path), problem) for problem in problems])
    document = msgspec.convert(whole, Document)
    after = bodies.flatten(document, before)
    if misfiled := filing.unknown(folders or {}, after):
        return Incoming([Finding(None, problem.path, problem) for problem in misfiled])
    return Incoming(
        [],
        document=document,
        arrivals=list(_arrivals(before, after)),
        unchanged=sum(same(before[identity], after[identity]) for identity in before.keys() & after.keys()),
        of_another="" if told.workspace.key == workspace.key else told.workspace.key,
        folders=folders,
        filings=filings(workspace, folders or {}),
        token=bundles.sha256(
            [[[*identity, body] for identity, body in before.items()], msgspec.to_builtins(document), filing.written(folders or {})]
        ),
    )


def _arrivals(before: dict[Identity, Body], after: dict[Identity, Body]) -> Iterable[Arrival]:
    order = list(bodies.KINDS)
    for kind, key in sorted(before.keys() | after.keys(), key=lambda identity: (order.index(identity[0]), identity[1])):
        old, new = before.get((kind, key)), after.get((kind, key))
        if old is None and new is not None:
            yield Arrival(kind, key, "added", (words.summary(kind, new),))
        elif new is None:
            yield Arrival(kind, key, "removed", (words.summary(kind, old),))
        elif old is not None and not same(old, new):
            yield Arrival(kind, key, "changed", tuple(change.words for change in words.differences(kind, old, new)))
