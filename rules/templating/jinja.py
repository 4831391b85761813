"""Jinja, for developers: the immutable sandbox behind a list of what may be written, checked before anything is compiled."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Iterator

from jinja2 import Template, TemplateSyntaxError, nodes

from rules.templating import limits
from rules.templating.budget import Budget
from rules.templating.errors import Finding, Places, RenderError, Where
from rules.templating.jinja_filters import FILTERS, SIGNATURES, TESTS
from rules.templating.jinja_parts import BudgetContext, Guard, hardened
from rules.templating.pieces import Assign, Branch, Loop, Name, Output, Piece, Pieces, Place, Read, Static
from rules.templating.values import UNSTORABLE

ENVIRONMENT = hardened()

RESERVED = frozenset({"self", "super", "caller", "varargs", "kwargs", "namespace", "lipsum", "cycler", "joiner", "dict"})
"""Names that mean something to Jinja itself."""

STATEMENTS = "if, for, set and raw"

_EXPRESSIONS = (
    nodes.Name,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Concat,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Pos,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Pow,
    nodes.Keyword,
)
_WORDS: dict[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.With: "with",
    nodes.Block: "block",
    nodes.Extends: "extends",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.AssignBlock: "set",
    nodes.Scope: "autoescape",
    nodes.ScopedEvalContextModifier: "autoescape",
}


class Jinja:
    """One text, parsed: what it says, what is wrong with it, and how to render it."""

    def __init__(self, source: str) -> None:
        self.findings: list[Finding] = []
        self.pieces: Pieces = ()
        self._places = Places(source)
        self._nodes = 0
        self._cursor = 0
        self._costs: dict[int, int] = {}
        self._template: Template | None = None
        try:
            self._parsed = ENVIRONMENT.parse(source)
        except TemplateSyntaxError as error:
            self._find("template_syntax", self._opening(error.lineno), error.message or "This can't be read", _hint(source))
            return
        except RecursionError:
            self._find("template_refused", 0, "This is nested too deeply", "Split it with {% set %}.")
            return
        except ValueError as error:
            self._find("template_syntax", 0, f"A number can't be read: {error}", f"Numbers go up to {limits.NUMBER}.")
            return
        self.pieces = self._convert(self._parsed.body, 0, 0)
        if self._nodes > limits.NODES:
            self._find("template_too_long", 0, f"The text has more than {limits.NODES} parts", "Split it into fields.")

    def settle(self, places: dict[int, Place]) -> None:
        """Compiles it, each output told where it stands."""
        guarded = Guard(places, self._costs).visit(self._parsed)
        guarded.set_environment(ENVIRONMENT)
        code = ENVIRONMENT.compile(guarded)
        self._template = Template.from_code(ENVIRONMENT, code, dict(ENVIRONMENT.globals))

    def render(self, data: dict[str, object], budget: Budget) -> str:
        if self._template is None:
            raise RenderError("template_syntax", "The template was refused")
        context = self._template.new_context(data)
        assert isinstance(context, BudgetContext)  # noqa: S101  # the environment makes no other
        context.budget = budget
        chunks, size = [], 0
        for chunk in self._template.root_render_func(context):
            size += len(chunk) if chunk.isascii() else len(chunk.encode("utf-8", "replace"))
            if size > limits.OUTPUT:
                raise RenderError("output_too_long", f"The text comes out longer than {limits.OUTPUT} bytes")
            chunks.append(chunk)
        return "".join(chunks)

    def _find(self, code: str, where: Where | int, message: str, fix: str) -> None:
        self.findings.append(Finding(code, self._places.at(where) if isinstance(where, int) else where, message, fix))

    def _refuse(self, node: nodes.Node, what: str, fix: str, word: str = "") -> None:
        self._find("template_refused", self._places.in_line(node.lineno, word), what, fix)

    def _opening(self, line: int) -> Where:
        """Jinja knows lines only: where the first tag of the line begins."""
        found = [self._places.in_line(line, opener) for opener in ("{{", "{%")]
        return max(found, key=lambda where: where.column) if line else self._places.at(0)

    def _convert(self, body: Iterable[nodes.Node], loops: int, blocks: int) -> Pieces:
        return tuple(piece for node in body for piece in self._node(node, loops, blocks))

    def _node(self, node: nodes.Node, loops: int, blocks: int) -> Iterator[Piece]:
        self._nodes += 1
        if blocks > limits.BLOCKS:
            self._refuse(node, f"Blocks go at most {limits.BLOCKS} deep", "Take some of the ifs and loops out.")
        elif isinstance(node, nodes.Output):
            for child in node.nodes:
                yield self._static(child) if isinstance(child, nodes.TemplateData) else self._output(child)
        elif isinstance(node, nodes.If):
            arms = [node, *node.elif_]
            yield Read(tuple(name for arm in arms for name in self._names(arm.test)))
            bodies = [self._convert(arm.body, loops, blocks + 1) for arm in arms]
            yield Branch((*bodies, self._convert(node.else_, loops, blocks + 1)), self._places.in_line(node.lineno, "{%"))
        elif isinstance(node, nodes.For):
            yield from self._loop(node, loops, blocks)
        elif isinstance(node, nodes.Assign):
            yield Read(self._names(node.node))
            for name in self._targets(node.target):
                yield Assign(name)
        else:
            word = _WORDS.get(type(node), type(node).__name__.lower())
            self._refuse(node, f"`{word}` is not available in templates", f"Use {STATEMENTS}.", word)

    def _static(self, node: nodes.TemplateData) -> Static:
        found = self._places.source.find(node.data, self._cursor)
        offset = found if found >= 0 else self._cursor
        self._cursor = offset + len(node.data)
        return Static(node.data, offset)

    def _output(self, node: nodes.Expr) -> Output:
        found = self._places.source.find("{{", self._cursor)
        if found >= 0:
            self._cursor = found + 2
        return Output(self._names(node), self._places.at(max(found, 0)), node)

    def _loop(self, node: nodes.For, loops: int, blocks: int) -> Iterator[Piece]:
        where = self._places.in_line(node.lineno, "{%")
        if node.recursive:
            self._refuse(node, "`recursive` loops are not available in templates", "Take `recursive` out.", "recursive")
        if loops >= limits.LOOPS:
            self._refuse(node, f"Loops go at most {limits.LOOPS} deep", "Take the innermost loop out.", "{%")
        yield Read(self._names(node.iter))
        before = self._nodes
        names = frozenset({*self._targets(node.target), "loop"})
        inside: list[Piece] = [Read(self._names(node.test))] if node.test else []
        inside += self._convert(node.body, loops + 1, blocks + 1)
        self._costs[id(node)] = self._nodes - before + 1
        yield Loop(names, tuple(inside), self._convert(node.else_, loops, blocks + 1), where)

    def _targets(self, target: nodes.Node) -> list[str]:
        parts = target.items if isinstance(target, nodes.Tuple) else [target]
        names = [part.name for part in parts if isinstance(part, nodes.Name)]
        if len(names) != len(parts):
            self._refuse(target, "Only plain names can be set", "Write {% set name = value %}.")
        for name in names:
            self._name(target, name)
        return names

    def _names(self, node: nodes.Node) -> tuple[Name, ...]:
        return tuple(self._expression(node, 0))

    def _expression(self, node: nodes.Node, depth: int) -> Iterator[Name]:
        self._nodes += 1
        if depth >= limits.EXPRESSION_DEPTH:
            self._refuse(node, "This expression is too deeply nested or too long", "Split it with {% set %}.")
            return
        if isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Name):
            yield from self._path(node, depth)
            return
        if isinstance(node, nodes.Call):
            yield from self._call(node, depth)
            return
        if not isinstance(node, _EXPRESSIONS):
            word = type(node).__name__.lower()
            self._refuse(node, f"A {word} is not available in templates", "Prepare such data in the app, or split the template.", "")
        elif isinstance(node, nodes.Const):
            self._constant(node)
        elif isinstance(node, nodes.List | nodes.Tuple):
            if not all(isinstance(item, nodes.Const) for item in node.items):
                self._refuse(node, "A list may only hold texts and numbers as written", "Write ['one', 'two'].", "[")
        elif isinstance(node, nodes.Filter | nodes.Test):
            self._filter_or_test(node)
        for child in node.iter_child_nodes():
            yield from self._expression(child, depth + 1)

    def _path(self, node: nodes.Node, depth: int) -> Iterator[Name]:
        """`a.b['c']`: as far as it is written out. A part in brackets that is no text is an expression of its own."""
        parts: list[str | None] = []
        while isinstance(node, nodes.Getattr | nodes.Getitem):
            self._nodes += 1
            if len(parts) > limits.EXPRESSION_DEPTH:
                self._refuse(node, "This name has too many parts", "Split it with {% set %}.")
                return
            if isinstance(node, nodes.Getattr):
                self._name(node, node.attr)
                parts.append(node.attr)
            elif isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
                self._name(node, node.arg.value)
                parts.append(node.arg.value)
            else:
                yield from self._expression(node.arg, depth + 1)
                parts.append(None)
            node = node.node
        if not isinstance(node, nodes.Name):
            yield from self._expression(node, depth + 1)
            return
        self._name(node, node.name)
        if node.name in RESERVED:
            self._refuse(node, f"`{node.name}` is not available in templates", "Use the names of the data.", node.name)
        written: list[str] = [node.name]
        for part in reversed(parts):
            if part is None:
                break
            written.append(part)
        yield Name(tuple(written), self._places.in_line(node.lineno, node.name))

    def _name(self, node: nodes.Node, name: str) -> None:
        if name.startswith("_"):
            self._refuse(node, f"`{name}` is not available: names do not begin with _", "Use the names of the data.", name)

    def _call(self, node: nodes.Call, depth: int) -> Iterator[Name]:
        if not (isinstance(node.node, nodes.Name) and node.node.name == "range" and 1 <= len(node.args) <= 3 and not node.kwargs):
            word = getattr(node.node, "attr", None) or getattr(node.node, "name", None) or ""
            self._refuse(node, f"`{word}(...)` can't be called: templates call nothing but range", "Use a filter instead.", word)
        if node.dyn_args or node.dyn_kwargs:
            self._refuse(node, "`*` and `**` are not available in calls", "Write the values out.", "*")
        for argument in node.args:
            yield from self._expression(argument, depth + 1)

    def _constant(self, node: nodes.Const) -> None:
        value = node.value
        if isinstance(value, str) and UNSTORABLE.search(value):
            self._refuse(node, "A text holds a character that can't be stored", "Take the escape sequence out.", "\\")
        elif isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= limits.NUMBER):
            self._refuse(node, f"Numbers go up to {limits.NUMBER}", "Use a smaller number.")

    def _filter_or_test(self, node: nodes.Filter | nodes.Test) -> None:
        kind, known = ("filter", FILTERS) if isinstance(node, nodes.Filter) else ("test", TESTS)
        if node.name not in known:
            reason = "it would switch escaping off" if node.name == "safe" else "it is not on the list"
            fix = f"{kind.capitalize()}s are {', '.join(known)}."
            self._refuse(node, f"The {kind} `{node.name}` is not available: {reason}", fix, node.name)
        elif node.dyn_args or node.dyn_kwargs:
            self._refuse(node, "`*` and `**` are not available in filters", "Write the values out.", "*")
        else:
            signature = SIGNATURES[node.name] if kind == "filter" else inspect.signature(TESTS[node.name])
            try:
                signature.bind(0, *node.args, **{str(pair.key): 0 for pair in node.kwargs})
            except TypeError as error:
                where = self._places.in_line(node.lineno, node.name)
                self._find("template_syntax", where, f"The {kind} `{node.name}`: {error}", "Look its values up in docs/templates.md.")


def _hint(source: str) -> str:
    if "counts." in source or "values." in source:
        return "A name that begins with a digit goes into brackets: counts.page_views['7d']."
    return "Look for a missing end tag, quote or bracket."
