"""Sample users: their list, and a form in lines of plain facts, with what each placement should show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from admin_ui import inhand
from admin_ui.filters import WorkspaceFilter
from admin_ui.findings import in_words
from admin_ui.pages import NamedList, tell
from admin_ui.sure import SaysConsequence
from admin_ui.trying.facts import ExpectsWidget, FactsWidget, Place
from rules import given, services, words
from rules.engine import DocumentError, Vocabulary
from rules.models import SampleUser, Workspace
from rules.selectors import Desk

FALLBACK = "the fallback"
"""What people write for it."""
SHOWN = 4
"""Facts of one sample user in the list."""


class SampleUserForm(forms.ModelForm):
    """`desk` is set on the class made for a request: names and placements are those of the reader's working copy."""

    desk: ClassVar[Desk]
    facts = forms.CharField(
        label="What is known of them",
        required=False,
        strip=False,
        widget=FactsWidget(),
        help_text="Who is not said to be anonymous (user.known = no) is a known user. "
        "As text: a fact to a line, such as tags = buyer, vip · traits.plan = gold · counts.dwell.1h = 700.",
    )
    expects = forms.CharField(
        label="What they should get",
        required=False,
        widget=ExpectsWidget(),
        help_text="Tried before each publishing. "
        f"As text: a placement to a line, with the rule that should win: home-banner = loyal, or home-banner = {FALLBACK}.",
    )

    class Meta:
        model = SampleUser
        fields = ("key", "name", "facts", "expects")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.workspace = self.desk.workspace
        self.fields["facts"].widget.workspace = self.desk.workspace.key
        self.fields["expects"].widget.places = list(_places(self.desk))
        if self.instance.pk is not None:
            del self.fields["key"]
            self.initial["facts"] = given.write(self.instance.facts)
            self.initial["expects"] = "\n".join(f"{place} = {rule or FALLBACK}" for place, rule in sorted(self.instance.expects.items()))

    def clean_facts(self) -> dict[str, Any]:
        try:
            return given.read(self.cleaned_data["facts"], Vocabulary.of(self.desk.struct))
        except DocumentError as error:
            raise forms.ValidationError([in_words(problem) for problem in error.problems[:20]]) from error

    def clean_expects(self) -> dict[str, str]:
        found, wrong = {}, []
        for number, line in enumerate(self.cleaned_data["expects"].splitlines(), 1):
            if not line.strip():
                continue
            placement, _, rule = (part.strip() for part in line.partition("="))
            rule = "" if rule in {"", "fallback", FALLBACK} else rule
            if ("placement", placement) not in self.desk.bodies:
                wrong.append(f"Line {number}: there is no placement {placement[:80]}.")
            elif rule and self.desk.bodies.get(("rule", rule), {}).get("placement") != placement:
                wrong.append(f"Line {number}: {placement} has no rule {rule[:80]}.")
            found[placement] = rule
        if wrong:
            raise forms.ValidationError(wrong)
        return found


def _places(desk: Desk) -> Iterator[Place]:
    """Each placement with its rules and the fallback."""
    rules: dict[str, list[tuple[str, str]]] = {}
    for (kind, key), body in sorted(desk.bodies.items()):
        if kind == "rule":
            rules.setdefault(body.get("placement", ""), []).append((key, body.get("name") or key))
    for (kind, key), body in sorted(desk.bodies.items()):
        if kind == "placement":
            yield key, body.get("name") or key, [(FALLBACK, FALLBACK), *rules.get(key, ())]


class SampleUserAdmin(SaysConsequence, NamedList):
    form = SampleUserForm
    list_display = ("title", "facts_said", "expects_said", "workspace", "updated_by", "updated_at")
    list_filter = (WorkspaceFilter,)
    list_select_related = ("workspace",)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("key", "name")
    ordering = ("workspace__key", "key")
    actions = None
    change_list_template = "admin/signpost/trying/sample_list.html"
    change_form_template = "admin/signpost/trying/sample.html"

    @admin.display(description="who", ordering="key")
    def title(self, sample: SampleUser) -> str:
        return format_html('{}<span class="key">{}</span>', sample, sample.key)

    @admin.display(description="is known to have")
    def facts_said(self, sample: SampleUser) -> str:
        lines = (line.partition(" = ") for line in given.write(sample.facts).splitlines())
        said = [f"{name if name == 'tags' else words.spoken(name)}: {text}" for name, _, text in lines]
        more = [f"and {len(said) - SHOWN} more"] if len(said) > SHOWN else []
        return format_html_join("", '<span class="fact">{}</span>', ((one,) for one in [*said[:SHOWN], *more])) or words.NOTHING

    @admin.display(description="should get")
    def expects_said(self, sample: SampleUser) -> str:
        return "; ".join(f"{rule or FALLBACK} in {place}" for place, rule in sorted(sample.expects.items())) or words.NOTHING

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        workspace = obj.workspace if obj else chosen_workspace(request)
        return type("SampleUserForm", (self.form,), {"desk": Desk(workspace, request.user.pk), "Meta": self.form.Meta})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ("key", "name", "facts_said", "expects_said")
        return ("key", "name", "facts", "expects")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        return {"facts": request.GET.get("facts", "")}

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None) -> Any:
        workspace = chosen_workspace(request)
        if object_id is None and workspace is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            messages.warning(request, "Create a workspace first.")
            return HttpResponseRedirect(reverse("admin:index"))
        try:
            return super().changeform_view(request, object_id, form_url, {"workspace": workspace, **(extra_context or {})})
        except DocumentError as refused:
            tell(request, refused)
            return HttpResponseRedirect(request.get_full_path())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        desk = context["adminform"].form.desk
        context |= {"names": list(given.examples(Vocabulary.of(desk.struct))), "workspace": desk.workspace}
        if obj is None:
            context["title"] = f"A new sample user in {desk.workspace}"
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: SampleUser, form: Any, change: bool) -> None:
        saved = services.save_sample_user(
            obj.workspace.key,
            key=obj.key,
            name=obj.name,
            facts=form.cleaned_data["facts"],
            expects=form.cleaned_data["expects"],
            now=timezone.now(),
            actor=request.user,
        )
        obj.pk = saved.pk

    def consequence(self, request: HttpRequest, obj: SampleUser) -> str:
        said = "What is known of them goes for everybody who works here, and can't be brought back. Users see no difference."
        return f"{said} What they should get is not tried before publishing any more." if obj.expects else said

    def delete_model(self, request: HttpRequest, obj: SampleUser) -> None:
        services.delete_sample_user(obj.pk, now=timezone.now(), actor=request.user)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Sample users", "subtitle": None, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("workspace")


def chosen_workspace(request: HttpRequest) -> Workspace | None:
    """The one that the address names, the one in hand, or the first."""
    known = inhand.known(request)
    return inhand.for_new(request) or (known[0] if known else None)
