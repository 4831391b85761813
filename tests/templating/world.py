"""Shorthand for these tests: a template of one text, its problems, and what it says to a user."""

from __future__ import annotations

from typing import Any

from rules.engine.workspace import Template
from rules.templating import check_template, compile_template

ENGINES = ("liquid", "jinja")


def template(body: str = "", engine: str = "liquid", **more: Any) -> Template:
    return Template(key="t", engine=engine, body=body, **more)


def say(body: str, engine: str = "liquid", /, **data: Any) -> str:
    """What the text comes out as."""
    return compile_template(template(body, engine)).render(None, data).body


def codes(body: str, engine: str = "liquid") -> list[str]:
    return [problem.code for problem in check_template(template(body, engine))]
