"""Writes releases: publishing what is ready, and rolling back to what was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from django.db import transaction

from rules import bodies, bundles, selectors
from rules.bodies import Identity
from rules.engine import DocumentError, Problem
from rules.models import Release, ReleaseChange, Version, Workspace
from rules.selectors import Thing
from rules.services import acts
from rules.services.audit import Act, note
from rules.services.people import Person, person
from rules.services.refused import keep_problems
from rules.services.versions import must_be_shown, submit_held, unfit
from rules.services.workspaces import hold
from rules.signals import release_published


@transaction.atomic
def publish(
    workspace_key: str,
    *,
    actor: Any,
    reason: str,
    now: datetime,
    effective_from: datetime | None = None,
    only_by: Any = None,
    expected: str | None = None,
    emergency: bool = False,
) -> Release:
    """Makes a release of every newest version; with four eyes on, of every approved newest one.

    Without four eyes the drafts are submitted first: everybody's, or those of `only_by`. Refuses with all problems, writing nothing.
    An `emergency` goes without the four eyes that are on, leaves out only what a reviewer wants changed, and its release says so; whether
    the actor may is the caller's to ask.
    `expected` is the `selectors.proposal` that the actor was looking at; if another one waits by now, nothing is written.
    """
    workspace = hold(workspace_key)
    must_be_shown(workspace, expected)
    _only_where_four_eyes_are_on(workspace, emergency)
    four_eyes = workspace.four_eyes and not emergency
    if not four_eyes:
        submit_held(workspace, only_by, reason, now, actor)
    things = selectors.things(workspace)
    chosen = selectors.candidates(things, four_eyes=four_eyes, emergency=emergency)
    live = {identity: version for identity, version in chosen.items() if version.body is not None}
    numbers = {identity: version.number for identity, version in live.items()}
    document, problems = bodies.nest(workspace.settings, {identity: version.body for identity, version in live.items()}, numbers)
    newest = selectors.newest_release(workspace)
    moment = _not_before(newest, now)
    effective_from = moment if effective_from is None or now <= effective_from < moment else effective_from
    problems += bundles.inspect(document) + _untimely(newest, effective_from, now) + _unreasoned(reason)
    if problems:
        raise DocumentError(problems)
    bundle, digest = bundles.build(document)
    if newest.digest == digest if newest else not live:
        waiting = sum(1 for thing in things.values() if thing.pending)
        words = f"Release {newest.number} already says all of this." if newest else "There is nothing to publish yet."
        versions = "version waits" if waiting == 1 else "versions wait"
        fix = f"{waiting} new {versions} for a second person's approval." if waiting else "Save a draft first."
        if waiting and four_eyes:
            told = Problem("unapproved", "$", "No second person approved what waits there, and four eyes are on.")
            keep_problems(workspace, actor, f"publish workspace {workspace.key}", Act("", "workspace", workspace.key, ()), [told])
        raise DocumentError([Problem("nothing_to_publish", "$", words, fix)])
    release = _new(workspace, actor, reason, moment, effective_from, emergency)
    release.bundle, release.digest = bundle.decode(), digest
    return _written(release, newest, things, chosen)


@transaction.atomic
def roll_back(workspace_key: str, *, number: int, actor: Any, reason: str, now: datetime, emergency: bool = False) -> Release:
    """A new release that repeats an older one: the same versions, and the same bundle to the byte.

    With four eyes on, what it brings back must be approved, as if it were published anew; or it is an emergency, as in `publish`.
    """
    workspace = hold(workspace_key)
    _only_where_four_eyes_are_on(workspace, emergency)
    newest = selectors.newest_release(workspace)
    older = Release.objects.filter(workspace=workspace, number=number).first()
    if older is None or newest is None:
        raise DocumentError([Problem("unknown_release", "$", f"There is no release {number}.", "Choose one from the list.")])
    if newest.digest == older.digest:
        raise DocumentError([Problem("nothing_to_publish", "$", f"Release {newest.number} already says what {number} said.")])
    chosen, problems = selectors.manifest_versions(older)
    # What was fine when it was published may be refused by a newer engine, and then no process could load it.
    problems += bundles.inspect(msgspec.json.decode(older.bundle)) + _unreasoned(reason)
    if workspace.four_eyes and not emergency:
        problems += _unapproved(selectors.live_release(workspace, now), chosen)
    if problems:
        keep_problems(workspace, actor, f"roll back to {older}", Act("", "release", workspace.key, (), number), problems)
        raise DocumentError(problems)
    moment = _not_before(newest, now)
    release = _new(workspace, actor, reason, moment, moment, emergency)
    release.bundle, release.digest, release.rolled_back_to = older.bundle, older.digest, number
    return _written(release, newest, selectors.things(workspace), chosen)


def _unapproved(live: Release | None, chosen: Mapping[Identity, Version]) -> list[Problem]:
    """What a roll-back would bring back without a second person's approval.

    Refused, not just recorded: or an author who may publish could bring back, alone, what nobody else ever saw, and its release
    would still say four eyes.
    """
    return [
        Problem(
            "unapproved",
            f"$.{version.item.kind}.{version.item.key}",
            f"No second person approved {version.item.kind} {version}, and four eyes are on.",
            f"Somebody other than {version.author_name} has to approve it on its page first.",
        )
        for version in selectors.unapproved_back(live, chosen)
    ]


def _not_before(newest: Release | None, now: datetime) -> datetime:
    """The moment of a release: now, but never before the one it follows.

    Whoever waited for another's publish to end has a `now` from before it, and so has a machine whose clock is behind.
    """
    return max(now, newest.published_at) if newest else now


def _untimely(newest: Release | None, effective_from: datetime, now: datetime) -> list[Problem]:
    problems = []
    if newest and newest.effective_from > effective_from:
        words = f"Release {newest.number} is to go live at {bundles.moment(newest.effective_from)}; this one would carry its changes early."
        problems.append(Problem("release_waiting", "$", words, "Wait, or roll back to the release before it."))
    if effective_from < now:
        problems.append(Problem("in_the_past", "$", "A release can't go live in the past.", "Choose a later time."))
    return problems


def _unreasoned(reason: str) -> list[Problem]:
    if not reason.strip():
        return [Problem("reason_missing", "$", "A release needs a reason.", "Say in a few words why.")]
    return unfit(reason)


def _only_where_four_eyes_are_on(workspace: Workspace, emergency: bool) -> None:
    if emergency and not workspace.four_eyes:
        words = f"Nobody has to approve anything in {workspace}, so there is nothing to go round."
        raise DocumentError([Problem("no_emergency", "$", words, "Publish as always.")])


def _new(workspace: Workspace, actor: Any, reason: str, now: datetime, effective_from: datetime, emergency: bool) -> Release:
    publisher = person(actor)
    return Release(
        workspace=workspace,
        publisher_id=publisher.id,
        publisher_name=publisher.name,
        reason=reason,
        four_eyes=workspace.four_eyes and not emergency,
        emergency=emergency,
        published_at=now,
        effective_from=effective_from,
    )


def _written(release: Release, newest: Release | None, things: Mapping[Identity, Thing], chosen: Mapping[Identity, Version]) -> Release:
    """Numbers, chains and saves it, with what it changes, and tells the processes once it is committed."""
    release.number = newest.number + 1 if newest else 1
    release.prev_hash = newest.hash if newest else ""
    release.manifest = [
        {"kind": kind, "key": key, "version": version.number, "body_hash": version.body_hash}
        for (kind, key), version in sorted(chosen.items(), key=lambda entry: entry[0])
        if version.body is not None
    ]
    release.hash = bundles.release_hash(release)
    release.save()
    changes = ReleaseChange.objects.bulk_create(
        ReleaseChange(release=release, item=thing.item, before=thing.released, after=after)
        for identity, thing in things.items()
        if (after := _after(thing, chosen.get(identity))) != thing.released
    )
    note(release.workspace, Person(release.publisher_id, release.publisher_name), release.published_at, acts.released(release, changes))
    announce = partial(release_published.send_robust, Release, workspace=release.workspace.key, number=release.number)
    transaction.on_commit(announce)
    return release


def _after(thing: Thing, version: Version | None) -> Version | None:
    """What was removed already stays so where an older release does not have it either."""
    removed = thing.released is not None and thing.released.body is None
    return thing.released if version is None and removed else version
