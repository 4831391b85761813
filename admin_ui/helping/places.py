"""Places that keys lead to. The page's list is made from these, and its script reads the keys from that list."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from admin_ui.opening import READS


class Place(NamedTuple):
    keys: str
    name: str
    page: str
    permission: str = ""
    """Of the page of a model; what others ask for stands in `opening.READS`."""
    within: bool = False
    """Whether its page can be of one workspace."""
    only_within: bool = False
    """Whether its page is of one workspace always, so that nothing leads there from a page that is of none."""

    @property
    def reads(self) -> tuple[str, ...]:
        return READS.get(self.page, (self.permission,) if self.permission else ())


PLACES = (
    Place("g o", "Today", "admin:index"),
    Place("g r", "Rules", "admin:rules_rule_changelist", "rules.view_rule", within=True),
    Place("g t", "Templates", "admin:rules_template_changelist", "rules.view_template", within=True),
    Place("g c", "Placements", "admin:rules_placement_changelist", "rules.view_placement", within=True),
    Place("g g", "Tags", "admin:rules_tag_changelist", "rules.view_tag", within=True),
    Place("g e", "Thresholds", "admin:rules_threshold_changelist", "rules.view_threshold", within=True),
    Place("g i", "Signals", "admin:rules_signal_changelist", "rules.view_signal", within=True),
    Place("g s", "Segments", "admin:rules_segment_changelist", "rules.view_segment", within=True),
    Place("g p", "Playground: try as a user", "admin:try", within=True),
    Place("g u", "What waits, and publishing", "admin:rules_workspace_publish", only_within=True),
    Place("g f", "Drafts", "admin:rules_draft_changelist", "rules.view_draft"),
    Place("g v", "Versions", "admin:rules_version_changelist", "rules.view_version"),
    Place("g l", "Releases: what is live", "admin:rules_release_changelist", "rules.view_release"),
    Place("g m", "Calendar: the month", "admin:calendar", within=True),
    Place("g d", "Decisions", "admin:decisioning_decisionrecord_changelist", "decisioning.view_decisionrecord"),
    Place("g h", "Help: the marketer's guide", "admin:guide"),
    Place("g a", "Audit log", "admin:rules_auditevent_changelist", "rules.view_auditevent"),
    Place("g w", "Workspaces", "admin:rules_workspace_changelist", "rules.view_workspace"),
    Place("g k", "API keys", "admin:rules_apikey_changelist", "rules.view_apikey"),
)


def places(user: Any, workspace: str = "", workspace_id: int | None = None) -> list[dict[str, str]]:
    """Those the user may open. `workspace`, `workspace_id`: the key and number of the one the page is about, which they stay in."""
    return [
        {"keys": place.keys, "name": place.name, "address": _address(place, workspace, workspace_id)}
        for place in PLACES
        if user.has_perms(READS.get(place.page, (place.permission,) if place.permission else ()))
        and (workspace_id or not place.only_within)
    ]


def _address(place: Place, workspace: str, workspace_id: int | None) -> str:
    if place.only_within:
        return reverse(place.page, args=[workspace_id])
    return reverse(place.page) + (f"?{urlencode({'workspace': workspace})}" if place.within and workspace else "")
