"""The page of going live: what waits, whose it is, what stands in the way, and a button for each thing the reader may do about it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from admin_ui import dryruns, reviewing
from admin_ui.emergencies import OWED, ROUND
from admin_ui.findings import said, whose
from admin_ui.forms import PublishForm, ReviewForm
from admin_ui.links import item_address, name_of
from admin_ui.opening import may_open
from admin_ui.pages import ask, tell
from admin_ui.sure import ask_sure, sure
from decisioning import trying
from decisioning.trying import CantTry
from rules import selectors, services, words
from rules.engine import DocumentError
from rules.models import Version, Workspace
from rules.selectors import MEANINGS, VERSION_STATES, Desk, Finding

SHOWN = 50
"""What is worth a look."""
BUTTONS = {
    "submit": "rules.submit_draft",
    "publish": "rules.publish_workspace",
    "emergency": "rules.emergency_publish",
}
"""What a press of each button needs. Who may look at all of it may look here."""


def publishing_page(model_admin: admin.ModelAdmin, request: HttpRequest, workspace_id: int) -> HttpResponse:
    may = {button: request.user.has_perm(permission) for button, permission in BUTTONS.items()}
    pressed = next((button for button in BUTTONS if button in request.POST), "publish") if request.method == "POST" else None
    if not may_open(request.user, "admin:rules_workspace_publish") or not may.get(pressed or "", True):
        raise PermissionDenied
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    form = PublishForm(request.POST or None, initial={"effective_from": _asked_for(request)})
    if pressed and form.is_valid():
        if pressed == "emergency" and not sure(request) and (unseen := _unapproved(workspace, request, form)):
            return _ask_emergency(model_admin, request, workspace, unseen)
        try:
            _act(request, workspace, form, pressed)
            return HttpResponseRedirect(reverse("admin:rules_workspace_publish", args=[workspace_id]))
        except DocumentError as refused:
            _tell(request, refused, Desk(workspace, request.user.pk))
    return ask(model_admin, request, "publish.html", form, may=may, title=f"Publish {workspace}", **_shown(workspace, request))


def _asked_for(request: HttpRequest) -> str | None:
    """The beginning of the day that the calendar's link is of; None for one that is no day to come."""
    try:
        day = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return None
    return f"{day}T00:00" if day > timezone.now().astimezone(UTC).date() else None


def _unapproved(workspace: Workspace, request: HttpRequest, form: PublishForm) -> list[str]:
    """What an emergency release would take along without anybody's approval."""
    waiting = [thing for thing in selectors.kept_desk(workspace, request.user.pk).things.values() if thing.drafts or thing.pending]
    approved = selectors.approved_pending(waiting)
    mine, reader = form.cleaned_data["only_mine"], request.user.pk
    drafted = [(one, of) for one in waiting for of in one.drafts if not mine or of.author_id == reader]
    drafts = [f"{words.called(one.item.kind, one.item.key, of.body, one.base_body)}: {of.author_name}'s draft" for one, of in drafted]
    newest = [one.newest for one in waiting if one.pending and one.newest and one.newest.pk not in approved]
    versions = [f"{words.called(one.item.kind, one.item.key, one.body)} v{one.number}, by {one.author_name}" for one in newest]
    return sorted([*drafts, *versions])


def _ask_emergency(model_admin: admin.ModelAdmin, request: HttpRequest, workspace: Workspace, unseen: list[str]) -> HttpResponse:
    return ask_sure(
        model_admin,
        request,
        unseen if len(unseen) <= SHOWN else [*unseen[:SHOWN], f"and {len(unseen) - SHOWN} more"],
        act="Publish it unapproved",
        title=f"Publish {workspace} without approval?",
        consequence=f"Users see it at once, though nobody has approved the things below. {ROUND} You can roll back to the release before.",
        back=reverse("admin:rules_workspace_publish", args=[workspace.pk]),
        final=True,
        kept=("shown", "reason", "only_mine", "emergency"),
    )


def _shown(workspace: Workspace, request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    desk = selectors.kept_desk(workspace, request.user.pk)
    later = request.method == "GET" and desk.waits(now.timestamp()) and "found" not in request.GET
    things = sorted(
        (thing for thing in desk.things.values() if thing.drafts or thing.pending), key=lambda thing: (thing.item.kind, thing.item.key)
    )
    approved = selectors.approved_pending(things)
    pending = [thing.newest.pk for thing in things if thing.pending and thing.newest]
    reviewed = {version.pk: version for version in selectors.with_review_state(Version.objects.filter(pk__in=pending), now)}
    waiting = [
        {
            "thing": thing,
            "name": name_of(thing.item, next((draft.body for draft in thing.drafts if draft.body), thing.base_body)),
            "address": item_address(thing.item),
            "review": (review := reviewed.get(thing.newest.pk) if thing.newest else None),
            "may_approve": review is not None and review.state != "approved" and reviewing.may_approve(request, review),
        }
        for thing in things
    ]
    newest, live = selectors.newest_release(workspace), selectors.live_release(workspace, now)
    shown = selectors.proposal(workspace, things, approved)
    return {
        "workspace": workspace,
        "shown": shown,
        **_expected(workspace, shown, now.timestamp()),
        "dry": dryruns.latest(workspace, shown),
        "live": live,
        "upcoming": newest if newest and newest.effective_from > now else None,
        "states": VERSION_STATES,
        "meanings": MEANINGS,
        "drafts": [
            (entry, draft, words.summary(entry["thing"].item.kind, draft.body, desk.names))
            for entry in waiting
            for draft in entry["thing"].drafts
        ],
        "versions": [
            (entry, words.summary(entry["thing"].item.kind, entry["thing"].newest.body, desk.names))
            for entry in waiting
            if entry["thing"].pending
        ],
        "to_approve": sum(bool(entry["may_approve"]) for entry in waiting),
        "review": ReviewForm(),
        "later": later,
        **({} if later else _found(desk, now.timestamp())),
    }


def _found(desk: Desk, now: float) -> dict[str, Any]:
    """What stands in the way; and where nothing does, what is worth a look."""
    found = desk.found(now)
    advice = [one for one in found if selectors.is_advice(one)]
    return {
        "problems": list(
            dict.fromkeys((whose(one, desk), _place(one, desk), said(one, desk)) for one in found if not selectors.is_advice(one))
        ),
        "advice": [(whose(one, desk), _place(one, desk), said(one, desk)) for one in advice[:SHOWN]],
        "more_advice": max(0, len(advice) - SHOWN),
    }


def _place(found: Finding, desk: Desk) -> str:
    """The page on which it is put right, if it is there."""
    thing = desk.things.get(found.identity) if found.identity else None
    return item_address(thing.item) if thing else ""


def _expected(workspace: Workspace, shown: str, now: float) -> dict[str, Any]:
    """What sample users should get of what waits, and would not. What can't go live is said above already."""
    try:
        found = trying.expectations(workspace, shown, at=now)
    except CantTry:
        return {"expected": [], "unmet": []}
    return {"expected": found, "unmet": [one for one in found if not one.met]}


def _act(request: HttpRequest, workspace: Workspace, form: PublishForm, pressed: str) -> None:
    reason, shown, now = form.cleaned_data["reason"], form.cleaned_data["shown"], timezone.now()
    mine = request.user if form.cleaned_data["only_mine"] else None
    if pressed == "submit":
        versions = services.submit(workspace.key, reason=reason, now=now, author=mine, expected=shown, actor=request.user)
        wait = "1 version now waits" if len(versions) == 1 else f"{len(versions)} versions now wait"
        messages.success(request, f"{wait} for a second person's approval.")
        return
    release = services.publish(
        workspace.key,
        actor=request.user,
        reason=reason,
        now=now,
        effective_from=_moment(form.cleaned_data["effective_from"]) if pressed == "publish" else None,
        only_by=mine,
        expected=shown,
        emergency=pressed == "emergency",
    )
    if release.effective_from > now:
        when = date_format(release.effective_from, "DATETIME_FORMAT")
        messages.success(request, f"Release {release.number} of {workspace} goes live on {when}. Until then it can be withdrawn.")
    else:
        owed = f" {OWED}" if release.emergency else ""
        messages.success(request, f"Release {release.number} of {workspace} is live.{owed}")


def _moment(chosen: datetime | None) -> datetime | None:
    return chosen.astimezone(UTC) if chosen else None


def _tell(request: HttpRequest, refused: DocumentError, desk: Desk) -> None:
    """What stands in the way is on the page already, with whose it is; as messages only what is not."""
    listed = {(found.problem.code, found.problem.message) for found in desk.findings()}
    others = [problem for problem in refused.problems if (problem.code, problem.message) not in listed]
    if len(others) < len(refused.problems):
        messages.error(request, "Nothing went ahead: first put right what is listed below.")
    if others:
        tell(request, DocumentError(others))
