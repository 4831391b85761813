"""Small forms: those that ask for a reason or a comment before an act, and those of workspaces and API keys."""

from __future__ import annotations

from typing import Any

from django import forms

from admin_ui.form.fields import LinesField
from rules import apikeys
from rules.engine import clock
from rules.models import ApiKey, Workspace


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=500, widget=forms.TextInput(attrs={"class": "vTextField"}), help_text="Kept for ever with what you do now."
    )


class PublishForm(ReasonForm):
    shown = forms.CharField(required=False)  # a page that does not say what it showed has shown nothing
    only_mine = forms.BooleanField(required=False, label="Only my drafts", help_text="Leave other people's drafts as they are.")
    effective_from = forms.DateTimeField(
        required=False,
        label="Live from (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: at once. Until then it can be withdrawn; nothing else can be published before it.",
    )


class RollBackForm(ReasonForm):
    emergency = forms.BooleanField(
        required=False,
        label="Emergency: go round four eyes",
    )


class DryRunForm(forms.Form):
    last = forms.IntegerField(min_value=1, max_value=100_000, label="How many of the newest decisions")


class ReviewForm(forms.Form):
    comment = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed to ask for changes. The author sees it.",
    )


class EmergencyReviewForm(forms.Form):
    comment = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="What you looked at, and what you found."
    )


class WorkspaceForm(forms.ModelForm):
    timezone = forms.ChoiceField(label="Time zone", initial="UTC", help_text=Workspace.timezone.field.help_text)

    class Meta:
        model = Workspace
        fields = ("key", "name", "timezone", "four_eyes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = [(name, name) for name in clock.zone_names()]


SCOPES_SAID = {
    "decide": "ask what a user should see",
    "events:write": "tell what users do",
    "users:read": "read what is known of a user",
    "privacy": "consent, export and erasure of a user",
    "status:read": "read how Signpost is doing",
    "history": "read releases and past decisions, and make them again",
}


class ApiKeyForm(forms.ModelForm):
    """Issues a key. What it may do depends on its kind, which `rules.services` checks."""

    scopes = forms.MultipleChoiceField(
        required=False,
        choices=[(scope, f"{scope}: {SCOPES_SAID[scope]}") for scope in apikeys.SCOPES["secret"]],
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all that this kind of key may do.",
    )
    origins = LinesField(
        required=False, help_text="For publishable keys, one to a line: https://shop.example, http://localhost:* or * for all."
    )
    expires_at = forms.DateTimeField(
        required=False,
        label="Expires at (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Empty: it works until it is revoked.",
    )

    class Meta:
        model = ApiKey
        fields = ("workspace", "kind", "label", "scopes", "origins", "expires_at")
