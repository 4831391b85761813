"""Every list there is: what it asks of the database does not grow with what is in it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rules import bodies, services
from rules.models import PROXIES, Workspace
from rules.selectors import Desk
from tests.rules.conftest import NOW

MORE = 4
GROW = {*PROXIES.values(), Workspace, User, Group}
"""Lists with more in them than before; those of history and drafts are among the others, for they are named by no kind."""


def test_every_list_takes_as_many_queries_for_many_rows_as_for_few(pages, anna):
    many(anna, 1)
    looked(pages)  # what Django keeps of permissions and content types is read once
    few = looked(pages)
    many(anna, MORE)
    after = looked(pages)

    assert {name: queries for name, (queries, _) in after.items()} == {name: queries for name, (queries, _) in few.items()}
    assert not [name for name in few if name in {model.__name__ for model in GROW} and after[name][1] <= few[name][1]]
    assert {name for name in few if after[name][1] > few[name][1]} >= {"Draft", "Version", "Release", "AuditEvent", "ApiKey"}


def looked(pages: Any) -> dict[str, tuple[int, int]]:
    """By list, how many queries it took and how many rows it has."""
    found = {}
    for model in site._registry:
        there = "rules_rule_table" if model is PROXIES["rule"] else f"{model._meta.app_label}_{model._meta.model_name}_changelist"
        with CaptureQueriesContext(connection) as asked:
            page = pages.get(reverse(f"admin:{there}"))
        assert page.status_code == 200, there
        found[model.__name__] = len(asked), page.context["cl"].result_count
    return found


def many(author: Any, count: int) -> None:
    """More of every kind, live and as drafts, with what there is beside them."""
    made = Workspace.objects.count()
    desk = Desk(Workspace.objects.get(key="shop"), author.pk)
    first = {kind: next((body for (one, _), body in desk.bodies.items() if one == kind), None) for kind in bodies.KINDS}
    for number in range(count):
        for kind, body in first.items():
            key = f"more-{made}-{number}"
            body = {"event": key, "schema": {}} if kind == "event" else SMALL.get(kind, body)
            services.save_draft("shop", kind=kind, key=key, body=body, author=author, now=NOW)
        services.create_workspace(f"other-{made}-{number}", actor=author, now=NOW)
        services.issue_key("shop", kind="secret", label=f"key {number}", now=NOW)
        User.objects.create(username=f"person-{made}-{number}")
        Group.objects.create(name=f"group {made} {number}")
    services.publish("shop", actor=author, reason="more", now=NOW)
    for number in range(count):
        services.save_draft("shop", kind="threshold", key=f"waits-{made}-{number}", body={"value": 1}, author=author, now=NOW)


SMALL: dict[str, dict[str, Any]] = {
    "purpose": {},
    "trait": {"type": "number"},
    "context": {"type": "number"},
    "signal": {"event": "Done"},
    "tag": {},
    "threshold": {"value": 2},
}
