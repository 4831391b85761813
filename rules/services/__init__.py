"""The only writers of what is authored. Times and people are arguments; what is refused is a DocumentError with every problem."""

from rules.services.accounts import acting
from rules.services.acts import erased
from rules.services.arranging import (
    add_rule,
    copy_rules,
    move_rules,
    place_rules,
    remove_rules,
    removed_with,
    switch_rules,
)
from rules.services.audit import Act, note, note_all
from rules.services.autosaves import expire_typed, finish_typed, forget_typed, keep_typed
from rules.services.bulk import discard_drafts, remove_things
from rules.services.documents import LoadReport, load_document, take_in
from rules.services.drafts import discard_draft, rebase_draft, restore_version, save_draft
from rules.services.emergencies import review_emergency
from rules.services.filed import file_items
from rules.services.folders import make_folder, move_folder, order_folder, remove_folder
from rules.services.keys import issue_key, revoke_key
from rules.services.people import AN_API_KEY, COMMAND_LINE, Person, person
from rules.services.refused import keep_refusal, refused_act, tell_refusal, telling_refusals
from rules.services.releases import publish, roll_back
from rules.services.samples import delete_sample_user, save_sample_user
from rules.services.tables import load_table
from rules.services.undoing.steps import Done
from rules.services.undoing.undo import undo
from rules.services.versions import approve, submit
from rules.services.workspaces import change_workspace, create_workspace, find

__all__ = [
    "AN_API_KEY",
    "COMMAND_LINE",
    "Act",
    "Done",
    "LoadReport",
    "Person",
    "acting",
    "add_rule",
    "approve",
    "change_workspace",
    "copy_rules",
    "create_workspace",
    "delete_sample_user",
    "discard_draft",
    "discard_drafts",
    "erased",
    "expire_typed",
    "file_items",
    "find",
    "finish_typed",
    "forget_typed",
    "issue_key",
    "keep_refusal",
    "keep_typed",
    "load_document",
    "load_table",
    "make_folder",
    "move_folder",
    "move_rules",
    "note",
    "note_all",
    "order_folder",
    "person",
    "place_rules",
    "publish",
    "rebase_draft",
    "refused_act",
    "remove_folder",
    "remove_rules",
    "remove_things",
    "removed_with",
    "restore_version",
    "review_emergency",
    "revoke_key",
    "roll_back",
    "save_draft",
    "save_sample_user",
    "submit",
    "switch_rules",
    "take_in",
    "tell_refusal",
    "telling_refusals",
    "undo",
]
