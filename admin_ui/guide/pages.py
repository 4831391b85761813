"""The guide's pages: the guide itself and its recipes, for everybody who may sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from admin_ui.guide import markdown

DOCS = Path(settings.BASE_DIR) / "docs"
GUIDE, RECIPES = "marketer-guide.md", "recipes"
OF_PAGES = {
    "rule": "the-tree-of-rules",
    "template": "templates",
    "placement": "placements",
    "signal": "signals",
    "trait": "traits-and-context",
    "contextattribute": "traits-and-context",
    "tag": "tags",
    "score": "scores",
    "threshold": "thresholds",
    "segment": "segments",
    "eventschema": "event-schemas",
    "purpose": "purposes",
    "sampleuser": "try-it",
    "folder": "folders",
    "draft": "drafts",
    "version": "review",
    "approval": "review",
    "release": "going-live",
    "workspace": "going-live",
    "user": "who-may-do-what",
    "group": "who-may-do-what",
}
"""Where the guide speaks of a model's pages."""


def urls(site: AdminSite) -> list[Any]:
    def guide(request: HttpRequest, recipe: str = "") -> HttpResponse:
        source = DOCS / RECIPES / f"{recipe}.md" if recipe else DOCS / GUIDE
        if not source.is_file():
            raise Http404("The guide has no such recipe.")
        text = source.read_text()
        context = {"title": markdown.title(text), "recipe": recipe, "text": markdown.render(_without_title(text), _address)}
        return TemplateResponse(request, "admin/signpost/guide.html", {**site.each_context(request), **context})

    return [
        path("guide/", site.admin_view(guide), name="guide"),
        path("guide/<slug:recipe>/", site.admin_view(guide), name="guide_recipe"),
    ]


def help_address(model_name: str) -> str:
    """Where *Help* leads from a page of this model; "" for a page of none."""
    anchor = OF_PAGES.get(model_name)
    return reverse("admin:guide") + (f"#{markdown.PREFIX}{anchor}" if anchor else "")


def _without_title(text: str) -> str:
    return text.partition("\n")[2] if text.startswith("# ") else text


def _address(target: str) -> str | None:
    """Links between the guide's own files lead to their pages; what other documents hold is for developers, and not served."""
    file, hash_, anchor = target.partition("#")
    within = f"#{markdown.PREFIX}{anchor}" if hash_ else ""
    name = file.rpartition("/")[2]
    if not file:
        return within
    if name == GUIDE:
        return reverse("admin:guide") + within
    if name.endswith(".md") and (DOCS / RECIPES / name).is_file():
        return reverse("admin:guide_recipe", args=[name.removesuffix(".md")]) + within
    return target if target.startswith("https://") else None
