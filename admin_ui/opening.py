"""Pages of no model: what each asks of who opens it. The page refuses by it, and whatever leads there is offered by it."""

from __future__ import annotations

from typing import Any

from rules.models import PROXIES

READS = {
    "admin:access": ("auth.view_user", "auth.view_group"),
    "admin:calendar": tuple(f"rules.view_{model}" for model in ("workspace", "rule", "score", "draft", "version", "release")),
    "admin:conflicts": ("rules.view_workspace", "rules.view_rule", "rules.view_draft"),
    "admin:documents": tuple(f"rules.view_{proxy.__name__.lower()}" for proxy in PROXIES.values()),
    "admin:folders_of": ("rules.view_rule",),
    "admin:results": ("rules.view_rule", "rules.view_placement"),
    "admin:rules_release_live_at": ("rules.view_release", "rules.view_version"),
    "admin:rules_workspace_publish": ("rules.view_workspace", "rules.view_draft", "rules.view_version"),
    "admin:try": ("rules.view_rule", "rules.view_draft", "rules.view_sampleuser"),
    "admin:try_effect": ("rules.view_version", "rules.view_rule", "rules.view_sampleuser"),
    "admin:try_users": ("rules.view_rule", "rules.view_draft"),
}
"""By the name of its address, all the permissions it asks for."""


def may_open(user: Any, page: str) -> bool:
    """`user`: nobody, on a page of an error, is "" as templates say it."""
    return bool(user) and user.has_perms(READS[page])
