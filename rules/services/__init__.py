"""The only writers of what is authored. Times and people are arguments; what is refused is a DocumentError with every problem."""

from rules.services.documents import LoadReport, load_document
from rules.services.drafts import discard_draft, rebase_draft, save_draft
from rules.services.emergencies import review_emergency
from rules.services.keys import issue_key, revoke_key
from rules.services.people import COMMAND_LINE, Person, person
from rules.services.releases import publish, roll_back
from rules.services.tables import load_table
from rules.services.versions import approve, submit
from rules.services.workspaces import change_workspace, create_workspace

__all__ = [
    "COMMAND_LINE",
    "LoadReport",
    "Person",
    "approve",
    "change_workspace",
    "create_workspace",
    "discard_draft",
    "issue_key",
    "load_document",
    "load_table",
    "person",
    "publish",
    "rebase_draft",
    "review_emergency",
    "revoke_key",
    "roll_back",
    "save_draft",
    "submit",
]
