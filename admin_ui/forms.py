"""Forms: one for each kind of authored thing, made from its struct, and small ones that ask for a reason."""

from __future__ import annotations

import copy
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from msgspec import inspect

from admin_ui.builder.widget import ConditionsWidget
from admin_ui.fields import Leaf, LinesField, leaves
from admin_ui.jsontext import JsonField
from admin_ui.writing.offers import offer
from admin_ui.writing.rows import RowsWidget
from admin_ui.writing.steps import PartsWidget
from rules import apikeys, arranging, bodies, selectors
from rules.bodies import Body, Identity
from rules.engine import DocumentError, Problem
from rules.models import PROXIES, ApiKey, Workspace
from rules.selectors import Desk, Finding

EXPECTED = re.compile(r"expected (?:(float|int)|(str))(?: (>=|<=|>|<) (\S+?))?(?:, got \w+)?")
"""What the engine's types say of a number or a text that is none, or is too large or too small."""
BOUNDS = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below"}


def in_words(problem: Problem) -> str:
    if "matching regex" in problem.message and problem.fix:  # what to write says it; the pattern is for machines
        return problem.fix
    if expected := EXPECTED.fullmatch(problem.message):
        number, _, bound, value = expected.groups()
        if bound:
            return f"Write a number {BOUNDS[bound]} {value.removesuffix('.0')}."
        return f"Write a number, {'such as 0.5, with a dot' if number == 'float' else 'without a fraction'}." if number else "Write a text."
    return f"{capfirst(problem.message).rstrip('.')}. {problem.fix}".strip()


def shown_body(desk: Desk, kind: str, key: str) -> Body | None:
    """What a form shows: the author's working copy; where their draft removes the thing, what it says until then."""
    return desk.bodies.get((kind, key)) or desk.things[kind, key].base_body


class ItemForm(forms.ModelForm):
    """Edits the body of one item as its author's draft. `desk` is set on the class made for a request."""

    kind: ClassVar[str]
    leaves: ClassVar[tuple[Leaf, ...]]
    desk: ClassVar[Desk]
    typed: ClassVar[QueryDict | None] = None
    """What was typed before and not saved, to be shown in place of what is saved."""
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.typed is not None and not args:
            kwargs["data"] = self.typed
        super().__init__(*args, **kwargs)
        self.body: dict[str, Any] = {}
        self.behind = False
        self.unfinished: list[Finding] = []
        self.elsewhere: list[Finding] = []
        self.worth_a_look: list[Finding] = []
        self.noted: list[dict[str, str]] = []
        self.later = False
        self.expected = selectors.NEW
        if self.instance.pk is None:
            self.instance.workspace, self.instance.kind = self.desk.workspace, self.kind
            if self.kind == "rule":
                self.fields["position"].initial = None
        else:
            del self.fields["key"]
            self._fill(self.instance.key)
        for leaf in self.leaves:
            if leaf.reference:
                self.fields[leaf.name].choices = self._choices(leaf)
            if isinstance(widget := self.fields[leaf.name].widget, ConditionsWidget | PartsWidget):
                widget.of(self.desk.workspace.key, self.kind, self.instance.key)
        offer(self, self.desk.bodies)

    def _fill(self, key: str) -> None:
        thing = self.desk.things[self.kind, key]
        body = shown_body(self.desk, self.kind, key)
        self.initial["token"] = thing.token(self.desk.author_id)
        for leaf in self.leaves:
            value = leaf.read(body or {})
            self.initial[leaf.name] = leaf.field.initial if value is None else value
            if isinstance(leaf.field, JsonField):
                lines = bodies.pretty(value).count("\n") + 2 if value else 3
                self.fields[leaf.name].widget.attrs["rows"] = min(lines, 30)
        now = timezone.now().timestamp()
        if self.is_bound or body is None:
            return
        self.later = self.desk.waits(now)
        for found in [] if self.later else self.desk.found(now):
            if found.identity == (self.kind, key):
                self._note(found)

    def _note(self, found: Finding) -> None:
        """Shows what was found in the saved draft beside its field, without making an error of it."""
        name = self._field_of(found.path) or self.leaves[0].name
        advised = selectors.is_advice(found)
        tone, words = ("advice", f"Worth a look: {self._said(found)}") if advised else ("problem", self._said(found))
        self.noted.append({"field": name, "tone": tone, "words": words})
        field = self.fields[name]
        field.help_text = format_html('<span class="{}">{}</span>{}', tone, words, field.help_text)

    def _worth_a_look(self, change: Mapping[Identity, Body | None] | None = None) -> list[Finding]:
        return self.desk.advice(timezone.now().timestamp(), change)

    def _choices(self, leaf: Leaf) -> list[Any]:
        known = {key: body for (kind, key), body in sorted(self.desk.bodies.items()) if kind == leaf.reference}
        known.pop(self.instance.key if leaf.reference == self.kind else "", None)
        named = [(key, f"{body['name']} ({key})" if body.get("name") else key) for key, body in known.items()]
        now = self.initial.get(leaf.name)
        if now and now not in known:
            named.append((now, f"{now} (is not there)"))
        return [("", "—"), *named]

    def says(self, name: str) -> bool:
        """Whether a field holds something else than what stands in it by itself."""
        if name not in self.fields:
            return False
        value, usual = self[name].value(), self.fields[name].initial
        return any(value) if isinstance(value, list) else str(value if value is not None else "") not in {"", str(usual)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        key = cleaned.get("key") or self.instance.key
        self.instance.key = key  # also beside errors elsewhere: Django checks the instance next, and would miss it
        if self.errors or not key:
            return cleaned
        thing = self.desk.things.get((self.kind, key))
        self.expected = thing.token(self.desk.author_id) if thing else selectors.NEW
        if self.instance.pk is None and (self.kind, key) in self.desk.bodies:
            self.add_error("key", f"There is already a {self.kind} of this key.")
        elif self.instance.pk is not None and cleaned["token"] != self.expected:
            # Where only the version moved on, the draft stays on the one it was begun from, and the page shows both sides.
            self.behind = thing.goes_on(self.desk.author_id, cleaned["token"])
            if not self.behind:
                raise ValidationError(
                    "This was changed meanwhile, in another window or by somebody else. Open it again: what you typed is offered there."
                )
            self.expected = cleaned["token"]
        if self.kind == "rule" and self.instance.pk is None and cleaned.get("position") is None:
            cleaned["position"] = self._last(cleaned)
        for leaf in self.leaves:
            leaf.write(self.body, cleaned.get(leaf.name))
        try:
            self.body = bodies.normal(self.kind, key, self.body)
        except DocumentError as refused:
            for problem in refused.problems:
                self._refuse(Finding((self.kind, key), problem.path, problem))
            return cleaned
        findings = self.desk.findings({(self.kind, key): self.body})
        for found in findings:
            if found.identity == (self.kind, key):
                self.unfinished.append(found) if found.unfinished else self._refuse(found)
        self.elsewhere = self.desk.caused({(self.kind, key): self.body})
        if not findings and not self.desk.large:  # of a large workspace the next page tells it, a moment after it is shown
            # That nobody uses it yet is no news of something that was just written.
            own = (found for found in self._worth_a_look({(self.kind, key): self.body}) if found.identity == (self.kind, key))
            self.worth_a_look = [found for found in own if not found.problem.code.startswith("unused_")]
        return cleaned

    def _last(self, cleaned: dict[str, Any]) -> int:
        rules = {key: body for (kind, key), body in self.desk.bodies.items() if kind == "rule"}
        return arranging.after_all(rules, cleaned.get("placement") or "", cleaned.get("parent") or None)

    def _refuse(self, found: Finding) -> None:
        self.add_error(self._field_of(found.path), self._said(found))

    def _said(self, found: Finding) -> str:
        """The problem with its place inside a field that holds several values."""
        inside = re.search(r"\[.*", found.path)
        field = self.fields.get(self._field_of(found.path) or "")
        if inside and field is not None and isinstance(field.widget, RowsWidget):
            return f"{field.widget.place(found.path.removeprefix('$.'))}: {in_words(found.problem)}"
        return f"{found.path.removeprefix('$.')}: {in_words(found.problem)}" if inside else in_words(found.problem)

    def _field_of(self, path: str) -> str | None:
        """The field a path within the body points at: the deepest one on its way, or the first one beneath it."""
        steps = tuple(re.findall(r"\.([A-Za-z_][\w-]*)", path))
        on_way = [leaf for leaf in self.leaves if steps[: len(leaf.path)] == leaf.path]
        beneath = [leaf for leaf in self.leaves if steps and leaf.path[: len(steps)] == steps]
        if "key" in self.fields and steps == ("key",):
            return "key"
        return next((leaf.name for leaf in [*on_way, *beneath]), None)


def item_form(kind: str) -> type[ItemForm]:
    """The form class of a kind."""
    found = leaves(kind)
    fields = {leaf.name: copy.deepcopy(leaf.field) for leaf in found}
    meta = type("Meta", (), {"model": PROXIES[kind], "fields": ()})
    return type(f"{kind.capitalize()}Form", (ItemForm,), {"kind": kind, "leaves": found, "key": _key_field(kind), **fields, "Meta": meta})


def _key_field(kind: str) -> forms.Field:
    info = next(field.type for field in inspect.type_info(bodies.KINDS[kind].struct).fields if field.name == "key")
    pattern = (info.type if isinstance(info, inspect.Metadata) else info).pattern
    allowed = "Letters, digits, dots, - and _" if "A-Z" in pattern else "Lower-case letters, digits, - and _"
    return forms.RegexField(
        f"{pattern.removesuffix('$')}\\Z",
        max_length=100,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=f"Never changes: apps, addresses and other things name it. {allowed}.",
        error_messages={"invalid": f"{allowed} only, and no dot or dash first."},
    )


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
        label="Emergency",
        help_text="Without the approvals that four eyes ask for. Somebody else has to review it afterwards.",
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
        self.fields["timezone"].choices = [(name, name) for name in sorted(zoneinfo.available_timezones())]


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
