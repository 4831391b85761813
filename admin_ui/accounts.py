"""Accounts: Django's own pages, where nobody gives away more than a role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse

from admin_ui.sure import SaysConsequence
from rules.models import Draft
from rules.roles import ROLES

NAMED = 10
"""So many people are named whom the deletion of a group touches."""


class AccountAdmin(SaysConsequence, UserAdmin):
    """An administrator makes accounts and gives them roles. Only a superuser makes, or touches, a superuser."""

    list_display = ("username", "first_name", "last_name", "roles", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()  # its script labels what a screen reader may not be given
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Users", "subtitle": None, **(extra_context or {})})

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        found = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            found.widget = CheckboxSelectMultiple(choices=found.choices)
            found.label, found.help_text = "Roles", "Who has several may do what any of them may."
        else:
            found.widget.attrs["size"] = 12
        return found

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> HttpResponse:
        context |= {"title": str(obj) if obj else "Add an account", "subtitle": None}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def roles(self, user: Any) -> str:
        named = [group.name for group in user.groups.all()]
        return ", ".join(["superuser", *named] if user.is_superuser else named) or "none"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        kept = super().get_readonly_fields(request, obj)
        return kept if request.user.is_superuser else (*kept, "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Django's page of a password asks this too: whoever could set a superuser's would be one."""
        return super().has_change_permission(request, obj) and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._reaches(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without deleting several at once, which would ask nobody about the superusers among them."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def consequence(self, request: HttpRequest, obj: User) -> str:
        count = Draft.objects.filter(author_id=obj.pk).count()
        drafts = f" {count} draft{'' if count == 1 else 's'} of theirs stay{'s' if count == 1 else ''} under Drafts." if count else ""
        return (
            f"{obj.get_username()} is signed out and can't sign in any more; what they typed and did not save is gone.{drafts} "
            "What they wrote, reviewed and published stays in history under their name. "
            "The account can't be brought back: to keep it, untick Active in its form instead."
        )

    def _reaches(self, request: HttpRequest, obj: Any) -> bool:
        return request.user.is_superuser or obj is None or not obj.is_superuser


class RoleAdmin(SaysConsequence, GroupAdmin):
    """Groups: Signpost's roles, and an installation's own."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without deleting several at once, which would not say who loses what."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def consequence(self, request: HttpRequest, obj: Group) -> str:
        people = [user.get_username() for user in obj.user_set.order_by("username")[: NAMED + 1]]
        names = ", ".join(people[:NAMED]) + (" and others" if len(people) > NAMED else "")
        losing = f"{names} {'lose' if len(people) > 1 else 'loses'} at once what it lets them do." if people else "Nobody is in it."
        back = "It is there again after the next update, with nobody in it." if obj.name in ROLES else "It can't be brought back."
        return f"{losing} {back}"
