"""Liquid, for marketers: python-liquid with a list of tags and filters, and nothing reachable but the data."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

from liquid import BoundTemplate
from liquid.ast import BlockNode, Node
from liquid.builtin import content
from liquid.builtin.expressions import (
    BooleanExpression,
    Filter,
    FilteredExpression,
    KeywordArgument,
    LoopExpression,
    Path,
    logical,
    primitive,
)
from liquid.builtin.tags import assign_tag, case_tag, comment_tag, for_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError, LiquidTypeError, OutputStreamLimitError, ResourceLimitError
from liquid.expression import Expression
from liquid.output import LimitedStringIO

from rules.templating import limits
from rules.templating.budget import Budget
from rules.templating.errors import Finding, Places, RenderError, Where
from rules.templating.liquid_environment import ENVIRONMENT
from rules.templating.liquid_filters import FILTERS, SIGNATURES
from rules.templating.liquid_parts import (
    Context,
    KeepNode,
    PrintNode,
    RefusedNode,
    RepeatNode,
)
from rules.templating.pieces import Assign, Branch, Capture, Leave, Loop, Name, Output, Piece, Pieces, Place, Read, Static

TAG_NAMES = ("assign", "capture", "case", "comment", "for", "break", "continue", "if", "unless", "raw")

_EXPRESSIONS = (
    FilteredExpression,
    BooleanExpression,
    Path,
    primitive.Literal,
    primitive.Nil,
    primitive.Empty,
    primitive.Blank,
    logical.LogicalAndExpression,
    logical.LogicalOrExpression,
    logical.EqExpression,
    logical.NeExpression,
    logical.LeExpression,
    logical.GeExpression,
    logical.LtExpression,
    logical.GtExpression,
    logical.ContainsExpression,
    LoopExpression,
    case_tag._AnyExpression,  # noqa: SLF001  # `when` has no public name for its list of values
)


class Liquid:
    """One text, parsed: what it says, what is wrong with it, and how to render it."""

    def __init__(self, source: str) -> None:
        self.findings: list[Finding] = []
        self.pieces: Pieces = ()
        self._places = Places(source)
        self._nodes = 0
        self._outputs: list[PrintNode] = []
        try:
            self._template: BoundTemplate = ENVIRONMENT.from_string(source)
        except LiquidError as error:
            self.findings.append(self._syntax(error))
            return
        self.pieces = self._convert(self._template.nodes, 0)
        if self._nodes > limits.NODES:
            self._find("template_too_long", 0, f"The text has more than {limits.NODES} parts", "Split it into fields.")

    def settle(self, places: dict[int, Place]) -> None:
        """Tells each output where it stands."""
        for node in self._outputs:
            node.place = places.get(id(node), "attribute")

    def render(self, data: dict[str, object], budget: Budget) -> str:
        buffer = LimitedStringIO(limit=limits.OUTPUT)
        context = Context(self._template, data, budget)
        try:
            self._template.render_with_context(context, buffer)
        except OutputStreamLimitError as error:
            raise RenderError("output_too_long", f"The text comes out longer than {limits.OUTPUT} bytes") from error
        except LiquidTypeError as error:
            raise RenderError("bad_value", "Only numbers with numbers and texts with texts can be compared") from error
        except ResourceLimitError as error:
            raise RenderError("too_many_steps", f"Loops go over at most {limits.ITERATIONS} elements, nested loops multiplied") from error
        return buffer.getvalue()

    def _syntax(self, error: LiquidError) -> Finding:
        token = error.token
        where = self._places.at(token.start_index if token and token.start_index >= 0 else len(self._places.source))
        if isinstance(error, ResourceLimitError):
            return Finding("template_refused", where, f"Blocks go at most {limits.BLOCKS} deep", "Take some of the ifs and loops out.")
        if isinstance(error.__cause__, RecursionError):
            return Finding("template_refused", where, "This is nested too deeply", "Split it with {% assign %}.")
        return Finding(
            "template_syntax", where, str(error.message or "This can't be read"), "Look for a missing end tag, quote or bracket."
        )

    def _find(self, code: str, offset: int | Where, message: str, fix: str) -> None:
        self.findings.append(Finding(code, self._places.at(offset) if isinstance(offset, int) else offset, message, fix))

    def _convert(self, nodes: Iterable[Node], loops: int) -> Pieces:
        return tuple(piece for node in nodes for piece in self._node(node, loops))

    def _node(self, node: Node, loops: int) -> Iterator[Piece]:
        self._nodes += 1
        offset = node.token.start_index
        where = self._places.at(offset)
        if isinstance(node, content.ContentNode):
            yield Static(node.text, self._places.source.find(node.text, offset) if node.text else offset)
        elif isinstance(node, PrintNode):
            self._outputs.append(node)
            yield Output(self._names(node.expression), where, node)
        elif isinstance(node, assign_tag.AssignNode):
            yield Read(self._names(node.expression))
            yield Assign(str(node.name))
        elif isinstance(node, KeepNode):
            yield Capture(str(node.name), self._convert(node.block.nodes, loops), where)
        elif isinstance(node, if_tag.IfNode | unless_tag.UnlessNode):
            yield from self._branches(node, loops)
        elif isinstance(node, case_tag.CaseNode):
            yield from self._case(node, loops)
        elif isinstance(node, RepeatNode):
            yield from self._loop(node, loops)
        elif isinstance(node, for_tag.BreakNode | for_tag.ContinueNode):
            if not loops:
                self._find("template_syntax", offset, f"`{node.token.value}` stands outside of a loop", "Put it inside a {% for %}.")
            yield Leave(where)
        elif isinstance(node, RefusedNode):
            fix = f"Use {', '.join(TAG_NAMES)}."
            self._find("template_refused", offset, f"The tag `{node.token.value}` is not available in templates", fix)
        elif not isinstance(node, comment_tag.CommentNode):
            self._find("template_refused", offset, "This is not available in templates", "Take it out.")

    def _branches(self, node: if_tag.IfNode | unless_tag.UnlessNode, loops: int) -> Iterator[Piece]:
        conditions = [node.condition, *(other.expression for other in node.alternatives)]
        bodies = [node.consequence, *(other.block for other in node.alternatives)]
        yield Read(tuple(name for condition in conditions for name in self._names(condition)))
        arms = [self._convert(body.nodes, loops) for body in bodies]
        arms.append(self._convert(node.default.nodes, loops) if node.default else ())
        yield Branch(tuple(arms), self._places.at(node.token.start_index))

    def _case(self, node: case_tag.CaseNode, loops: int) -> Iterator[Piece]:
        yield Read(self._names(node.expression))
        for block in node.blocks:
            # Every `when` that matches is printed, so each may happen or not.
            if isinstance(block, case_tag.MultiExpressionBlockNode):
                yield Read(self._names(block.expression))
            body = block if isinstance(block, BlockNode) else block.block
            yield Branch((self._convert(body.nodes, loops), ()), self._places.at(node.token.start_index))

    def _loop(self, node: RepeatNode, loops: int) -> Iterator[Piece]:
        where = self._places.at(node.token.start_index)
        if loops >= limits.LOOPS:
            self._find("template_refused", where, f"Loops go at most {limits.LOOPS} deep", "Take the innermost loop out.")
        yield Read(self._names(node.expression))
        before = self._nodes
        body = self._convert(node.block.nodes, loops + 1)
        node.cost = self._nodes - before + 1
        otherwise = self._convert(node.default.nodes, loops) if node.default else ()
        yield Loop(frozenset({str(node.expression.identifier), "forloop"}), body, otherwise, where)

    def _names(self, expression: Expression) -> tuple[Name, ...]:
        return tuple(self._expression(expression, 0, in_loop=False))

    def _expression(self, expression: Expression, depth: int, *, in_loop: bool) -> Iterator[Name]:
        self._nodes += 1
        offset = expression.token.start_index
        if depth == limits.EXPRESSION_DEPTH:
            self._find("template_refused", offset, "This expression is too deeply nested", "Split it with {% assign %}.")
            return
        if depth > limits.EXPRESSION_DEPTH:
            return
        if isinstance(expression, primitive.RangeLiteral):
            if not in_loop:
                self._find("template_refused", offset, "A range can only be looped over", "Write {% for i in (1..5) %}.")
        elif not isinstance(expression, _EXPRESSIONS):
            self._find("template_refused", offset, "This is not available in templates", "Take it out.")
        if isinstance(expression, Path):
            yield from self._path(expression, depth)
            return
        if isinstance(expression, primitive.IntegerLiteral | primitive.FloatLiteral) and not abs(expression.value) <= limits.NUMBER:
            self._find("template_refused", offset, f"Numbers go up to {limits.NUMBER}", "Use a smaller number.")
        if isinstance(expression, FilteredExpression):
            for used in expression.filters or ():
                self._filter(used)
        for child in expression.children():
            yield from self._expression(child, depth + 1, in_loop=isinstance(expression, LoopExpression) and child is expression.iterable)

    def _path(self, expression: Path, depth: int) -> Iterator[Name]:
        written: list[str] = []
        for segment in expression.path:
            if not isinstance(segment, str):
                break
            written.append(segment)
        if written:
            yield Name(tuple(written), self._places.at(expression.token.start_index))
        else:
            self._find(
                "template_refused", expression.token.start_index, "A name must be written out", "Begin with a word, such as traits[key]."
            )
        for child in expression.children():
            yield from self._expression(child, depth + 1, in_loop=False)

    def _filter(self, used: Filter) -> None:
        self._nodes += 1
        offset = used.token.start_index
        signature = SIGNATURES.get(used.name)
        if signature is None:
            reason = "it would switch escaping off" if used.name == "safe" else "it is not on the list"
            self._find(
                "template_refused", offset, f"The filter `{used.name}` is not available: {reason}", f"Filters are {', '.join(FILTERS)}."
            )
            return
        named = {argument.name: 0 for argument in used.args if isinstance(argument, KeywordArgument)}
        try:
            signature.bind(0, *(0 for argument in used.args if not isinstance(argument, KeywordArgument)), **named)
        except TypeError as error:
            self._find("template_syntax", offset, f"The filter `{used.name}`: {error}", f"It takes {_takes(signature)}.")


def _takes(signature: inspect.Signature) -> str:
    wanted = [name if given.default is given.empty else f"{name} (optional)" for name, given in list(signature.parameters.items())[1:]]
    return ", ".join(wanted) or "nothing"
