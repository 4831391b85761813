"""Each engine behind the same three questions: what it takes for a user, how it is asked, and how its answer is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from business_rules.actions import BaseActions, rule_action
from business_rules.engine import check_conditions_recursively, do_actions, run_all
from business_rules.fields import FIELD_TEXT
from business_rules.operators import BaseType, BooleanType, NumericType, SelectMultipleType, SelectType, StringType
from business_rules.variables import BaseVariables, rule_variable
from json_logic import jsonLogic

from tests.benchmarks.engine.rulesets import BOOLEANS, NUMBERS, Case, Condition, Node, User

Mode = Literal["first", "all"]


@dataclass(frozen=True, slots=True)
class Engine:
    """`ask` is what is measured. `facts` runs before it (each engine gets users in the form it likes best), `read` after it."""

    name: str
    facts: Callable[[User], Any]
    ask: Callable[[Any], Any]
    read: Callable[[Any], list[str]]
    limit: int | None = None
    """It gives at most so many of the matches."""


# business-rules: the conditions as they stand. A method of a class may have any name, `traits.plan` too.

TYPES: dict[str, type[BaseType]] = {
    "tags": SelectType,
    "traits.interests": SelectMultipleType,
    "traits.plan": StringType,
    **{f"traits.{key}": BooleanType for key in BOOLEANS},
    **{f"traits.{key}": NumericType for key in NUMBERS},
    "context.device": StringType,
    "context.country": StringType,
    "context.store": StringType,
}


class Variables(BaseVariables):
    def __init__(self, user: User) -> None:
        self.user = user


def _variable(name: str) -> Callable[[Variables], Any]:
    return lambda variables: variables.user[name]


for _name, _type in TYPES.items():
    setattr(Variables, _name, rule_variable(_type)(_variable(_name)))


class Actions(BaseActions):
    def __init__(self) -> None:
        self.won: list[str] = []

    @rule_action(params={"rule": FIELD_TEXT})
    def win(self, rule: str) -> None:
        self.won.append(rule)


def business_rules(case: Case, mode: Mode) -> Engine:
    """A list of rules: those of a tree with their parents' conditions before their own."""
    rules = [{"conditions": _all(conditions), "actions": _win(key)} for key, conditions in case.flattened()]

    def ask(user: User) -> list[str]:
        actions = Actions()
        run_all(rules, Variables(user), actions, stop_on_first_trigger=mode == "first")
        return actions.won

    return Engine("business-rules", lambda user: user, ask, list)


def business_rules_walked(case: Case, mode: Mode) -> Engine:
    """What one writes around the library to have a tree: a parent's conditions are asked once for all its children."""

    def prepared(node: Node) -> tuple[Condition, Any, list[Any]]:
        return _all(node.conditions), _win(node.key), list(map(prepared, node.children))

    def walk(nodes: list[Any], variables: Variables, actions: Actions) -> bool:
        for conditions, win, children in nodes:
            if check_conditions_recursively(conditions, variables):
                if not children:
                    do_actions(win, actions)
                    if mode == "first":
                        return True
                elif walk(children, variables, actions):
                    return True
        return False

    def ask(user: User) -> list[str]:
        actions = Actions()
        walk(tree, Variables(user), actions)
        return actions.won

    tree = list(map(prepared, case.nodes))
    return Engine("business-rules, walked", lambda user: user, ask, list)


def _all(conditions: tuple[Condition, ...]) -> Condition:
    return {"all": list(conditions)}


def _win(key: str) -> list[dict[str, Any]]:
    return [{"name": "win", "params": {"rule": key}}]


# JsonLogic: one expression for each rule, asked in turn.

COMPARED = {"greater_than": ">", "greater_than_or_equal_to": ">=", "less_than": "<", "less_than_or_equal_to": "<=", "equal_to": "==="}


def json_logic(case: Case, mode: Mode) -> Engine:
    rules = [(key, {"and": list(map(_expression, conditions))}) for key, conditions in case.flattened()]

    def first(data: Any) -> list[str]:
        for key, rule in rules:
            if jsonLogic(rule, data):
                return [key]
        return []

    def every(data: Any) -> list[str]:
        return [key for key, rule in rules if jsonLogic(rule, data)]

    return Engine("json-logic", nested, first if mode == "first" else every, list)


def _expression(condition: Condition) -> dict[str, Any]:
    value, operator, wanted = {"var": condition["name"]}, condition["operator"], condition["value"]
    match operator:
        case "is_true":
            return value
        case "is_false":
            return {"!": value}
        case "contains":
            return {"in": [wanted, value]}
        case "shares_at_least_one_element_with":
            return {"or": [{"in": [one, value]} for one in wanted]}
    return {COMPARED[operator]: [value, wanted]}


def nested(user: User) -> dict[str, Any]:
    """Names as paths: `traits.plan` is plan in traits."""
    made: dict[str, Any] = {}
    for name, value in user.items():
        *above, last = name.split(".")
        inner = made
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return made
