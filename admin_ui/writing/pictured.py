"""Pages with a picture that follows what is typed: scores, thresholds and tags."""

from __future__ import annotations

import re
import time
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.http import urlencode

from admin_ui.findings import in_words
from admin_ui.items.pages import ItemAdmin
from admin_ui.writing.typed import typed_body
from decisioning import estimating, profiles
from decisioning.tagging import UserState
from rules import bodies, selectors, words
from rules.bodies import Body
from rules.engine import DocumentError, Problem
from rules.models import Workspace
from rules.selectors import Desk


class PicturedAdmin(ItemAdmin):
    change_form_template = "admin/signpost/writing/pictured.html"
    picture_template: ClassVar[str]
    sliders: ClassVar[bool] = True
    """Whether its numbers have sliders to ask "what if" with."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.picture_view)
        return [path("picture/", view, name=f"rules_{self.opts.model_name}_picture"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        desk: Desk = context["adminform"].form.desk
        self.prepare(context["adminform"].form, desk)
        key = obj.key if obj is not None else ""
        body = typed_body(request, self.form.leaves) if request.method == "POST" else desk.bodies.get((self.kind, key)) or {}
        address = reverse(f"admin:rules_{self.opts.model_name}_picture")
        context |= {
            "sliders": self.sliders,
            "picture": self.drawn(desk, key, body),
            "picture_url": f"{address}?{urlencode({'workspace': desk.workspace.key, 'key': key})}",
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def picture_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        desk = selectors.kept_desk(get_object_or_404(Workspace, key=request.GET.get("workspace", "")[:100]), request.user.pk)
        return HttpResponse(self.drawn(desk, request.GET.get("key", "")[:100], typed_body(request, self.form.leaves)))

    def drawn(self, desk: Desk, key: str, body: Body) -> str:
        """The picture as HTML, or in words why there is none."""
        try:
            parsed = bodies.parse(self.kind, key or "new", body)
        except DocumentError as refused:
            return render_to_string(self.picture_template, {"why": _lacking(self.kind, refused.problems[0])})
        states: list[UserState] = []
        why = who = ""
        try:
            sample = estimating.samples.of(desk.workspace.key, now=time.time())
            states, who = [state for _, state in sample.users], _said(sample)
        except profiles.Unavailable:
            why = "What is known of users can't be read just now, so nothing is drawn of them."
        return render_to_string(
            self.picture_template, {"why": why, "users": len(states), "who": who, **self.picture(desk, parsed, body, states)}
        )

    def prepare(self, form: Any, desk: Desk) -> None:
        """Sets what may be chosen in the form's rows."""

    def picture(self, desk: Desk, parsed: Any, body: Body, states: list[UserState]) -> dict[str, Any]:
        raise NotImplementedError  # each kind draws its own


def _lacking(kind: str, problem: Problem) -> str:
    """Why there is no picture yet: what is not filled in, by its label, or what to write instead."""
    missing = re.match(r"'(\w+)' is missing", problem.message) if problem.path == "$" else None
    if missing:
        return f"There is a picture once “{words.label(missing[1], kind)}” is filled in."
    return f"There is a picture once this is put right: {in_words(problem)}"


def _said(sample: estimating.Sample) -> str:
    """Whom a picture is of, and how far off their shares may be."""
    count = len(sample.users)
    if sample.all:
        return f"all {count} users"
    low, high = estimating.wilson(count // 2, count)
    return f"{count} users drawn at random (shares are off by {50 * (high - low):.0f} points at most, with 95 %)"
