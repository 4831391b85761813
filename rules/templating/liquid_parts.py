"""The parts of python-liquid that are replaced: what counts steps, prints, loops and keeps variables within bounds."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any, TextIO

from liquid import RenderContext
from liquid.ast import IllegalNode
from liquid.builtin.expressions.primitive import Blank, Empty, RangeLiteral
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output as OutputTag
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.expression import Expression
from liquid.filter import with_context
from liquid.stream import TokenStream
from liquid.template import BoundTemplate
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG
from liquid.undefined import UNDEFINED, Undefined
from liquid.utils import ReadOnlyChainMap

from rules.templating import limits
from rules.templating.budget import Budget
from rules.templating.errors import RenderError
from rules.templating.escape import printed
from rules.templating.pieces import Place
from rules.templating.values import Html, Nothing

STRUCTURE = frozenset({"else", "elsif", "when", "endif", "endunless", "endcase", "endfor", "endcapture", "endcomment", "endraw"})
"""Words that only stand inside a block; alone they are a mistake of structure, not a refused tag."""


class Missing(Undefined, Nothing):
    """A name without a value: an empty text, false, nothing to loop over."""

    __slots__ = ()


class Context(RenderContext):
    """A rendering with a budget. Nothing is reachable but the data and the template's own variables: no clock, no counters."""

    __slots__ = ("_weights", "budget", "loop_cost")

    def __init__(self, template: BoundTemplate, data: dict[str, object], budget: Budget) -> None:
        super().__init__(template, globals=data)
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.budget = budget
        self.loop_cost = 1
        self._weights: dict[str, int] = {}

    def get(self, path: list[object], *, token: Any, default: object = UNDEFINED) -> object:
        found = super().get(path, token=token, default=default)
        if isinstance(found, list | dict):
            # What is looked up may be compared whole, which no filter would pay for.
            self.budget.spend(_size(found))
        else:
            self.budget.spend(1 + (len(found) // limits.STEP_CHARACTERS if isinstance(found, str) else 0))
        return found

    def assign(self, key: str, val: Any) -> None:
        self._weights[key] = self.budget.weigh(_ordinary(val)) + 1
        if sum(self._weights.values()) > limits.VARIABLES:
            raise RenderError("variables_too_large", f"The template's own variables hold more than {limits.VARIABLES} characters")
        self.budget.spend(1 + len(self._weights) // limits.STEP_CHARACTERS)
        self.locals[key] = val

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Called once for each loop, before its first round."""
        super().raise_for_loop_limit(length)
        self.budget.spend(length * self.loop_cost)


class PrintNode(OutputNode):
    """`{{ ... }}`, printed for the place it stands in."""

    __slots__ = ("place",)

    def __init__(self, token: Any, expression: Expression) -> None:
        super().__init__(token, expression)
        self.place: Place = "attribute"

    def render_to_output(self, context: Context, buffer: TextIO) -> int:  # type: ignore[override]  # there is no other context
        value = _ordinary(self.expression.evaluate(context))
        if isinstance(value, list | dict):
            context.budget.weigh(value)
        context.budget.spend()
        return buffer.write(printed(value, self.place))


class PrintTag(OutputTag):
    node_class = PrintNode


class KeepNode(CaptureNode):
    """`capture`: what it made was escaped while it was made."""

    __slots__ = ()

    def _assign(self, context: RenderContext, buf: StringIO) -> None:
        context.assign(self.name, Html(buf.getvalue()))


class KeepTag(CaptureTag):
    node_class = KeepNode


class RepeatNode(ForNode):
    """`for`, paid for before it begins, since a range is reversed by making a list of it and a body may hold nothing that pays."""

    __slots__ = ("cost",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cost = 1

    def render_to_output(self, context: Context, buffer: TextIO) -> int:  # type: ignore[override]  # there is no other context
        iterable = self.expression.iterable
        if isinstance(iterable, RangeLiteral):
            first, last = (_integer(end.evaluate(context)) for end in (iterable.start, iterable.stop))
            if last - first >= limits.ITERATIONS:
                raise RenderError("too_many_steps", f"Loops go over at most {limits.ITERATIONS} elements")
        context.loop_cost = self.cost
        return super().render_to_output(context, buffer)


class RepeatTag(ForTag):
    node_class = RepeatNode


class RefusedNode(IllegalNode):
    """A tag that is not on the list. It is kept so that all of them are reported at once."""

    __slots__ = ()


class Refused(Illegal):
    """What any tag is that is not on the list."""

    def parse(self, stream: TokenStream) -> IllegalNode:
        token = stream.expect(TOKEN_TAG)
        if token.value in STRUCTURE or not token.value:
            return super().parse(stream)
        if stream.peek.kind == TOKEN_EXPRESSION:
            next(stream)
        return RefusedNode(token)


def guarded(function: Callable[..., object]) -> Callable[..., object]:
    """A filter that pays for what it takes and what it gives."""

    def call(value: object, *args: object, context: Context, **named: object) -> object:
        given = [_ordinary(argument) for argument in (value, *args)]
        named = {name: _ordinary(argument) for name, argument in named.items()}
        for argument in (*given, *named.values()):
            context.budget.weigh(argument)
        found = function(*given, **named)
        context.budget.weigh(found)
        return found

    call.__name__ = function.__name__
    return with_context(call)


def _ordinary(value: object) -> object:
    """`empty` and `blank` are objects of the engine; outside of a comparison they are an empty text."""
    return "" if isinstance(value, Empty | Blank) else value


def _integer(value: object) -> int:
    """As the engine reads the end of a range: 0 for what is no number."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (ValueError, TypeError):
        return 0


def _size(value: object) -> int:
    if isinstance(value, list | dict):
        return 1 + sum(map(_size, value.values() if isinstance(value, dict) else value))
    return 1
