"""Where each authored thing stands: its newest version, what was released of it, its drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Max, Q, QuerySet

from rules import bodies, bundles
from rules.bodies import Body, Identity
from rules.engine import DocumentError, Problem
from rules.models import Draft, Item, ReleaseChange, Version, Workspace

NEW = "new"
"""The token of an item that is not there yet."""


@dataclass(slots=True)
class Thing:
    """One item with where it stands: its newest version, what the newest release has of it, and its drafts."""

    item: Item
    newest: Version | None = None
    released: Version | None = None
    highest_released: int = 0
    drafts: list[Draft] = field(default_factory=list)

    @property
    def pending(self) -> bool:
        """Whether its newest version was never released. One that was, and was rolled back, is not proposed again."""
        return self.newest_number > self.highest_released

    @property
    def newest_number(self) -> int:
        return self.newest.number if self.newest else 0

    @property
    def base(self) -> Version | None:
        """What a change starts from."""
        return self.newest if self.pending else self.released

    @property
    def base_number(self) -> int | None:
        return self.base.number if self.base else None

    @property
    def base_body(self) -> Body | None:
        return self.base.body if self.base else None

    def says(self, body: Body | None) -> bool:
        """Whether its base says exactly this."""
        return same(self.base_body, body)

    def draft_of(self, author_id: int) -> Draft | None:
        return next((draft for draft in self.drafts if draft.author_id == author_id), None)

    def body_for(self, author_id: int | None) -> Body | None:
        """The working copy: the author's draft over the base. For nobody in particular, whoever's draft is the newest."""
        draft = max(self.drafts, key=lambda draft: draft.updated_at, default=None) if author_id is None else self.draft_of(author_id)
        return draft.body if draft else self.base_body

    def token(self, author_id: int) -> str:
        """Differs whenever the author's draft, or what it starts from, has changed."""
        draft = self.draft_of(author_id)
        return f"{draft.pk if draft else 0}.{draft.revision if draft else 0}.{self.base_number or 0}"

    def same_draft(self, author_id: int, token: str) -> bool:
        """Whether the author's draft, or that there is none, is still what this token was of."""
        return self.token(author_id).rpartition(".")[0] == token.rpartition(".")[0]

    def goes_on(self, author_id: int, token: str) -> bool:
        """Whether what was begun with this token can still be a draft: on what the thing says now, or on the version it said then."""
        return token == self.token(author_id) or (self.same_draft(author_id, token) and self.base_of(token) is not None)

    @staticmethod
    def base_of(token: str) -> int | None:
        """The number of the version that a change of that token starts from."""
        number = token.rpartition(".")[2]
        return int(number) or None if number.isascii() and number.isdigit() and len(number) < 10 else None


def same(one: Body | None, other: Body | None) -> bool:
    """Whether two bodies are one JSON value. Python would take 1 for true."""
    return bundles.sha256(one) == bundles.sha256(other)


def things(workspace: Workspace, kinds: Iterable[str] = ()) -> dict[Identity, Thing]:
    """Everything of a workspace, or everything of these kinds, in five queries however much there is."""
    items = Item.objects.filter(workspace=workspace)
    return _things(items.filter(kind__in=kinds) if kinds else items, workspace)


def thing(workspace: Workspace, kind: str, key: str) -> Thing | None:
    return _things(Item.objects.filter(workspace=workspace, kind=kind, key=key), workspace).get((kind, key))


def _things(items: QuerySet[Item], workspace: Workspace) -> dict[Identity, Thing]:
    """The newest version is mostly the released one too, so versions are read once, by their ids."""
    found = {item.pk: Thing(item) for item in items}
    for entry in found.values():
        entry.item.workspace = workspace
    newest = Version.objects.filter(item__in=items).order_by("item_id", "-number").distinct("item_id")
    changes = ReleaseChange.objects.filter(item__in=items)
    last = changes.order_by("item_id", "-release__number").distinct("item_id")
    released = dict(last.values_list("item_id", "after_id"))
    versions = Version.objects.filter(Q(pk__in=newest.values("pk")) | Q(pk__in=last.values("after_id")))
    by_id = {version.pk: version for version in versions}
    for version in by_id.values():
        entry = found[version.item_id]
        if entry.newest is None or version.number > entry.newest.number:
            entry.newest = version
    for item_id, version_id in released.items():
        found[item_id].released = by_id.get(version_id)
    for item_id, highest in changes.values_list("item_id").annotate(Max("after__number")).order_by():
        found[item_id].highest_released = highest or 0
    for draft in Draft.objects.filter(item__in=items):
        draft.item = found[draft.item_id].item
        found[draft.item_id].drafts.append(draft)
    return {(entry.item.kind, entry.item.key): entry for entry in found.values()}


def working_bodies(found: Mapping[Identity, Thing], author_id: int | None) -> dict[Identity, Body]:
    working = {identity: thing.body_for(author_id) for identity, thing in found.items()}
    return {identity: body for identity, body in working.items() if body is not None}


def working_document(workspace_key: str, *, author_id: int | None = None) -> Body:
    """Drafts over versions as one workspace document. Raises DocumentError for rules that have lost their place."""
    workspace = Workspace.objects.filter(key=workspace_key).first()
    if workspace is None:
        raise DocumentError([Problem("unknown_workspace", "$.workspace", f"There is no workspace {workspace_key}.")])
    document, problems = bodies.nest(workspace.settings, working_bodies(things(workspace), author_id))
    if problems:
        raise DocumentError(problems)
    return document
