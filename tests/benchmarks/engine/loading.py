"""What it costs to make a rule set ready: CPU time of parsing, checking and compiling, in turns with zen-engine's loading."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from rules.engine import check, parse_workspace
from tests.benchmarks.engine import signpost, zen_table
from tests.benchmarks.engine.measure import quiet_collector
from tests.benchmarks.engine.peers import nested
from tests.benchmarks.engine.rulesets import Case

PARSE, CHECK, COMPILE, ZEN = "parse_workspace", "check, with advice", "compile_ruleset", "zen-engine, load"
STEPS = (PARSE, CHECK, COMPILE, ZEN)


def load_times(case: Case, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of CPU by step. What zen-engine leaves for its first decision belongs to its loading."""
    text = json.dumps(signpost.document(case)).encode()
    workspace, content, context = parse_workspace(text), zen_table.table(case, "all"), nested(case.users[0])
    steps: dict[str, Callable[[], Any]] = {
        PARSE: lambda: parse_workspace(text),
        CHECK: lambda: check(workspace),
        COMPILE: lambda: signpost.compiled(workspace, "all"),
        ZEN: lambda: zen_table.static(content)(context),
    }
    found: dict[str, list[float]] = {name: [] for name in STEPS}
    with quiet_collector():
        for number in range(rounds):
            for place in range(len(STEPS)):
                name = STEPS[(place + number) % len(STEPS)]
                started = time.process_time()
                made = steps[name]()
                found[name].append((time.process_time() - started) * 1000)
                del made  # taking it apart is no part of loading the next one
    return found
