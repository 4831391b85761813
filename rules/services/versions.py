"""Writes versions and approvals: the step from what somebody is working on to what can go live."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from rules import bundles, selectors
from rules.bodies import Identity
from rules.engine import DocumentError, Problem
from rules.models import Approval, Draft, Version, Workspace
from rules.selectors import Thing
from rules.services import acts
from rules.services.audit import Act, note, note_all
from rules.services.drafts import forget_if_empty
from rules.services.people import Person, person
from rules.services.refusals import altered, own_contribution
from rules.services.refused import keep_problems
from rules.services.workspaces import hold
from rules.words import called

SCHEMA = 1
REASON_LENGTH = 500


@transaction.atomic
def submit(
    workspace_key: str, *, reason: str, now: datetime, author: Any = None, expected: str | None = None, actor: Any = None
) -> list[Version]:
    """Turns drafts into versions: everybody's, or only one author's. Each version is its draft's author's, whoever submits.

    Without an actor it is each draft's author who submits it.

    `expected` is the `selectors.proposal` that they were looking at; if another one waits by now, nothing is written.
    """
    workspace = hold(workspace_key)
    must_be_shown(workspace, expected)
    return submit_held(workspace, author, reason, now, actor)


def must_be_shown(workspace: Workspace, expected: str | None) -> None:
    """Refuses where what waits is not what was shown: nobody sends off, or publishes, what they have not seen. For whoever holds it."""
    if expected is None:
        return
    things = selectors.things(workspace)
    if expected != selectors.proposal(workspace, things.values(), selectors.approved_pending(things.values())):
        words = "What waits here has changed since this page was opened, so nothing was done."
        raise DocumentError([Problem("proposal_changed", "$", words, "Look at it as it is now, and press the button again.")])


def unfit(reason: str) -> list[Problem]:
    """What keeps a reason from being stored."""
    if len(reason) <= REASON_LENGTH and "\0" not in reason:
        return []
    return [Problem("reason_unfit", "$", f"A reason has at most {REASON_LENGTH} characters, none of them NUL.", "Say it shorter.")]


def submit_held(workspace: Workspace, author: Any, reason: str, now: datetime, actor: Any = None) -> list[Version]:
    """`submit` for a caller that holds the workspace."""
    chosen: list[tuple[Thing, Draft]] = []
    problems = unfit(reason)
    for identity, thing in selectors.things(workspace).items():
        drafts = [draft for draft in thing.drafts if author is None or draft.author_id == person(author).id]
        problems += _unsubmittable(identity, thing, drafts)
        chosen += [(thing, draft) for draft in drafts]
    if problems:
        raise DocumentError(problems)
    made = [(thing, draft, _version(thing, draft, reason, now)) for thing, draft in chosen]
    written = Version.objects.bulk_create(version for _, _, version in made if version)
    Draft.objects.filter(pk__in=[draft.pk for _, draft in chosen]).delete()
    forget_if_empty(*(thing.item.pk for thing, _, version in made if version is None))
    note_all(workspace, now, [_told(thing, draft, version, actor) for thing, draft, version in made])
    return written


def _told(thing: Thing, draft: Draft, version: Version | None, actor: Any) -> tuple[Person, Act]:
    who = person(actor) if actor else Person(draft.author_id, draft.author_name)
    return who, acts.submitted(version, who, thing.base_body) if version else acts.draft_discarded(draft, who)


def _unsubmittable(identity: Identity, thing: Thing, drafts: Iterable[Draft]) -> list[Problem]:
    drafts = list(drafts)
    words, path = called(*identity, thing.base_body, *(draft.body for draft in drafts)), f"$.{'.'.join(identity)}"
    if len(drafts) > 1:
        names = " and ".join(sorted(draft.author_name for draft in drafts))
        fix = "One of them submits only their own; the other is shown that version then, and loses nothing."
        return [Problem("draft_conflict", path, f"{names} have both changed the {words}.", fix)]
    return [
        Problem(
            "draft_outdated",
            path,
            f"The {words} changed after {draft.author_name} began.",
            "Open it: it shows both sides, and puts the draft on the newest version.",
        )
        for draft in drafts
        if draft.based_on != thing.base_number
    ]


def _version(thing: Thing, draft: Draft, reason: str, now: datetime) -> Version | None:
    """What the draft becomes, not written yet. None: it says nothing new."""
    if thing.says(draft.body):
        return None
    others = contributors(thing, draft)
    return Version(
        item=thing.item,
        number=thing.newest_number + 1,
        schema=SCHEMA,
        body=draft.body,
        body_hash=bundles.sha256(draft.body),
        author_id=draft.author_id,
        author_name=draft.author_name,
        reason=reason,
        based_on=draft.based_on,
        created_at=now,
        contributors=list(others),
        contributor_names=list(others.values()),
    )


def contributors(thing: Thing, draft: Draft) -> dict[int, str]:
    """Who else wrote what this draft was made from since the last release, by id: none of them can be its second person.

    A pending version already carries those before it, so one step back is all the steps.
    """
    found = dict(zip(draft.contributors, draft.contributor_names, strict=True))
    if thing.pending and thing.newest:
        found |= dict(zip(thing.newest.contributors, thing.newest.contributor_names, strict=True))
        found[thing.newest.author_id] = thing.newest.author_name
    found.pop(draft.author_id, None)
    return dict(sorted(found.items()))


@transaction.atomic
def approve(version: Version, *, reviewer: Any, now: datetime, comment: str = "", verdict: str = Approval.Verdict.APPROVED) -> Approval:
    """Records a second person's verdict on exactly this body. Never the author's or a contributor's own, superusers included."""
    reviewer = person(reviewer)
    workspace = hold(version.item.workspace.key)
    newest = Version.objects.filter(item=version.item_id).order_by("-number").values_list("number", flat=True)[0]
    problems = []
    if reviewer.id == version.author_id:
        problems.append(Problem("own_version", "$", f"{reviewer.name} wrote {acts.numbered(version)}.", "Somebody else has to look at it."))
    if reviewer.id in version.contributors:
        problems.append(own_contribution(reviewer.name, f"{acts.numbered(version)} was made from"))
    if verdict == Approval.Verdict.CHANGES_ASKED and not comment.strip():
        words = "Whoever asks for changes has to say which."
        problems.append(Problem("comment_missing", "$", words, "Write a comment; the author sees it with the version."))
    if bundles.sha256(version.body) != version.body_hash:
        problems.append(altered(version))
    # One that was live may be approved later still, so that a roll-back with four eyes on can bring it back.
    if newest != version.number and not version.released.exists():
        problems.append(Problem("not_the_newest", "$", f"{acts.numbered(version)} was replaced by v{newest}.", "Look at the newer one."))
    if problems:
        about = Act("", version.item.kind, version.item.key, (), version.number)
        keep_problems(workspace, reviewer, f"review {acts.thing(version.item)} v{version.number}", about, problems)
        raise DocumentError(problems)
    approval = Approval.objects.create(
        version=version,
        body_hash=version.body_hash,
        author_id=version.author_id,
        contributors=version.contributors,
        reviewer_id=reviewer.id,
        reviewer_name=reviewer.name,
        verdict=verdict,
        comment=comment,
        created_at=now,
    )
    note(workspace, reviewer, now, acts.reviewed(approval))
    return approval
