"""The only readers of what is authored: working copies, what is live, what waits, and history."""

from rules.selectors.conflicts import Conflict, conflicts, merged
from rules.selectors.desk import Desk, Finding
from rules.selectors.lists import STATES, Overview, overview, with_live_number, with_state
from rules.selectors.releases import (
    Entry,
    approved_ids,
    approved_pending,
    candidates,
    history,
    live_release,
    manifest_versions,
    newest_release,
    proposal,
    unapproved_hands,
    unreviewed_emergencies,
)
from rules.selectors.review import MEANINGS, RELEASE_STATES, VERSION_STATES, with_release_state, with_review_state
from rules.selectors.tables import no_placement, placement_table
from rules.selectors.things import NEW, Thing, same, thing, things, working_bodies, working_document

__all__ = [
    "MEANINGS",
    "NEW",
    "RELEASE_STATES",
    "STATES",
    "VERSION_STATES",
    "Conflict",
    "Desk",
    "Entry",
    "Finding",
    "Overview",
    "Thing",
    "approved_ids",
    "approved_pending",
    "candidates",
    "conflicts",
    "history",
    "live_release",
    "manifest_versions",
    "merged",
    "newest_release",
    "no_placement",
    "overview",
    "placement_table",
    "proposal",
    "same",
    "thing",
    "things",
    "unapproved_hands",
    "unreviewed_emergencies",
    "with_live_number",
    "with_release_state",
    "with_review_state",
    "with_state",
    "working_bodies",
    "working_document",
]
