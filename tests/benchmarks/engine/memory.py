"""What a loaded rule set keeps in memory, measured in a process of its own: `memory SIZE KIND ENGINE` prints bytes as JSON."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from pathlib import Path

from rules.engine import parse_workspace
from tests.benchmarks.engine import signpost, zen_table
from tests.benchmarks.engine.peers import nested
from tests.benchmarks.engine.rulesets import Case, Kind, make

STATM = Path("/proc/self/statm")


def of(size: int, kind: Kind) -> dict[str, float]:
    """Bytes of our document, of what it was compiled to and of the most it took, and `resident` of zen-engine where that can be told."""
    found: dict[str, float] = {}
    for engine in ("signpost", "zen"):
        command = [sys.executable, "-m", __name__, str(size), kind, engine]
        found |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _signpost(case: Case) -> dict[str, float]:
    """Everything of ours is a Python object, so tracemalloc sees all of it."""
    text = json.dumps(signpost.document(case)).encode()
    tracemalloc.start()
    workspace = parse_workspace(text)
    parsed = _traced()
    ruleset = signpost.compiled(workspace, "all")
    peak = tracemalloc.get_traced_memory()[1]
    ruleset.choices(signpost.PLACEMENT, case.users[0])
    return {"document": parsed, "compiled": _traced() - parsed, "peak": peak}


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _zen(case: Case) -> dict[str, float]:
    """Rust's memory is none of Python's: by how much the process grows. Nothing where the system does not tell."""
    if not STATM.exists():
        return {}
    content, context = zen_table.table(case, "all"), nested(case.users[0])
    before = _pages()
    ask = zen_table.static(content)
    ask(context)
    return {"resident": (_pages() - before) * resource.getpagesize()}


def _pages() -> int:
    return int(STATM.read_text().split()[1])


def _main(size: str, kind: Kind, engine: str) -> None:
    case = make(int(size), kind, "flat", users=1)
    print(json.dumps(_signpost(case) if engine == "signpost" else _zen(case)))


if __name__ == "__main__":
    _main(*sys.argv[1:])  # type: ignore[arg-type]  # words of `of`, above
