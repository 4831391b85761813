"""The only readers of what is authored: working copies, what is live, what waits, and history."""

from rules.selectors.audit import audit_events
from rules.selectors.compare import Difference, release_differences
from rules.selectors.desk import Desk, Finding
from rules.selectors.guards import kept_tables, unguarded
from rules.selectors.lists import STATES, Overview, overview, with_live_number, with_state
from rules.selectors.releases import (
    Entry,
    approved_ids,
    approved_pending,
    candidate,
    candidates,
    history,
    live_release,
    manifest_versions,
    newest_release,
    proposal,
)
from rules.selectors.tables import no_placement, placement_table
from rules.selectors.things import NEW, Thing, same, thing, things, working_bodies, working_document

__all__ = [
    "NEW",
    "STATES",
    "Desk",
    "Difference",
    "Entry",
    "Finding",
    "Overview",
    "Thing",
    "approved_ids",
    "approved_pending",
    "audit_events",
    "candidate",
    "candidates",
    "history",
    "kept_tables",
    "live_release",
    "manifest_versions",
    "newest_release",
    "no_placement",
    "overview",
    "placement_table",
    "proposal",
    "release_differences",
    "same",
    "thing",
    "things",
    "unguarded",
    "with_live_number",
    "with_state",
    "working_bodies",
    "working_document",
]
