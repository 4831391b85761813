"""The first page that a web process shows: each of these is asked of a process that has only just begun to answer."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from tests.benchmarks.pages.asked import GOAL, pages
from tests.benchmarks.pages.asking import took
from tests.system import System
from tests.web import web_process

FIRST = ("Today", "list: rules, as a tree", "editor: rule", "editor: template", "publish", "type-ahead: names to choose from")


def measure(system: System, clients: Mapping[str, httpx.Client]) -> list[str]:
    """As asking's. `second`: the same page again."""
    missed = []
    print("the first that a new web process is asked for:")
    asked = pages()
    for name in FIRST:
        page = asked[name]
        with web_process(system) as fresh, httpx.Client(base_url=fresh.base_url, cookies=clients[page.who].cookies, timeout=60) as client:
            first, second = took(client, page), took(client, page)
        over = first >= max(page.goal, GOAL)
        missed += [f"{name} of a new process"] if over else []
        late = f"  MORE THAN {max(page.goal, GOAL) * 1000:.0f} ms" if over else ""
        print(f"{name:42} first {first * 1000:7.0f} ms  second {second * 1000:7.0f} ms{late}", flush=True)
    return missed
