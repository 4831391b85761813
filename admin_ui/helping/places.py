"""Places that keys lead to. The page's list is made from these, and its script reads the keys from that list."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse


class Place(NamedTuple):
    keys: str
    name: str
    page: str
    permission: str = ""
    within: bool = False
    """Whether its page can be of one workspace."""


PLACES = (
    Place("g o", "Today", "admin:index"),
    Place("g r", "Rules", "admin:rules_rule_changelist", "rules.view_rule", within=True),
    Place("g t", "Templates", "admin:rules_template_changelist", "rules.view_template", within=True),
    Place("g s", "Segments", "admin:rules_segment_changelist", "rules.view_segment", within=True),
    Place("g p", "Playground: try as a user", "admin:try", "rules.view_sampleuser", within=True),
    Place("g f", "Drafts", "admin:rules_draft_changelist", "rules.view_draft"),
    Place("g v", "Versions", "admin:rules_version_changelist", "rules.view_version"),
    Place("g l", "Releases: what is live", "admin:rules_release_changelist", "rules.view_release"),
    Place("g d", "Decisions", "admin:decisioning_decisionrecord_changelist", "decisioning.view_decisionrecord"),
    Place("g h", "Help: the marketer's guide", "admin:guide"),
    Place("g a", "Audit log", "admin:rules_auditevent_changelist", "rules.view_auditevent"),
)


def places(user: Any, workspace: str = "") -> list[dict[str, str]]:
    """Those the user may open. `workspace`: the key of the one the page is about, which they stay in."""
    return [
        {"keys": place.keys, "name": place.name, "address": _address(place, workspace)}
        for place in PLACES
        if not place.permission or user.has_perm(place.permission)
    ]


def _address(place: Place, workspace: str) -> str:
    return reverse(place.page) + (f"?{urlencode({'workspace': workspace})}" if place.within and workspace else "")
