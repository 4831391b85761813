"""What must be true of an ending, as clauses: tests that must all come out as wanted. An `any` makes several of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.engine import inline
from rules.engine.linked import Answer, Group, Linked, Test, answer
from rules.engine.steps import Demands, Ending

MOST = 16
"""Clauses of one ending. An `any` that would make it more stays whole, and is asked of those users whom the rest leaves over."""

COST = {"boolean": 0, "one_of": 0, "text": 1, "number": 1, "many_of": 3}
DEAR = 2

Literal = tuple[Test, bool]
Choice = tuple[Group, bool]


@dataclass(frozen=True, slots=True)
class Clause:
    """`literals` and `others` must all come out as wanted; `others` are groups that were not taken apart."""

    ending: int
    literals: tuple[Literal, ...]
    others: Demands = ()


def clauses(endings: Iterable[Ending], most: int = MOST) -> list[Clause]:
    """In the endings' order."""
    return [
        Clause(number, tuple(literals), tuple(others))
        for number, ending in enumerate(endings)
        for literals, others in split(ending.way, most)
    ]


def split(way: Demands, most: int = MOST) -> list[tuple[list[Literal], list[Choice]]]:
    """Together they are true exactly where the way is: each as its tests, and the groups that stayed whole."""
    done: list[tuple[list[Literal], list[Choice]]] = []
    waiting: list[tuple[list[Literal], list[Choice], list[tuple[Linked, bool]]]] = [([], [], list(way))]
    while waiting:
        literals, choices, rest = waiting.pop()
        _flatten(literals, choices, rest)
        if not choices:
            done.append((literals, []))
            continue
        linked, wanted = min(choices, key=lambda choice: len(choice[0].parts))
        if len(done) + len(waiting) + len(linked.parts) > most:
            done.append((literals, choices))
            continue
        choices = [choice for choice in choices if choice[0] is not linked]
        waiting += [(list(literals), list(choices), [(part, wanted is not linked.negates)]) for part in reversed(linked.parts)]
    return done


def _flatten(literals: list[Literal], choices: list[Choice], rest: list[tuple[Linked, bool]]) -> None:
    """Moves what must all be true into the literals, and what leaves a choice into the choices."""
    while rest:
        linked, wanted = rest.pop(0)
        if isinstance(linked, Test):
            literals.append((linked, wanted))
        elif len(linked.parts) == 1 or wanted is not (linked.kind == "any"):
            rest[:0] = [(part, wanted is not linked.negates) for part in linked.parts]
        else:
            choices.append((linked, wanted))


class Asks:
    """Of one placement: tests that ask the same share a function. Those that are asked often are then near at hand for the processor."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Answer] = {}

    def of(self, literals: Iterable[Literal], others: Demands = ()) -> tuple[Answer, ...]:
        """What is to be asked of a clause, the cheapest first; all must be answered with yes."""
        ordered = sorted(literals, key=lambda literal: COST.get(literal[0].variable.type, DEAR))
        return (*(self._one(test, wanted) for test, wanted in ordered), *(_wanted(group, wanted) for group, wanted in others))

    def _one(self, test: Test, wanted: bool) -> Answer:
        way = test.ways[0]
        if len(test.ways) > 1 or way.extra or way.key not in inline.EXPRESSIONS:
            return _wanted(test, wanted)
        # By its class too: 1 and 1.0 are equal, and what is a little more than one of them may not be more than the other.
        key = (way.key, way.source, way.operand.__class__, inline.operand(way.operand), test.missing, wanted)
        if key not in self._made:
            self._made[key] = _wanted(test, wanted)
        return self._made[key]


def _wanted(linked: Linked, wanted: bool) -> Answer:
    return answer(linked if wanted else Group("not", (linked,)))
