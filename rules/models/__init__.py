"""What is authored, as tables: identities, drafts, and insert-only history."""

from rules.models.audit import AuditEvent
from rules.models.autosaves import Autosave
from rules.models.drafts import Draft
from rules.models.folders import Filed, Folder
from rules.models.history import Approval, EmergencyReview, Release, ReleaseChange, Version
from rules.models.items import (
    PROXIES,
    ContextAttribute,
    EventSchema,
    Item,
    Placement,
    Purpose,
    Rule,
    Score,
    Segment,
    Signal,
    Tag,
    Template,
    Threshold,
    Trait,
)
from rules.models.keys import ApiKey
from rules.models.samples import SampleUser
from rules.models.workspaces import Workspace

__all__ = [
    "PROXIES",
    "ApiKey",
    "Approval",
    "AuditEvent",
    "Autosave",
    "ContextAttribute",
    "Draft",
    "EmergencyReview",
    "EventSchema",
    "Filed",
    "Folder",
    "Item",
    "Placement",
    "Purpose",
    "Release",
    "ReleaseChange",
    "Rule",
    "SampleUser",
    "Score",
    "Segment",
    "Signal",
    "Tag",
    "Template",
    "Threshold",
    "Trait",
    "Version",
    "Workspace",
]
