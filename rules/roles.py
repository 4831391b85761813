"""Roles: which group may do what. The groups are made, and kept as this table says, after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from rules.models import PROXIES

KINDS = tuple(proxy.__name__.lower() for proxy in PROXIES.values())


def _of(actions: str, *models: str, app: str = "rules") -> set[str]:
    return {f"{app}.{action}_{model}" for action in actions.split() for model in models}


READS = _of(
    "view", *KINDS, "workspace", "draft", "version", "approval", "release", "releasechange", "emergencyreview", "auditevent", "sampleuser"
)
"""What whoever takes part may look at: all that is authored, and its history. Neither keys nor accounts, nor what is known of users."""

TRIES = {"rules.view_real_user"}
"""Trying rules as a real user. Personal traits are hidden from who may not read decisions."""

ROLES: dict[str, set[str]] = {
    "Author": READS | TRIES | _of("add change delete", *KINDS, "sampleuser") | {"rules.submit_draft"},
    "Reviewer": READS | TRIES | {"rules.approve_version"},
    "Publisher": READS | TRIES | {"rules.publish_workspace"},
    "Auditor": READS
    | TRIES
    | _of("view", "apikey", "item")
    | _of("view", "decisionrecord", "consentrecord", "erasurejob", "erasurerecord", app="decisioning")
    | _of("view", "user", "group", app="auth")
    | {"rules.export_history"},
    "Administrator": READS
    | _of("add change", "workspace")
    | _of("view add change", "apikey")
    | {"rules.delete_draft"}
    | _of("view add change delete", "user", "group", app="auth"),
}
"""`rules.emergency_publish` is in none of them: it is given to a person, on purpose, and taken away again."""


def keep_roles(apps: Any = installed, using: str = "default", **_: Any) -> None:
    """Receiver of post_migrate: every role's group has exactly its permissions. A group of another name is nobody's business here."""
    try:
        apps.get_model("auth", "Group")
    except LookupError:  # this application alone was migrated, on an empty database
        return
    for label in ("auth", "rules", "decisioning"):  # post_migrate comes to this application before it comes to the next ones
        create_permissions(installed.get_app_config(label), verbosity=0, using=using)
    known = {
        f"{label}.{codename}": pk
        for pk, label, codename in Permission.objects.using(using).values_list("pk", "content_type__app_label", "codename")
    }
    for name, permissions in ROLES.items():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[permission] for permission in permissions])
