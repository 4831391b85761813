"""The only readers of what is authored: working copies, what is live, what waits, and history."""

from rules.selectors.audit import audit_events, rights_changes
from rules.selectors.autosaves import TypedIn, typed_by, typed_in
from rules.selectors.chains import approval_rows, audit_rows, heads_now, heads_of, history_rows, release_rows, version_rows, workspaces
from rules.selectors.checked import Checked, Family, checked, is_advice
from rules.selectors.compare import Difference, release_differences
from rules.selectors.conditions import naming
from rules.selectors.conflicts import Conflict, conflicts, merged
from rules.selectors.desk import Desk, Finding
from rules.selectors.desks import desk_token, kept_desk
from rules.selectors.folders import Shelf, filed_at_all, filed_counts, filed_document, filed_in, paths_of, shelves, with_beneath
from rules.selectors.guards import kept_tables, unguarded
from rules.selectors.incoming import Arrival, Incoming, incoming
from rules.selectors.lists import STATES, Overview, overview, with_live_number, with_state
from rules.selectors.meanwhile import News, meanwhile
from rules.selectors.planned import Planned, planned, releases_within
from rules.selectors.releases import (
    Entry,
    approved_ids,
    approved_pending,
    candidate,
    candidates,
    effective_within,
    history,
    live_release,
    manifest_versions,
    newest_release,
    proposal,
    release_after,
    unapproved_back,
    unapproved_hands,
    unreviewed_emergencies,
)
from rules.selectors.review import MEANINGS, RELEASE_STATES, VERSION_STATES, with_release_state, with_review_state
from rules.selectors.tables import no_placement, placement_table
from rules.selectors.things import NEW, Thing, same, thing, things, working_bodies, working_document
from rules.selectors.today import Coming, asked_to_change, coming, drafts_of, waiting_for

__all__ = [
    "MEANINGS",
    "NEW",
    "RELEASE_STATES",
    "STATES",
    "VERSION_STATES",
    "Arrival",
    "Checked",
    "Coming",
    "Conflict",
    "Desk",
    "Difference",
    "Entry",
    "Family",
    "Finding",
    "Incoming",
    "News",
    "Overview",
    "Planned",
    "Shelf",
    "Thing",
    "TypedIn",
    "approval_rows",
    "approved_ids",
    "approved_pending",
    "asked_to_change",
    "audit_events",
    "audit_rows",
    "candidate",
    "candidates",
    "checked",
    "coming",
    "conflicts",
    "desk_token",
    "drafts_of",
    "effective_within",
    "filed_at_all",
    "filed_counts",
    "filed_document",
    "filed_in",
    "heads_now",
    "heads_of",
    "history",
    "history_rows",
    "incoming",
    "is_advice",
    "kept_desk",
    "kept_tables",
    "live_release",
    "manifest_versions",
    "meanwhile",
    "merged",
    "naming",
    "newest_release",
    "no_placement",
    "overview",
    "paths_of",
    "placement_table",
    "planned",
    "proposal",
    "release_after",
    "release_differences",
    "release_rows",
    "releases_within",
    "rights_changes",
    "same",
    "shelves",
    "thing",
    "things",
    "typed_by",
    "typed_in",
    "unapproved_back",
    "unapproved_hands",
    "unguarded",
    "unreviewed_emergencies",
    "version_rows",
    "waiting_for",
    "with_beneath",
    "with_live_number",
    "with_release_state",
    "with_review_state",
    "with_state",
    "working_bodies",
    "working_document",
    "workspaces",
]
