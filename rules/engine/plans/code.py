"""The plan for small trees: one code object of nested ifs. Nothing an author wrote is in its text, only numbers that we dealt."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any

from rules.engine import inline
from rules.engine.linked import Linked, Readings, Test, answer
from rules.engine.steps import Ending, Step


class Code:
    __slots__ = ("every", "first")

    def __init__(self, steps: tuple[Step, ...], endings: tuple[Ending, ...]) -> None:
        text = _Text([ending.rule.key for ending in endings])
        self.first: Callable[[Readings, Container[str]], tuple[int, int]] = text.function("first", text.first(steps), "-1, p")
        self.every: Callable[[Readings, Container[str]], tuple[list[int], int]] = text.function("every", text.every(steps), "out, p")


class _Text:
    """Writes the functions. What they need of the rules are numbered names: `k` keys, `c` operands, `p` predicates, `h` tests."""

    def __init__(self, keys: list[str]) -> None:
        self.names: dict[str, Any] = {**inline.NAMES, "len": len}
        self.names |= {f"k{number}": key for number, key in enumerate(keys)}

    def function(self, name: str, lines: Iterator[str], result: str) -> Any:
        text = "\n".join([f"def {name}(r, capped):", " p = -1", " out = []" if name == "every" else "", *lines, f" return {result}"])
        made = compile(text, f"<{name}>", "exec")
        exec(made, self.names)  # noqa: S102  the text is ours to the letter
        return self.names[name]

    def first(self, steps: tuple[Step, ...], indent: str = " ") -> Iterator[str]:
        for step, inside, deeper in self._steps(steps, indent):
            yield from inside
            yield from self.first(step.children, deeper)
            if step.ending is not None:
                yield f"{deeper}if k{step.ending} not in capped: return {step.ending}, p"
                yield f"{deeper}if p < 0: p = {step.ending}"
            yield from self._otherwise(step, self.first(step.otherwise, f"{deeper}"), deeper)

    def every(self, steps: tuple[Step, ...], indent: str = " ") -> Iterator[str]:
        for step, inside, deeper in self._steps(steps, indent):
            yield from inside
            if step.ending is not None and step.children:
                yield f"{deeper}n{step.ending} = len(out)"
            yield from self.every(step.children, deeper)
            if step.ending is not None:
                own = f"{deeper}if len(out) == n{step.ending}:" if step.children else f"{deeper}if True:"
                yield from [own, f"{deeper} if k{step.ending} not in capped: out += {step.ending},"]
                yield f"{deeper} elif p < 0: p = {step.ending}"
            yield from self._otherwise(step, self.every(step.otherwise, f"{deeper}"), deeper)

    def _steps(self, steps: tuple[Step, ...], indent: str) -> Iterator[tuple[Step, list[str], str]]:
        """Each rule that is on, the ifs that lead to what it does, and how far that is indented."""
        for step in steps:
            if not step.rule.enabled:
                continue
            lines, deeper = [], indent
            for gate in step.gates:
                lines.append(f"{deeper}if {self.expression(gate)}:")
                deeper += " "
            if step.linked is not None:
                lines.append(f"{deeper}if {self.expression(step.linked)}:")
                deeper += " "
            yield step, [*lines, f"{deeper}pass"], deeper

    @staticmethod
    def _otherwise(step: Step, lines: Iterator[str], deeper: str) -> Iterator[str]:
        if step.otherwise:
            yield f"{deeper[:-1]}else:"
            yield f"{deeper}pass"
            yield from lines

    def expression(self, linked: Linked) -> str:
        if isinstance(linked, Test):
            return self._test(linked)
        parts = [self.expression(part) for part in linked.parts]
        word = " and " if linked.kind == "all" else " or "
        return f"({word.join(parts)})" if linked.kind in {"all", "any"} else f"(not ({word.join(parts)}))"

    def _test(self, test: Test) -> str:
        way, number = test.ways[0], len(self.names)
        if len(test.ways) > 1 or way.extra:
            self.names[f"h{number}"] = answer(test)
            return f"h{number}(r)"
        expression = inline.EXPRESSIONS.get(way.key)
        if expression is not None:
            self.names[f"c{number}"] = inline.operand(way.operand)
            asked = expression.format(f"c{number}")
        else:
            self.names[f"p{number}"] = way.predicate
            asked = f"p{number}(v)"
        read = f"(v := r[{way.source}])"
        return f"({read} is M or {asked})" if test.missing else f"({read} is not M and {asked})"
