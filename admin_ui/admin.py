"""Which page shows which model."""

from django.contrib import admin
from django.contrib.auth.models import Group, User

from admin_ui.access import ApiKeyAdmin, WorkspaceAdmin
from admin_ui.accounts import AccountAdmin, RoleAdmin
from admin_ui.audit import AuditEventAdmin
from admin_ui.conditions import ConditionsAdmin
from admin_ui.decisions import DecisionAdmin
from admin_ui.drafts import DraftAdmin
from admin_ui.events import EventSchemaAdmin
from admin_ui.history import ApprovalAdmin, VersionAdmin
from admin_ui.items.pages import ItemAdmin
from admin_ui.placements import PlacementAdmin
from admin_ui.releases import EmergencyReviewAdmin, ReleaseAdmin
from admin_ui.rule_tree import RuleAdmin
from admin_ui.trying.samples import SampleUserAdmin
from admin_ui.writing.scores import ScoreAdmin
from admin_ui.writing.tags import TagAdmin
from admin_ui.writing.templates import TemplateAdmin
from admin_ui.writing.thresholds import ThresholdAdmin
from decisioning.models import DecisionRecord
from rules.models import (
    PROXIES,
    ApiKey,
    Approval,
    AuditEvent,
    Draft,
    EmergencyReview,
    EventSchema,
    Placement,
    Release,
    Rule,
    SampleUser,
    Score,
    Segment,
    Tag,
    Template,
    Threshold,
    Version,
    Workspace,
)

OWN = {
    Placement: PlacementAdmin,
    Rule: RuleAdmin,
    Segment: ConditionsAdmin,
    EventSchema: EventSchemaAdmin,
    Template: TemplateAdmin,
    Score: ScoreAdmin,
    Threshold: ThresholdAdmin,
    Tag: TagAdmin,
}

for proxy in PROXIES.values():
    admin.site.register(proxy, OWN.get(proxy, ItemAdmin))
admin.site.register(Draft, DraftAdmin)
admin.site.register(Version, VersionAdmin)
admin.site.register(Approval, ApprovalAdmin)
admin.site.register(Release, ReleaseAdmin)
admin.site.register(AuditEvent, AuditEventAdmin)
admin.site.register(EmergencyReview, EmergencyReviewAdmin)
admin.site.register(Workspace, WorkspaceAdmin)
admin.site.register(ApiKey, ApiKeyAdmin)
admin.site.register(SampleUser, SampleUserAdmin)
admin.site.register(DecisionRecord, DecisionAdmin)

admin.site.unregister(User)  # Django's own page of it would let an administrator make superusers
admin.site.register(User, AccountAdmin)
admin.site.unregister(Group)
admin.site.register(Group, RoleAdmin)
