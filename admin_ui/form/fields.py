"""Form fields generated from the structs of the workspace document: one for each leaf, nested objects opened up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django import forms
from msgspec import inspect

from admin_ui.builder.widget import ConditionsWidget
from admin_ui.inputs import LongSelect, TicksField, special
from admin_ui.jsontext import JsonField
from rules import bodies, words

REFERENCES = {"template": "template", "placement": "placement", "parent": "rule", "signal": "signal", "purpose": "purpose"}
"""Fields that hold another thing's key, and of which kind."""
APART = {"key", "version", "children", "rules"}
"""Held by the identity, by the bundle, or by things of their own."""
CONDITIONS = {"when": "user", "where": "event"}
"""Fields that hold conditions, and of what."""
LONG = 1000


class LinesField(forms.CharField):
    """A list of texts, one to a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def to_python(self, value: Any) -> list[str]:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a body: where it is, how it is typed in, and what is chosen from."""

    path: tuple[str, ...]
    field: forms.Field
    reference: str | None

    @property
    def name(self) -> str:
        return "__".join(self.path)

    def within(self, beginnings: Iterable[str]) -> bool:
        """Whether its path is one of these, or begins with one."""
        return any(f"{'.'.join(self.path)}.".startswith(f"{beginning}.") for beginning in beginnings)

    def read(self, body: Mapping[str, Any]) -> Any:
        value: Any = body
        for step in self.path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value

    def write(self, body: dict[str, Any], value: Any) -> None:
        """Leaves out what is empty: in a body, absent means the default."""
        if value is None or value in ("", [], {}):
            return
        for step in self.path[:-1]:
            body = body.setdefault(step, {})
        body[self.path[-1]] = value


def leaves(kind: str) -> tuple[Leaf, ...]:
    found = list(_leaves(kind, bodies.KINDS[kind].struct, ()))
    order = ["placement", "parent", "branch", "position", "name", "description", "enabled"]
    return tuple(sorted(found, key=lambda leaf: order.index(leaf.path[0]) if leaf.path[0] in order else len(order)))


def _leaves(kind: str, struct: type[msgspec.Struct], above: tuple[str, ...]) -> Iterator[Leaf]:
    for field in inspect.type_info(struct).fields:
        path = (*above, field.encode_name)
        shape, optional = _bare(field.type)
        if field.encode_name in APART and not above:
            continue
        if isinstance(shape, inspect.StructType):
            yield from _leaves(kind, shape.cls, path)
            continue
        reference, dotted = REFERENCES.get(field.encode_name), ".".join(path)
        required = field.required and not optional and not above
        made = special(kind, dotted, required=required) or _field(shape, field, dotted, required=required, choice=reference is not None)
        made.label, made.help_text = words.label(dotted, kind), words.help_text(kind, dotted)
        yield Leaf(path, made, reference)


def _bare(shape: inspect.Type) -> tuple[inspect.Type, bool]:
    """The type without its annotations and without `| None`."""
    optional = False
    while isinstance(shape, inspect.Metadata | inspect.UnionType):
        if isinstance(shape, inspect.Metadata):
            shape = shape.type
        else:
            optional = True
            shape = next(member for member in shape.types if not isinstance(member, inspect.NoneType))
    return shape, optional


def _field(shape: inspect.Type, field: inspect.Field, path: str, *, required: bool, choice: bool) -> forms.Field:
    default = None if field.default is msgspec.NODEFAULT else field.default
    match shape:
        case inspect.LiteralType(values=values):
            return forms.ChoiceField(choices=words.choices(path, values), initial=default, required=required)
        case inspect.BoolType():
            return forms.BooleanField(required=False, initial=default)
        case inspect.IntType(ge=least, le=most):
            return forms.IntegerField(required=required, initial=default, min_value=least, max_value=most)
        case inspect.FloatType(ge=least, le=most):
            return forms.FloatField(required=required, initial=default, min_value=least, max_value=most)
        case inspect.StrType() if choice:
            return forms.ChoiceField(required=required, widget=LongSelect)
        case inspect.StrType(max_length=most):
            long = most is not None and most >= LONG
            text = {"rows": 12} if long and most > 2 * LONG else {"rows": 1, "class": "grows"}
            widget = forms.Textarea(attrs=text) if long else forms.TextInput(attrs={"class": "vTextField"})
            return forms.CharField(required=required, max_length=most, strip=not long, widget=widget)
        case inspect.ListType(item_type=inspect.LiteralType(values=values)):
            return TicksField(choices=words.choices(path, values), required=required)
        case inspect.ListType(item_type=item) if isinstance(_bare(item)[0], inspect.StrType):
            return LinesField(required=required)
        case inspect.DictType() if (scope := CONDITIONS.get(path.rpartition(".")[2])) is not None:
            return JsonField(required=required, widget=ConditionsWidget(scope, words.label(path)))
        case _:
            return JsonField(required=required)
