"""Signing in, opening pages one after the other, and the line that is printed of each."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from tests.benchmarks.asking import spent
from tests.benchmarks.pages.asked import Asked, pages
from tests.benchmarks.pages.filling import WORKSPACE

FLOOR, LOGIN = "/livez", "/admin/login/?next=/admin/"
WHO = ("author", "auditor")
_typed = count()


@contextmanager
def signed_in(url: str, people: Mapping[str, dict[str, str]]) -> Iterator[dict[str, httpx.Client]]:
    with ExitStack() as stack:
        clients = {who: stack.enter_context(httpx.Client(base_url=url, timeout=60)) for who in WHO}
        for who, client in clients.items():
            _sign_in(client, people[who])
        yield clients


def _sign_in(client: httpx.Client, account: dict[str, str]) -> None:
    page = client.get(LOGIN).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page[:500]
    answer = client.post(LOGIN, data={**account, "csrfmiddlewaretoken": token[1]}, headers={"Referer": str(client.base_url)})
    if answer.status_code != 302:
        raise SystemExit(f"signing in answered {answer.status_code}")


def measure(clients: Mapping[str, httpx.Client], times: int, server: int, author: Any) -> list[str]:
    """Prints a line for each page; gives the names of those that miss their goal."""
    floor = statistics.median(took(clients["author"], Asked(FLOOR)) for _ in range(times))
    print(f"{'':42} {'p50 ms':>8} {'worst ms':>9} {'changed':>8} {'on a core':>10} {'changed':>8} {'KB':>6} {'p50 / floor':>12}")
    print(f"{'floor: GET /livez':42} {floor * 1000:8.1f}")
    missed = []
    for number, (name, asked) in enumerate(pages().items()):
        client = clients[asked.who]
        _change(number, author)
        if asked.of:
            took(client, Asked(asked.of))
        began = spent(server)
        changed = took(client, asked)
        before = spent(server)
        found = [took(client, asked) for _ in range(times)]
        own, first = (spent(server) - before) / times, before - began
        p50, worst = statistics.median(found), max(found)
        size = len(_ask(client, asked).content) / 1000
        over = max(worst, changed) >= asked.goal
        missed += [name] if over else []
        waited = f"{p50 * 1000:8.1f} {worst * 1000:9.1f} {changed * 1000:8.1f}"
        late = f"  MORE THAN {asked.goal * 1000:.0f} ms" if over else ""
        print(f"{name:42} {waited} {own * 1000:10.1f} {first * 1000:8.0f} {size:6.0f} {p50 / floor:12.1f}{late}", flush=True)
    return missed


def _change(number: int, author: Any) -> None:
    """The marketer saves a draft of something else."""
    from rules import services

    body = {"value": number + 100}
    services.save_draft(WORKSPACE, kind="threshold", key="limit-7", body=body, author=author, now=datetime.now(UTC))


def took(client: httpx.Client, asked: Asked) -> float:
    started = time.perf_counter()
    _ask(client, asked)
    return time.perf_counter() - started


def _ask(client: httpx.Client, asked: Asked) -> Any:
    if asked.fields:
        fields = {**asked.fields, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        if asked.typed:
            fields[asked.typed] = f"{fields.get(asked.typed, '')} {next(_typed)}"
        answer = client.post(asked.address, data=fields, headers={"Referer": str(client.base_url), **asked.headers})
    else:
        answer = client.get(asked.address)
    if answer.status_code != 200:
        raise SystemExit(f"{asked.address} answered {answer.status_code}")
    return answer
