"""The playground: choose who, where and by which version, and see what they would get and why. Answers while one types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from admin_ui import inhand
from admin_ui.findings import in_words
from admin_ui.links import item_address
from admin_ui.opening import may_open
from admin_ui.trying import told
from admin_ui.trying.facts import FactsWidget
from admin_ui.trying.samples import chosen_workspace
from decisioning import profiles, trying
from decisioning.trying import CantTry, Tried, UnknownUser
from rules import given, selectors
from rules.bodies import Body, Identity
from rules.engine import DocumentError
from rules.engine.clock import zone
from rules.models import Item, Release, SampleUser, Workspace
from rules.words import Names

REAL, PERSONAL = "rules.view_real_user", "decisioning.view_decisionrecord"
RELEASES = 50
RULES = 60
"""Rules beside each other that are shown, and any that matched: to draw hundreds takes longer than to decide."""
SAMPLE, USER, FACTS = "sample", "user", "facts"
OUTCOMES = {
    "fallback": "No rule matched, so the fallback is shown.",
    "capped": "A rule matched, but it has been shown as often as its cap allows; the fallback is shown.",
    "no_consent": "The user has not agreed to what this placement is for, so the fallback is shown.",
    "degraded": "Something could not be reached, so the fallback is shown.",
}


class TryForm(forms.Form):
    """`bound` to what an address or a press of the button said."""

    placement = forms.ChoiceField()
    version = forms.ChoiceField(label="By")
    who = forms.ChoiceField(choices=[(SAMPLE, "A sample user"), (USER, "A real user"), (FACTS, "Facts I write")], widget=forms.RadioSelect)
    sample = forms.ChoiceField(label="Sample user", required=False)
    user = forms.CharField(
        label="Id of the user", required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    facts = forms.CharField(
        label="Facts", required=False, strip=False, widget=FactsWidget(),
        help_text="As text, one to a line: tags = buyer, vip · traits.plan = gold. Or paste a decision's facts.",
    )  # fmt: skip
    at = forms.DateTimeField(
        label="At (empty: now)", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip
    locale = forms.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", label="Language", required=False, max_length=35,
        widget=forms.TextInput(attrs={"placeholder": "de, en-GB"}),
    )  # fmt: skip
    caps = forms.BooleanField(label="As if nothing had been shown yet", required=False, help_text="A real user's caps then bar no rule.")

    def __init__(self, asked: QueryDict, workspace: Workspace, held: Mapping[Identity, Body], *, real: bool) -> None:
        self.samples = list(SampleUser.objects.filter(workspace=workspace))
        numbers = list(Release.objects.filter(workspace=workspace).order_by("-number").values_list("number", flat=True)[:RELEASES])
        asked_for = asked.get("version", "")
        if asked_for.isdecimal() and len(asked_for) < 10 and int(asked_for) not in numbers:
            numbers.append(int(asked_for))
        placements = sorted(key for kind, key in held if kind == "placement")
        whole = {
            "placement": placements[0] if placements else "",
            "version": trying.DRAFT,
            "who": SAMPLE if self.samples else FACTS,
            "sample": self.samples[0].key if self.samples else "",
            **{name: value for name, value in asked.items() if value},
        }
        super().__init__(whole)
        self.fields["facts"].widget.workspace = workspace.key
        self.fields["placement"].choices = [(key, held["placement", key].get("name") or key) for key in placements]
        self.fields["version"].choices = [
            (trying.DRAFT, "my draft"), (trying.LIVE, "what is live"), *((str(number), f"release {number}") for number in numbers),
        ]  # fmt: skip
        self.fields["sample"].choices = [(sample.key, str(sample)) for sample in self.samples]
        if not real:
            self.fields["who"].choices = [choice for choice in self.fields["who"].choices if choice[0] != USER]

    def chosen(self) -> SampleUser | None:
        return next((sample for sample in self.samples if sample.key == self.cleaned_data["sample"]), None)


def urls(site: admin.AdminSite) -> list[Any]:
    return [path("try/", site.admin_view(lambda request: playground(site, request)), name="try")]


def playground(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """A press of the button, and the script while one types, are posts: ids and facts of people belong in no address."""
    if not may_open(request.user, "admin:try"):
        raise PermissionDenied
    asked = request.POST if request.method == "POST" else request.GET
    workspace = _workspace(request, asked)
    if workspace is None:
        return TemplateResponse(request, "admin/signpost/trying/playground.html", {**site.each_context(request), "title": "Try it"})
    if request.method == "POST" and "keep" in request.POST and request.user.has_perm("rules.add_sampleuser"):
        query = QueryDict(mutable=True)
        query.update({"workspace": workspace.key, "facts": request.POST.get("facts", "")})
        return HttpResponseRedirect(f"{reverse('admin:rules_sampleuser_add')}?{query.urlencode()}")
    desk = selectors.kept_desk(workspace, request.user.pk)
    form = TryForm(_copied(asked, workspace), workspace, desk.bodies, real=request.user.has_perm(REAL))
    context = {"workspace": workspace, "form": form, **_answer(request, workspace, form, desk.names)}
    if request.headers.get("X-Signpost-Part") == "answer":
        return TemplateResponse(request, "admin/signpost/trying/answer.html", context)
    whole = {"title": "Try it", "workspaces": inhand.choices(request), **context}
    return TemplateResponse(request, "admin/signpost/trying/playground.html", {**site.each_context(request), **whole})


def _workspace(request: HttpRequest, asked: QueryDict) -> Workspace | None:
    named = next((one for one in inhand.known(request) if one.key == asked.get("workspace")), None)
    return named or chosen_workspace(request)


def _copied(asked: QueryDict, workspace: Workspace) -> QueryDict:
    """With the facts of the chosen sample user in their place, where its reader wants to start from them."""
    copied = asked.copy()
    if "copy" in asked:
        sample = SampleUser.objects.filter(workspace=workspace, key=asked.get("sample", "")).first()
        copied["facts"], copied["who"] = given.write(sample.facts) if sample else "", FACTS
    return copied


def _answer(request: HttpRequest, workspace: Workspace, form: TryForm, names: Names) -> dict[str, Any]:
    """What the answer's part of the page shows: a decision, or why there is none."""
    if not form.is_valid():
        return {"refused": [f"{form.fields[name].label or name}: {error}" for name, errors in form.errors.items() for error in errors]}
    try:
        by = trying.under(workspace, form.cleaned_data["version"], reader_id=request.user.pk, placements=[form.cleaned_data["placement"]])
        tried = _tried(request, form, by)
    except (CantTry, DocumentError) as error:
        return {"refused": [in_words(problem) for problem in error.problems[:10]]}
    except UnknownUser as error:
        return {"refused": [f"Nothing is known of a user “{error}”. Write the id that your app sends, or choose a sample user."]}
    except profiles.Unavailable:
        return {"refused": ["The users' state can't be read now. Sample users and facts can be tried meanwhile."]}
    return _shown(workspace, tried, form.cleaned_data["placement"], names)


def _tried(request: HttpRequest, form: TryForm, by: trying.Under) -> Tried:
    asked = form.cleaned_data
    there = zone(by.live.settings.timezone) or UTC
    at = asked["at"].replace(tzinfo=there).timestamp() if asked["at"] else timezone.now().timestamp()
    common: dict[str, Any] = {"at": at, "locale": asked["locale"] or None}
    if asked["who"] == USER:
        if not asked["user"]:
            raise UnknownUser("")
        personal = request.user.has_perm(PERSONAL)
        return trying.try_user(by, asked["user"], [asked["placement"]], caps=not asked["caps"], personal=personal, **common)
    sample = form.chosen() if asked["who"] == SAMPLE else None
    facts = sample.facts if sample else given.read(asked["facts"], by.vocabulary)
    return trying.try_given(by, facts, [asked["placement"]], name=sample.key if sample else "sample", **common)


def _shown(workspace: Workspace, tried: Tried, placement: str, names: Names) -> dict[str, Any]:
    first = tried.decisions[0]
    if "error" in first:
        return {"refused": [f"There is no placement {placement} in {tried.under.words}."]}
    found = told.rules(first.get("explain"), names)
    shown = [one for number, one in enumerate(found) if number < RULES or one.state != "missed"]
    keys = {(kind, one[kind]["key"]) for one in tried.decisions for kind in ("rule", "template") if one[kind]}
    keys |= {("rule", one.key) for one in told.every(shown)}
    items = Item.objects.filter(workspace=workspace, kind__in=("rule", "template"), key__in={key for _, key in keys})
    return {
        "tried": tried,
        "decisions": [
            {**one, "verdict": OUTCOMES.get(one["outcome"], ""), "failed": (one.get("explain") or {}).get("template_error")}
            for one in tried.decisions
        ],
        "found": shown,
        "changes": list(told.changes(found))[:5] if first["outcome"] != "matched" else [],
        "left_out": (first.get("explain") or {}).get("left_out", 0) + len(found) - len(shown),
        "pages": {kind: {item.key: item_address(item) for item in items if item.kind == kind} for kind in ("rule", "template")},
        "titles": {kind: {key: name for (of, key), name in names.given.items() if of == kind} for kind in ("rule", "template")},
        "moment": datetime.fromtimestamp(tried.at, UTC),
        "took": max(1, round(tried.seconds * 1000)),
    }
