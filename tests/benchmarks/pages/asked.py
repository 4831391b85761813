"""The pages that are opened, with who opens them, and the questions that pages ask while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.pages.filling import WORKSPACE
from tests.benchmarks.pages.past import EDITED, VERSIONS

GOAL, TYPING, LATER = 1.0, 0.1, 2.0
"""Seconds: for a page, for type-ahead, and for what a page that is there already is told."""
CONDITIONS = (
    '{"all": [{"name": "tags", "operator": "contains", "value": "tag-0007"}, {"name": "traits.spent", "operator": "greater_than"}]}'
)
FACTS = "tags = tag-0007, tag-0014\ntraits.spent = 70\ncontext.device = phone"


@dataclass(frozen=True, slots=True)
class Asked:
    """`fields`: posted as a form; in the one that `typed` names, each question has something more than the one before.

    `of`: the page that asks, which is therefore opened before.
    """

    address: str
    goal: float = GOAL
    who: str = "author"
    fields: Mapping[str, str] = field(default_factory=dict)
    typed: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    of: str = ""


def pages() -> dict[str, Asked]:
    from rules.models import Release, Version, Workspace

    workspace = Workspace.objects.get(key=WORKSPACE).pk
    release = Release.objects.filter(workspace=workspace).latest("number").pk
    version = Version.objects.filter(item__workspace=workspace).latest("pk").pk
    addresses = {
        "Today": "/admin/",
        "list: rules, as a tree": f"/admin/rules/rule/?workspace={WORKSPACE}",
        "list: rules of one placement": f"/admin/rules/rule/?workspace={WORKSPACE}&placement=home-hero",
        "list: rules, searched": f"/admin/rules/rule/?workspace={WORKSPACE}&q=phone",
        "list: rules, as a table": f"/admin/rules/rule/table/?workspace={WORKSPACE}",
        **{f"list: {name}s": f"/admin/rules/{name}/?workspace={WORKSPACE}" for name in LISTED},
        "list: tags, searched": f"/admin/rules/tag/?workspace={WORKSPACE}&q=thing+19",
        "list: drafts": "/admin/rules/draft/",
        "list: versions": "/admin/rules/version/",
        "list: releases": "/admin/rules/release/",
        "list: audit log": "/admin/rules/auditevent/",
        "editor: rule": _editor("rule", "rule-0300"),
        f"editor: rule of {VERSIONS} versions": _editor("rule", EDITED),
        "editor: new rule": f"/admin/rules/rule/add/?workspace={WORKSPACE}",
        "editor: template": _editor("template", "text-007"),
        "editor: new template": f"/admin/rules/template/add/?workspace={WORKSPACE}",
        "editor: tag": _editor("tag", "tag-0500"),
        "editor: segment": _editor("segment", "segment-3"),
        "editor: score": _editor("score", "score-1"),
        "editor: threshold": _editor("threshold", "limit-1"),
        "editor: placement": _editor("placement", "home-hero"),
        "a version": f"/admin/rules/version/{version}/change/",
        "a release": f"/admin/rules/release/{release}/change/",
        "compare two releases": f"/admin/rules/release/{release}/compare/",
        "what was live at a moment": f"/admin/rules/release/live-at/?workspace={workspace}&at={datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
        "conflicts": f"/admin/conflicts/{workspace}/",
        "conflicts, told later": f"/admin/conflicts/{workspace}/?found=1",
        "publish": f"/admin/rules/workspace/{workspace}/publish/",
        "publish, told later": f"/admin/rules/workspace/{workspace}/publish/?found=1",
        "playground": f"/admin/try/?workspace={WORKSPACE}",
        "results of a placement": _editor("placement", "home-hero").replace("rules/placement", "results").replace("change/", ""),
        "import and export": f"/admin/documents/{workspace}/",
    }
    found = {name: Asked(address, LATER if "found=1" in address else GOAL) for name, address in addresses.items()}
    return found | _of_an_auditor() | _while_typing()


LISTED = ("placement", "template", "tag", "segment", "score", "threshold")


def _of_an_auditor() -> dict[str, Asked]:
    from decisioning.models import DecisionRecord

    decided = DecisionRecord.objects.filter(workspace=WORKSPACE).latest("at")
    decisions = "/admin/decisioning/decisionrecord/"
    addresses = {
        "list: decisions": decisions,
        "list: decisions of a user": f"{decisions}?q={decided.user}",
        "list: decisions of a rule": f"{decisions}?workspace={WORKSPACE}&rule={decided.rule}",
        "a decision": f"{decisions}{decided.pk}/change/",
        "audit log, as an auditor": "/admin/rules/auditevent/",
        "history": "/admin/history/",
    }
    return {name: Asked(address, who="auditor") for name, address in addresses.items()}


def _while_typing() -> dict[str, Asked]:
    template = {"name": "Text 7", "key": "text-007", "body": "<p>{{ traits.spent }} {{ traits.plan }}</p>"}
    whole = f"?workspace={WORKSPACE}&content=html"
    tried = {"workspace": WORKSPACE, "placement": "home-hero", "version": "draft", "who": "facts", "facts": FACTS}
    conditions = {"conditions": CONDITIONS, "place": "rule"}
    rule, text, try_it = _editor("rule", "rule-0300"), _editor("template", "text-007"), f"/admin/try/?workspace={WORKSPACE}"
    part = {"X-Signpost-Part": "answer"}
    return {
        "type-ahead: names to choose from": Asked(f"/admin/builder/{WORKSPACE}/names/", TYPING, of=rule),
        "type-ahead: what conditions say and lack": Asked(f"/admin/builder/{WORKSPACE}/check/", TYPING, fields=conditions, of=rule),
        "typing: the playground's answer": Asked("/admin/try/", fields=tried, typed="user", headers=part, of=try_it),
        "typing: what a template lacks": Asked(f"/admin/rules/template/check/{whole}", fields=template, typed="body", of=text),
        "typing: a template's preview": Asked(f"/admin/rules/template/preview/{whole}", fields=template, typed="body", of=text),
    }


def _editor(kind: str, key: str) -> str:
    from rules.models import PROXIES, Item

    found: Any = Item.objects.get(workspace__key=WORKSPACE, kind=kind, key=key)
    return f"/admin/rules/{PROXIES[kind]._meta.model_name}/{found.pk}/change/"
