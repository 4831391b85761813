"""What one rendering may still do: steps are counted, because a thread can't be interrupted and a clock can be fooled."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from rules.templating import limits
from rules.templating.errors import RenderError
from rules.templating.values import absent


class Budget:
    """Steps left. Every evaluation, loop, filter and operator pays here before it works."""

    __slots__ = ("output", "steps")

    def __init__(self) -> None:
        self.steps = limits.STEPS
        self.output = limits.OUTPUT

    def spend(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise RenderError(
                "too_many_steps", f"The template needs more than {limits.STEPS} steps; loops inside loops are the usual reason"
            )

    def write(self, output: str) -> None:
        """A text is finished. The engines bound each while it is made; this bounds all of them."""
        self.output -= len(output) if output.isascii() else len(output.encode())
        if self.output < 0:
            raise RenderError("output_too_long", f"The texts come out longer than {limits.OUTPUT} bytes")

    def weigh(self, value: object) -> int:
        """The size of a value in characters and elements, paid for; refuses what a filter or operator may not handle."""
        if isinstance(value, str):
            if len(value) > limits.TEXT:
                raise RenderError("text_too_long", f"Filters take and give texts up to {limits.TEXT} characters")
            self.spend(1 + len(value) // limits.STEP_CHARACTERS)
            return len(value)
        self.spend()
        if isinstance(value, int | float | Decimal):
            if not -limits.NUMBER <= value <= limits.NUMBER:
                raise RenderError("number_too_large", f"Numbers go up to {limits.NUMBER}")
            return 1
        if isinstance(value, list | tuple | dict):
            if len(value) > limits.ITEMS:
                raise RenderError("list_too_long", f"Filters take and give lists up to {limits.ITEMS} elements")
            return 1 + sum(map(self.weigh, value.values() if isinstance(value, dict) else value))
        if isinstance(value, date | time) or absent(value):
            return 1
        raise RenderError("not_plain", f"A {type(value).__name__} can't be used here")
