"""Writes drafts: what one person would change one item into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from rules import bodies, bundles, selectors
from rules.engine import DocumentError, Problem
from rules.models import Autosave, Draft, Item, Version
from rules.selectors import Thing
from rules.services import acts
from rules.services.audit import Act, note
from rules.services.people import Person, person
from rules.services.refusals import altered
from rules.services.workspaces import hold


@transaction.atomic
def save_draft(
    workspace_key: str,
    *,
    kind: str,
    key: str,
    body: Mapping[str, Any] | None,
    author: Any,
    now: datetime,
    expected: str | None = None,
    behind: bool = False,
) -> Draft | None:
    """Keeps a body (None: remove the item) as the author's draft. A draft that would change nothing is dropped: None.

    `expected` is the `Thing.token` that the author was looking at; if the item has moved on since, nothing is written. With `behind`,
    where only what a change starts from has moved on, the draft is kept on what it was begun from: `rebase_draft` puts it on the new one.
    """
    workspace = hold(workspace_key)
    author = person(author)
    wanted = None if body is None else bodies.normal(kind, key, body)
    thing = selectors.thing(workspace, kind, key)
    begun = None
    if expected is not None and expected != (thing.token(author.id) if thing else selectors.NEW):
        begun = _begun_from(thing, expected) if behind and thing and thing.goes_on(author.id, expected) else None
        if begun is None:
            raise _changed_meanwhile(kind, key)
    if thing is None:
        thing = Thing(Item.objects.create(workspace=workspace, kind=kind, key=key, created_at=now))
    had = thing.draft_of(author.id)
    if begun and not had and selectors.same(begun.body, wanted):
        return None
    draft = put(thing, wanted, author, now)
    if draft and begun:
        draft.based_on = begun.number
        draft.save()
    if draft and not had:
        note(workspace, author, now, acts.draft_begun(draft, before=thing.base_body))
    elif had and not draft:
        note(workspace, author, now, acts.draft_discarded(had, author))
    return draft


def _begun_from(thing: Thing, token: str) -> Version | None:
    """The version that the token's reader was looking at. Where there was none, there is nothing to come back to."""
    number = thing.base_of(token)
    return Version.objects.filter(item=thing.item, number=number).first() if number else None


def _changed_meanwhile(kind: str, key: str) -> DocumentError:
    words = f"The {kind} {key} was changed meanwhile, in another window or by somebody else."
    return DocumentError([Problem("draft_changed", "$", words, "Open it again and repeat your change.")])


Way = Literal["mine", "theirs", "both", "back"]


@transaction.atomic
def rebase_draft(
    item: Item, *, author: Any, way: Way, now: datetime, expected: str, other: int | None = None, revision: int | None = None
) -> Draft:
    """Puts the author's draft on what the thing says now: keeping its words, taking the other side's, or both sides' changes.

    The other side is the draft with the id `other`, as of `revision`, or else the newest version. Its author has a hand in this draft
    from then on. What the draft said before is kept beside it, and `back` goes back to that; nobody else's draft is touched.
    """
    workspace, author = hold(item.workspace.key), person(author)
    thing = selectors.thing(workspace, item.kind, item.key)
    if thing is None or expected != thing.token(author.id):
        raise _changed_meanwhile(item.kind, item.key)
    theirs = next((draft for draft in thing.drafts if (draft.pk, draft.revision) == (other, revision)), None)
    if other is not None and theirs is None:
        raise _changed_meanwhile(item.kind, item.key)
    draft = thing.draft_of(author.id) or Draft(item=thing.item, author_id=author.id, revision=0)
    body = _rebased(thing, draft, way, theirs)
    if draft.pk:
        draft.before = {"body": draft.body, "based_on": draft.based_on}
    if theirs is not None:
        hands = dict(zip(draft.contributors, draft.contributor_names, strict=True))
        hands |= dict(zip(theirs.contributors, theirs.contributor_names, strict=True)) | {theirs.author_id: theirs.author_name}
        hands.pop(author.id, None)
        draft.contributors, draft.contributor_names = list(hands), list(hands.values())
    draft.body, draft.based_on, draft.author_name, draft.updated_at = body, thing.base_number, author.name, now
    draft.revision += 1
    draft.save()
    return draft


def _rebased(thing: Thing, draft: Draft, way: Way, theirs: Draft | None) -> Any:
    """What the draft says on the new base."""
    if way == "back" and draft.before:
        return draft.before["body"]
    if way == "theirs" and (theirs or draft.pk):
        return theirs.body if theirs else thing.base_body
    if way == "mine" and draft.pk:
        return draft.body
    if way == "both":
        found = selectors.conflicts(thing, draft.author_id)
        conflict = next((one for one in found if (one.draft.pk if one.draft else None) == (theirs.pk if theirs else None)), None)
        if conflict and conflict.mine is not None and conflict.theirs is not None:
            return selectors.merged(conflict.base or {}, conflict.mine, conflict.theirs)[0]
    words = "This draft can't be put together that way."
    raise DocumentError([Problem("cannot_merge", "$", words, "Keep one of the two, and repeat the other change by hand.")])


@transaction.atomic
def restore_version(version: Version, *, author: Any, now: datetime) -> Draft:
    """Makes what a version said the author's draft, on what the thing says now. Never over a draft of theirs.

    Who wrote it has a hand in the draft, unless a second person approved it: two have seen it then.
    """
    item = version.item
    workspace, author = hold(item.workspace.key), person(author)
    thing = selectors.thing(workspace, item.kind, item.key)
    if thing is None or version.body is None:
        raise _not_restored("That version says only that it was removed.", "Restore a version from before that.")
    if thing.draft_of(author.id):
        raise _not_restored(f"You have a draft of {acts.thing(item, version.body)} already.", "Send it for review, or discard it first.")
    if bundles.sha256(version.body) != version.body_hash:
        raise DocumentError([altered(version)])
    draft = put(thing, bodies.normal(item.kind, item.key, version.body), author, now)
    if draft is None:
        raise _not_restored(f"{acts.numbered(version)} is what it says now.", "There is nothing to restore.")
    if not selectors.approved_ids([version.pk]):
        hands = {**dict(zip(version.contributors, version.contributor_names, strict=True)), version.author_id: version.author_name}
        hands.pop(author.id, None)
        draft.contributors, draft.contributor_names = list(hands), list(hands.values())
        draft.save()
    note(workspace, author, now, acts.draft_begun(draft, version))
    return draft


def _not_restored(words: str, fix: str) -> DocumentError:
    return DocumentError([Problem("nothing_restored", "$", words, fix)])


@transaction.atomic
def discard_draft(draft: Draft, *, actor: Any = None, now: datetime | None = None) -> None:
    """Forgets a draft; and the item too, where it was never more than this draft. Without an actor it is its author who does it."""
    workspace = hold(draft.item.workspace.key)
    who = person(actor) if actor else Person(draft.author_id, draft.author_name)
    if Draft.objects.filter(pk=draft.pk).delete()[0]:
        note(workspace, who, now or timezone.now(), acts.draft_discarded(draft, who))
    forget_if_empty(draft.item_id)


def put(thing: Thing, wanted: dict[str, Any] | None, author: Person, now: datetime) -> Draft | None:
    """Makes `wanted` the author's draft, or drops the draft where the item already says that. The caller holds the workspace."""
    return next(iter(put_all([(thing, wanted)], author, now)), None)


def put_all(wanted: Iterable[tuple[Thing, dict[str, Any] | None]], author: Person, now: datetime) -> list[Draft]:
    """`put` of many things in as many queries as of one; what became a draft."""
    changed: list[Draft] = []
    said: list[Thing] = []
    for thing, body in wanted:
        if thing.says(body):
            said.append(thing)
            continue
        draft = thing.draft_of(author.id) or Draft(item=thing.item, author_id=author.id, revision=0)
        draft.body, draft.based_on, draft.author_name, draft.updated_at = body, thing.base_number, author.name, now
        draft.revision += 1
        changed.append(draft)
    Draft.objects.filter(item__in=[thing.item.pk for thing in said], author_id=author.id).delete()
    forget_if_empty(*(thing.item.pk for thing in said))
    fields = ["body", "based_on", "author_name", "updated_at", "revision"]
    return Draft.objects.bulk_create(changed, update_conflicts=True, unique_fields=["item", "author_id"], update_fields=fields)


def write(thing: Thing, wanted: dict[str, Any] | None, author: Person, now: datetime) -> list[Act]:
    """`put`, with what is to be told of it."""
    had = thing.draft_of(author.id)
    discarded = acts.draft_discarded(had, author) if had else None
    draft = put(thing, wanted, author, now)
    if draft and not had:
        return [acts.draft_begun(draft, before=thing.base_body)]
    return [discarded] if discarded and not draft else []


def forget_if_empty(*item_ids: int) -> None:
    for item in Item.objects.filter(pk__in=item_ids, drafts=None, versions=None):
        Autosave.objects.filter(workspace=item.workspace_id, kind=item.kind, key=item.key).delete()
        item.delete()
