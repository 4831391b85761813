"""The template's page: its texts, what is wrong with them while they are written, and what they show to whom."""

from __future__ import annotations

import time
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_sameorigin

from admin_ui.items.pages import ItemAdmin
from admin_ui.links import item_address, name_of
from admin_ui.writing import names, preview, texts
from admin_ui.writing.parts import LOCALES, TEXTS
from admin_ui.writing.typed import typed_body
from rules import bodies, selectors
from rules.engine import DocumentError
from rules.models import SampleUser, Workspace
from rules.selectors import Desk

TRIED = "try."
"""What the fields of values to try with begin with."""


class TemplateAdmin(ItemAdmin):
    change_form_template = "admin/signpost/writing/template.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own = [
            path("check/", view(self.check_view), name="rules_template_check"),
            path("preview/", view(xframe_options_sameorigin(self.preview_view)), name="rules_template_preview"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        form = context["adminform"].form
        desk: Desk = form.desk
        used = used_by(desk, obj.key) if obj is not None else []
        offered = _offered(desk, used)
        form.fields["fields"].widget.rows = TEXTS.offering("key", offered)
        form.fields["locales"].widget.rows = LOCALES.offering("key", offered)
        body = (
            typed_body(request, self.form.leaves)
            if request.method == "POST"
            else (form.desk.bodies.get(("template", obj.key), {}) if obj else {})
        )
        question = urlencode({"workspace": desk.workspace.key, "content": _content(desk, used)})
        context |= {
            "groups": [(title, list(found)) for title, found in groupby(names.readable(desk.struct), key=lambda one: one.group)],
            "samples": SampleUser.objects.filter(workspace=desk.workspace),
            "languages": [*(body.get("locales") or {})] if isinstance(body.get("locales"), dict) else [],
            "used_by": used,
            "values": [(".".join(one), names.as_fact(one, desk.struct)) for one in texts.look(body, desk.struct).reads],
            "check_url": f"{reverse('admin:rules_template_check')}?{question}",
            "preview_url": f"{reverse('admin:rules_template_preview')}?{question}",
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """What is wrong and what may be missing, for the texts of a form that is not saved."""
        desk = self._desk(request)
        body = typed_body(request, self.form.leaves)
        looked = texts.look(body, desk.struct)
        person = self._person(request, desk, looked)
        return JsonResponse(
            {
                "problems": [_told(note) for note in looked.problems],
                "warnings": [_told(note) for note in looked.warnings],
                "missing": texts.missing(looked, person.data, body.get("engine") or "liquid"),
                "refused": dict(person.refused),
                "note": person.note,
                "reads": [".".join(one) for one in looked.reads],
                "languages": [*(body.get("locales") or {})] if isinstance(body.get("locales"), dict) else [],
            }
        )

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What it shows, as a document that can do nothing."""
        desk = self._desk(request)
        body = typed_body(request, self.form.leaves)
        person = self._person(request, desk, texts.look(body, desk.struct))
        try:
            template: Any = bodies.parse("template", "preview", body)
        except DocumentError as refused:
            shown: Any = refused.problems[0].message
        else:
            shown = preview.rendered(template, person.data, request.POST.get("try_locale") or None)
        response = HttpResponse(preview.page(shown, request.GET.get("content", "html")))
        response["Content-Security-Policy"] = preview.POLICY
        return response

    def _desk(self, request: HttpRequest) -> Desk:
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        return selectors.kept_desk(get_object_or_404(Workspace, key=request.GET.get("workspace", "")[:100]), request.user.pk)

    def _person(self, request: HttpRequest, desk: Desk, looked: texts.Looked) -> preview.Person:
        key = request.POST.get("try_sample", "")[:64]
        typed = {one: request.POST.get(TRIED + ".".join(one), "") for one in looked.reads}
        return preview.person(
            desk.workspace,
            desk.struct,
            reader_id=desk.author_id,
            sample=SampleUser.objects.filter(workspace=desk.workspace, key=key).first() if key else None,
            typed=typed,
            locale=request.POST.get("try_locale") or None,
            at=time.time(),
        )


def used_by(desk: Desk, key: str) -> list[dict[str, str]]:
    """The rules and fallbacks of a working copy that show a template, each with its page."""
    found = []
    for identity, body in sorted(desk.bodies.items()):
        kind, name = identity
        part = {"rule": "then", "placement": "fallback"}.get(kind)
        if part and (body.get(part) or {}).get("template") == key:
            placement = body["placement"] if kind == "rule" else name
            item = desk.things[identity].item
            found.append({"kind": kind, "words": name_of(item, body), "address": item_address(item), "placement": placement})
    return found


def _content(desk: Desk, used: list[dict[str, str]]) -> str:
    kinds = [(desk.bodies.get(("placement", one["placement"])) or {}).get("content", "html") for one in used]
    return kinds[0] if kinds else "html"


def _offered(desk: Desk, used: list[dict[str, str]]) -> list[str]:
    """The fields of the placements that show it; of one that nobody shows yet, of all of them."""
    placements = {one["placement"] for one in used} or {key for kind, key in desk.bodies if kind == "placement"}
    bodies_of = (desk.bodies.get(("placement", key)) or {} for key in sorted(placements))
    return list(dict.fromkeys(field for body in bodies_of for field in body.get("fields") or []))


def _told(note: texts.Note) -> dict[str, Any]:
    return {"path": note.path, "place": note.place, "line": note.line, "column": note.column, "words": note.words}
