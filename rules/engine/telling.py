"""What is told of rules that were returned, written out in code: all that is known beforehand is copied, only values are looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any, TypeAlias

from rules.engine.linked import Group, Linked, Readings, Test
from rules.engine.steps import Step
from rules.engine.told import conditions, leaf
from rules.engine.values import LARGEST

Tell: TypeAlias = Callable[[Readings], dict[str, Any]]

MOST_TESTS = 64
"""In one function. The conditions of a rule beyond are told of as those of any rule are, which takes longer anyway."""

MOST_TEXTS = 512
"""Rules with as many tests of the same kinds share one text, which takes a fifth of a millisecond to compile; so many are kept."""


def tell(steps: Sequence[Step], *, won: bool) -> Tell:
    """Tells of the way from the root to an ending that won or, had its cap not been used up, would have.

    That it was come to says how each rule on the way came out: none has to be asked again, but for the inner parts of what
    is not plain.
    """
    text = _Text()
    inner, below = "", None
    for number, step in enumerate(reversed(steps)):
        otherwise = below is not None and below.rule.branch == "else"
        frame: dict[str, Any] = {"key": step.rule.key, "matched": not otherwise, "conditions": None, "children": None}
        frame |= {"gates": None} if step.gates else {}
        frame |= {"otherwise": None} if otherwise else {}
        frame |= ({"won": True} if won else {"reason": "capped"}) if below is None else {}
        text.lines.append(f"s{number} = {text.name(frame)}.copy()")
        seen = text.call(partial(conditions, step.linked)) if otherwise else text.held(step.linked)
        text.lines.append(f's{number}["conditions"] = {seen}')
        if step.gates:
            text.lines.append(f's{number}["gates"] = [{", ".join(map(text.test, step.gates))}]')
        text.lines.append(f's{number}["children"] = [{"" if otherwise else inner}]')
        if otherwise:
            text.lines.append(f's{number}["otherwise"] = [{inner}]')
        inner, below = f"s{number}", step
    return text.function(f'{{"rules": [{inner}]}}')


class _Text:
    """The lines, and under numbered names what is put into them. Nothing an author wrote is in the lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._values: list[object] = []
        self._tests = 0

    def name(self, value: object) -> str:
        self._values.append(value)
        return f"a{len(self._values)}"

    def call(self, told: Tell) -> str:
        return f"{self.name(told)}(r)"

    def held(self, linked: Linked | None) -> str:
        """An expression of conditions that are known to hold."""
        if linked is None:
            return '{"all": [], "matched": True}'
        if isinstance(linked, Test):
            return self.test(linked)
        if linked.kind != "all" or len(linked.parts) > MOST_TESTS:
            return self.call(partial(conditions, linked))
        parts = [self.call(partial(conditions, part)) if isinstance(part, Group) else self.test(part) for part in linked.parts]
        return f'{{"all": [{", ".join(parts)}], "matched": True}}'

    def test(self, test: Test) -> str:
        """One that holds. Where it would without a value, too, or is compared with another name, there is more to say of it."""
        self._tests += 1
        if test.missing or test.other is not None or self._tests > MOST_TESTS:
            return self.call(partial(leaf, test, wanted=True))
        one = f"t{self._tests}"
        self.lines += [f"{one} = {self.name(test.shown)}.copy()", f'{one}["actual"] = {self._actual(test)}']
        return one

    def _actual(self, test: Test) -> str:
        """Its value as JSON can hold it. Where it was read as it is, and is not very large, that is the value itself."""
        seen = f"r[{self.name(test.seen)}]"
        if not test.same:
            return seen
        way = test.ways[0]
        read, text = f"(v := r[{self.name(way.source)}])", (way.operator.reads or test.variable.type) in {"text", "one_of"}
        short = f"{read}.isascii() and len(v) < 100" if text else f"-L < {read} < L"
        return f"v if {short} else {seen}"

    def function(self, result: str) -> Tell:
        names = ", ".join(f"a{number}" for number in range(1, len(self._values) + 1))
        text = "\n ".join([f"def tell(r, {names}):", *self.lines, f"return {result}"])
        made: Tell = FunctionType(_code(text), _NAMES, "tell", tuple(self._values))
        return made


_NAMES: dict[str, Any] = {"__builtins__": {}, "L": LARGEST, "len": len}


@lru_cache(MOST_TEXTS)
def _code(text: str) -> CodeType:
    names: dict[str, Any] = {}
    exec(compile(text, "<tell>", "exec"), names)  # noqa: S102  the text is ours to the letter
    code: CodeType = names["tell"].__code__
    return code
