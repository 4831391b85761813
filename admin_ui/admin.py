"""Which page shows which model."""

from django.contrib import admin

from admin_ui.access import ApiKeyAdmin, WorkspaceAdmin
from admin_ui.audit import AuditEventAdmin
from admin_ui.conditions import ConditionsAdmin
from admin_ui.decisions import DecisionAdmin
from admin_ui.drafts import DraftAdmin
from admin_ui.events import EventSchemaAdmin
from admin_ui.history import ApprovalAdmin, ReleaseAdmin, VersionAdmin
from admin_ui.items import ItemAdmin
from admin_ui.placements import PlacementAdmin
from admin_ui.rule_tree import RuleAdmin
from decisioning.models import DecisionRecord
from rules.models import PROXIES, ApiKey, Approval, AuditEvent, Draft, EventSchema, Placement, Release, Rule, Segment, Version, Workspace

OWN = {Placement: PlacementAdmin, Rule: RuleAdmin, Segment: ConditionsAdmin, EventSchema: EventSchemaAdmin}

for proxy in PROXIES.values():
    admin.site.register(proxy, OWN.get(proxy, ItemAdmin))
admin.site.register(Draft, DraftAdmin)
admin.site.register(Version, VersionAdmin)
admin.site.register(Approval, ApprovalAdmin)
admin.site.register(Release, ReleaseAdmin)
admin.site.register(AuditEvent, AuditEventAdmin)
admin.site.register(Workspace, WorkspaceAdmin)
admin.site.register(ApiKey, ApiKeyAdmin)
admin.site.register(DecisionRecord, DecisionAdmin)
