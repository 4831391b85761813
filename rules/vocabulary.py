"""A workspace's vocabulary in the form business-rules publishes: typed variables, actions, and the operators of each type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from business_rules import export_rule_data
from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_SELECT
from business_rules.operators import BaseType, BooleanType, NumericType, SelectMultipleType, StringType
from business_rules.variables import BaseVariables, rule_variable

from rules.engine import Variable, Vocabulary
from rules.engine.aggregates import AGGREGATES
from rules.engine.operators import BY_TYPE
from rules.engine.values import TYPE_WORDS, Type
from rules.engine.workspace import Workspace

FIELD_TYPES: Mapping[Type, type[BaseType]] = {
    "number": NumericType,
    "text": StringType,
    "one_of": StringType,
    "datetime": StringType,
    "duration": NumericType,
    "objects": SelectMultipleType,
    "boolean": BooleanType,
    "many_of": SelectMultipleType,
}
WINDOWS = ("session", "1h", "1d", "7d", "today", "total")
"""Shown for every signal. Any other duration may be written as well: `counts.<signal>.<window>`."""


def names(workspace: Workspace) -> list[Variable]:
    """Every name that a rule's conditions may use, with its type; the counts in a few windows, each aggregate in its usual one."""
    vocabulary = Vocabulary.of(workspace)
    counts = [vocabulary.get(f"counts.{signal.key}.{window}") for signal in workspace.signals for window in WINDOWS]
    values = [vocabulary.get(f"values.{signal.key}.{word}.{one.usual}") for signal in workspace.signals for word, one in AGGREGATES.items()]
    return [*vocabulary.variables.values(), *(found for found in [*counts, *values] if found)]


def variables_class(workspace: Workspace) -> type[BaseVariables]:
    """The names as business-rules variables over anything with `.get(name)`: `variables_class(workspace)(facts)`."""

    def __init__(self: Any, facts: Any) -> None:  # noqa: N807  it becomes the class's own
        self.facts = facts

    return type("Variables", (BaseVariables,), {"__init__": __init__, **{name.name: _variable(name) for name in names(workspace)}})


def actions_class(workspace: Workspace) -> type[BaseActions]:
    """What a rule can do, as business-rules actions: show one of the workspace's templates."""
    templates = [{"name": template.key, "label": template.name or template.key} for template in workspace.templates]

    @rule_action(label="Show", params=[{"name": "template", "label": "Template", "fieldType": FIELD_SELECT, "options": templates}])
    def show(self: Any, template: str) -> str:
        return template

    return type("Actions", (BaseActions,), {"show": show})


def export(workspace: Workspace) -> dict[str, Any]:
    """business-rules' `export_rule_data`, and with each variable our engine's type and operators, which are more."""
    data = export_rule_data(variables_class(workspace), actions_class(workspace))
    typed = {name.name: name for name in names(workspace)}
    for variable in data["variables"]:
        name = typed[variable["name"]]
        variable |= {"type": name.type, "type_words": TYPE_WORDS[name.type], "operators": list(BY_TYPE[name.type])}
    return data


def _variable(name: Variable) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        return self.facts.get(name.name)

    return rule_variable(FIELD_TYPES[name.type], label=name.label, options=sorted(name.values or ()))(read)
