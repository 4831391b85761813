"""One form for every kind of authored thing: it is filled from the author's working copy, and its class is made from the kind's struct."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils import timezone
from msgspec import inspect

from admin_ui.builder.widget import ConditionsWidget
from admin_ui.form.checking import CheckedForm
from admin_ui.form.fields import Leaf, leaves
from admin_ui.jsontext import JsonField
from admin_ui.writing.offers import offer
from admin_ui.writing.steps import PartsWidget
from rules import bodies
from rules.bodies import Body
from rules.models import PROXIES
from rules.selectors import Desk


def shown_body(desk: Desk, kind: str, key: str) -> Body | None:
    """What a form shows: the author's working copy; where their draft removes the thing, what it says until then."""
    return desk.bodies.get((kind, key)) or desk.things[kind, key].base_body


class ItemForm(CheckedForm):
    """Edits the body of one item as its author's draft. `desk` is set on the class made for a request."""

    typed: ClassVar[QueryDict | None] = None
    """What was typed before and not saved, to be shown in place of what is saved."""
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.typed is not None and not args:
            kwargs["data"] = self.typed
        super().__init__(*args, **kwargs)
        self.later = False
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
                self.note(found)

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
        help_text=f"Never changes. {allowed}.",
        error_messages={"invalid": f"{allowed} only, and no dot or dash first."},
    )
