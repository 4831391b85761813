"""The parts of Jinja that are replaced: names without a value, lookups, operators, and the calls that count steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Undefined, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from rules.templating import limits, number_filters, text_filters
from rules.templating.budget import Budget
from rules.templating.errors import RenderError
from rules.templating.escape import printed
from rules.templating.jinja_filters import FILTERS, TESTS
from rules.templating.pieces import Place
from rules.templating.values import Html, Nothing, absent, items

PRINT, REPEAT, COMPARE, CONCAT = "signpost print", "signpost repeat", "signpost compare", "signpost concat"
"""Filters no author can name: a filter's name holds no blank."""

LOOP_NAMES = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})

_ARITHMETIC: dict[str, Callable[[object, object], object]] = {
    "-": number_filters.minus,
    "*": number_filters.times,
    "/": number_filters.divided,
    "//": number_filters.floor_divided,
    "%": number_filters.modulo,
    "**": number_filters.power,
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "lt": lambda left, right: left < right,
    "lteq": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "gteq": lambda left, right: left >= right,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


class Missing(Undefined, Nothing):
    """A name without a value: an empty text, false, nothing to loop over, and so is anything inside it."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return absent(other)

    __hash__ = Undefined.__hash__


class BudgetContext(Context):
    """A rendering with a budget."""

    budget: Budget


class HardenedEnvironment(ImmutableSandboxedEnvironment):
    """The immutable sandbox, where only dicts and lists have members and every operator pays."""

    context_class = BudgetContext
    intercepted_binops = frozenset({"+", *_ARITHMETIC})
    intercepted_unops = frozenset({"+", "-"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP_NAMES:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        try:
            if isinstance(obj, dict) or (isinstance(obj, str | list) and isinstance(argument, int)):
                return obj[argument]
        except (LookupError, TypeError):
            pass
        return Missing(name=str(argument) if isinstance(argument, str | int) else None)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        budget = _budget(context)
        budget.weigh(left)
        budget.weigh(right)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return text_filters.concatenated([left, right])
        if not all(absent(side) or isinstance(side, int | float) for side in (left, right)):
            raise RenderError("bad_value", f"`{operator}` takes numbers; text is put together with ~")
        if operator == "+":
            return number_filters.plus(left, right)
        return _ARITHMETIC[operator](left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        return number_filters.minus(0, arg) if operator == "-" else number_filters.plus(0, arg)


class Guard(NodeTransformer):
    """Rewrites a parsed text so that outputs, loops, comparisons and `~` go through functions that count."""

    def __init__(self, places: dict[int, Place], costs: dict[int, int]) -> None:
        self._places = places
        self._costs = costs

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802  # Jinja calls it by the node's name
        node.nodes = [child if isinstance(child, nodes.TemplateData) else self._print(child) for child in node.nodes]
        return node

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        cost = self._costs.get(id(node), 1)
        self.generic_visit(node)
        node.iter = _filter(node.iter, REPEAT, nodes.Const(cost))
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.CondExpr:  # noqa: N802
        self.generic_visit(node)
        if node.expr2 is None:
            # Jinja would put a plain Undefined there, which is none of ours.
            node.expr2 = nodes.Const(None)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        arguments: list[nodes.Node] = []
        for operand in node.ops:
            arguments += [nodes.Const(operand.op), operand.expr]
        return _filter(node.expr, COMPARE, *arguments)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        return _filter(node.nodes[0], CONCAT, *node.nodes[1:])

    def _print(self, node: nodes.Expr) -> nodes.Filter:
        place = self._places.get(id(node), "attribute")
        return _filter(self.visit(node), PRINT, nodes.Const(place))


def hardened() -> HardenedEnvironment:
    environment = HardenedEnvironment(autoescape=True, optimized=False, undefined=Missing, cache_size=0, keep_trailing_newline=True)
    environment.globals.clear()
    environment.globals["range"] = _range
    environment.filters.clear()
    environment.filters |= {name: _guarded(function) for name, function in FILTERS.items()}
    environment.filters |= {PRINT: _print, REPEAT: _repeat, COMPARE: _compare, CONCAT: _concat}
    environment.tests.clear()
    environment.tests |= TESTS
    return environment


def _filter(node: nodes.Node, name: str, *arguments: nodes.Node) -> nodes.Filter:
    return nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)


def _budget(context: Context) -> Budget:
    if not isinstance(context, BudgetContext):
        raise TypeError("a rendering without a budget")
    return context.budget


def _guarded(function: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    def call(context: Context, *given: object, **named: object) -> object:
        budget = _budget(context)
        for argument in (*given, *named.values()):
            budget.weigh(argument)
        found = function(*given, **named)
        budget.weigh(found)
        return found

    return call


@pass_context
def _print(context: Context, value: object, place: Place) -> Html:
    budget = _budget(context)
    budget.spend()
    if isinstance(value, list | dict):
        budget.weigh(value)
    return Html(printed(value, place))


@pass_context
def _repeat(context: Context, value: object, cost: int) -> list[object]:
    elements = list(value) if isinstance(value, dict) else items(value) if not isinstance(value, list) else value
    if len(elements) > limits.ITERATIONS:
        raise RenderError("too_many_steps", f"Loops go over at most {limits.ITERATIONS} elements")
    _budget(context).spend(1 + len(elements) * cost)
    return elements


@pass_context
def _compare(context: Context, left: object, *pairs: Any) -> bool:
    """`a < b < c`. With a value missing, only `==` and `!=` have an answer but no."""
    budget = _budget(context)
    budget.weigh(left)
    for operator, right in zip(pairs[::2], pairs[1::2], strict=True):
        budget.weigh(right)
        if not _holds(operator, left, right):
            return False
        left = right
    return True


def _holds(operator: str, left: Any, right: Any) -> bool:
    if absent(left) or absent(right):
        same = absent(left) and absent(right)
        return {"eq": same, "ne": not same, "notin": True}.get(operator, False)
    try:
        return _COMPARISONS[operator](left, right)
    except TypeError as error:
        raise RenderError("bad_value", "Only numbers with numbers and texts with texts can be compared") from error


@pass_context
def _concat(context: Context, *parts: object) -> str:
    budget = _budget(context)
    for part in parts:
        budget.weigh(part)
    return text_filters.concatenated(list(parts))


@pass_context
def _range(context: Context, start: object, stop: object = None, step: object = 1) -> list[int]:
    first, last = (0, _whole(start)) if stop is None else (_whole(start), _whole(stop))
    by = _whole(step) or 1
    if -((first - last) // by) > limits.ITERATIONS:
        raise RenderError("too_many_steps", f"Loops go over at most {limits.ITERATIONS} elements")
    numbers = list(range(first, last, by))
    _budget(context).spend(1 + len(numbers))
    return numbers


def _whole(value: object) -> int:
    return int(number_filters.plus(0, value))
