"""The attacks that stock settings of both engines let through: each is refused, fails with a code, or is harmless."""

from __future__ import annotations

import faulthandler
import sys
import tomllib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rules.engine import DocumentError
from rules.templating import RenderError, compile_template
from tests.templating.world import ENGINES, template

FOLDER = Path(__file__).parent / "cases"
MOST_CALLS = 1_000_000
"""Calls of functions to compile and render one text: about a second. What a thread does can't be stopped, so it must end."""

MOST_MEMORY = 16 * 1024 * 1024
GIVE_UP = 120
"""Seconds until the whole run is stopped with a stack: an operation inside C makes no calls that could be counted."""

DATA: dict[str, Any] = {
    "user_name": "<script>alert(1)</script>",
    "url": "javascript:alert(1)",
    "number": 9,
    "huge": 10**40,
    "tags": ["a", "b", "c"],
    "traits": {"plan": "gold"},
    "big": "x" * 10_000,
    "brackets": "<" * 10_000,
    "many": [f"element {number}" for number in range(1000)],
    "deep": {str(outer): {str(inner): inner for inner in range(30)} for outer in range(30)},
}


class TooManyCalls(BaseException):
    """Not an Exception, so that no engine can swallow it."""


def read(engine: str) -> list[Any]:
    cases = tomllib.loads((FOLDER / f"payloads_{engine}.toml").read_text(encoding="utf-8"))["case"]
    return [pytest.param(engine, case, id=f"{engine}: {case['name']}") for case in cases]


def body(case: dict[str, Any]) -> str:
    if "body" in case:
        return str(case["body"])
    times = case["times"]
    return f"{case.get('before', '')}{case['part'] * times}{case.get('after', '')}{case.get('close', '') * times}{case.get('end', '')}"


@pytest.fixture
def bounded() -> Iterator[None]:
    """Counts every call and the memory; ends what does too much of either."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")
        if calls > MOST_CALLS:
            sys.setprofile(None)
            raise TooManyCalls

    faulthandler.dump_traceback_later(GIVE_UP, exit=True)
    tracemalloc.start()
    sys.setprofile(count)
    yield
    sys.setprofile(None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    faulthandler.cancel_dump_traceback_later()
    assert peak < MOST_MEMORY


def outcome(engine: str, text: str) -> tuple[str, Any]:
    try:
        compiled = compile_template(template(text, engine))
    except DocumentError as error:
        return "refused", {problem.code for problem in error.problems}
    try:
        return "gives", compiled.render(None, DATA).body
    except RenderError as error:
        return "fails", error.code


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(("engine", "case"), [case for engine in ENGINES for case in read(engine)])
def test_an_attack_is_contained(engine: str, case: dict[str, Any]):
    kind, found = outcome(engine, body(case))

    if "refused" in case:
        assert kind == "refused", found
        assert case["refused"] in found
    elif "fails" in case:
        assert (kind, found) == ("fails", case["fails"])
    else:
        assert (kind, found) == ("gives", case["gives"])
