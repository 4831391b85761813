"""How long an auditor waits for "which version decided this" and "what was live at T", asked over HTTP, with a long history.

Every answer is compared with what was written. The floor is a GET /livez through the same door by the same client, and a bare SELECT 1.
Beside the time that the client waited stands the web process's own time on a core, which neighbours on a busy machine change little.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from decisioning.local.ports import HOST, free_port
from tests.system import ROOT
from tests.web import wait_until_ready

EACH = 50
"""Archived decisions of each release."""
ASKED, WARM = 1_000, 50
GOAL = 0.050


def measure(workspace: Any) -> None:
    """`workspace` has its releases, a minute apart."""
    from django.db import connection

    draw = random.Random(5)
    decided = archive(workspace, draw)
    # What autovacuum has done long since where releases came one by one.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"  {len(decided):,} decisions in the archive; each question asked {ASKED:,} times, the answers compared with what was written")
    with web(workspace) as (client, page, server):
        floor = told("floor: GET /livez", server, lambda: client.get("/livez").raise_for_status())
        told("floor: SELECT 1 on a connection here", server, select_one, floor)
        told("which version decided this: GET /v1/decisions/{id}", server, lambda: ask_which(client, *draw.choice(decided)), floor)
        told("what was live at T: GET /v1/releases/live?at=", server, lambda: ask_live(client, *draw.choice(decided)), floor)
        told("what was live at T: the page", server, lambda: look_live(page, workspace, *draw.choice(decided)), floor)
        told("which release decided this: the page", server, lambda: look_which(page, workspace, *draw.choice(decided)), floor)


Decided = tuple[UUID, datetime, int, str, int]
"""Id, moment, release, and the rule with its version."""


def archive(workspace: Any, draw: random.Random) -> list[Decided]:
    """Decisions of every release, by the rules as they were live in it, within its minute."""
    from django.db import connection

    from decisioning.models import DecisionRecord
    from rules.models import Release

    found: list[Decided] = []
    releases = Release.objects.filter(workspace=workspace).order_by("number").values_list("number", "effective_from", "manifest")
    first, last = releases[0][1], releases.reverse()[0][1]
    with connection.cursor() as cursor:
        for day in range((last - first).days + 2):
            cursor.execute("SELECT decisioning_make_partition(%s)", [(first + timedelta(days=day)).date()])
    for number, since, manifest in releases.iterator(chunk_size=50):
        rules = [(entry["key"], entry["version"]) for entry in manifest if entry["kind"] == "rule"]
        own = [(at, *draw.choice(rules)) for at in (since + timedelta(seconds=draw.uniform(0, 59)) for _ in range(EACH))]
        made = [(_id(at, draw), at, number, key, version) for at, key, version in own]
        DecisionRecord.objects.bulk_create(_record(workspace.key, *one) for one in made)
        found += made
    return found


def made_up(draw: random.Random, workspace: str, at: datetime, release: int, rule: str, version: int) -> Any:
    """A record of one decision, not saved."""
    return _record(workspace, _id(at, draw), at, release, rule, version)


def _id(at: datetime, draw: random.Random) -> UUID:
    """As the service makes them: version 7, which begins with the moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | draw.getrandbits(12) << 64 | 2 << 62 | draw.getrandbits(62))


def _record(workspace: str, decision_id: UUID, at: datetime, release: int, rule: str, version: int) -> Any:
    from decisioning.models import DecisionRecord

    return DecisionRecord(
        decision_id=decision_id,
        at=at,
        evaluated_at=at,
        workspace=workspace,
        user=f"u:{decision_id.int % 10_000}",
        placement="banner",
        release=release,
        outcome="rule",
        reason="rule_matched",
        rule=rule,
        rule_version=version,
        template="hello",
        template_version=1,
        path=[rule],
        content={"body": "Hello friend"},
        facts={"counts.carts.1h": 3, "hour": 14},
    )


@contextmanager
def web(workspace: Any) -> Iterator[tuple[httpx.Client, httpx.Client, int]]:
    """A web process over the same servers: a client with a secret key, one that an auditor is signed in with, and its process id."""
    from rules import services

    secret = services.issue_key(workspace.key, kind="secret", label="bench", now=datetime.now(UTC))
    cookies = signed_in()
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "decisioning.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://{HOST}:{port}"
    try:
        with (
            httpx.Client(base_url=address, headers={"Authorization": f"Bearer {secret}"}) as client,
            httpx.Client(base_url=address, cookies=cookies, follow_redirects=True) as page,
        ):
            wait_until_ready(client)
            yield client, page, process.pid
    finally:
        process.terminate()
        process.wait(20)


def signed_in() -> dict[str, str]:
    from django.contrib.auth.models import Group, User
    from django.test import Client

    auditor = User.objects.create_user("auditor", is_staff=True)
    auditor.groups.add(Group.objects.get(name="Auditor"))
    client = Client()
    client.force_login(auditor)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def spent(server: int) -> float:
    """Seconds on a core of a process's children, where the system tells them as Linux does; else 0."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            words = path.read_text().rpartition(")")[2].split()
            ticks += int(words[11]) + int(words[12]) if int(words[1]) == server else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def told(what: str, server: int, act: Callable[[], object], floor: float | None = None) -> float:
    """Prints and says p50 in seconds."""
    for _ in range(WARM):
        act()
    found, before = [], spent(server)
    for _ in range(ASKED):
        started = time.perf_counter()
        act()
        found.append(time.perf_counter() - started)
    p50, p99 = statistics.median(found), statistics.quantiles(found, n=100)[98]
    own = (spent(server) - before) / ASKED
    beside = f"  {p50 / floor:5.1f} x the floor" if floor else ""
    late = "" if p99 < GOAL else f"  MORE THAN {GOAL * 1000:.0f} ms"
    print(f"  {what:52} p50 {p50 * 1000:7.2f} ms  p99 {p99 * 1000:7.2f} ms  {own * 1000:6.2f} ms on a core{beside}{late}", flush=True)
    return p50


def select_one() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def ask_which(client: httpx.Client, decision_id: UUID, at: datetime, release: int, rule: str, version: int) -> None:
    said = client.get(f"/v1/decisions/{decision_id}").raise_for_status().json()
    must_be((said["release"], said["rule"]), (release, {"key": rule, "version": version}))


def ask_live(client: httpx.Client, decision_id: UUID, at: datetime, release: int, *_: object) -> None:
    said = client.get("/v1/releases/live", params={"at": at.isoformat()}).raise_for_status().json()
    must_be(said["number"], release)


def look_live(page: httpx.Client, workspace: Any, decision_id: UUID, at: datetime, release: int, *_: object) -> None:
    look(page, {"workspace": workspace.pk, "at": f"{at:%Y-%m-%dT%H:%M:%S}", "decision": ""}, f" release {release} was live at")


def look_which(page: httpx.Client, workspace: Any, decision_id: UUID, at: datetime, release: int, *_: object) -> None:
    look(page, {"workspace": workspace.pk, "at": "", "decision": str(decision_id)}, f" release {release} decided")


def look(page: httpx.Client, asked: dict[str, Any], words: str) -> None:
    shown = page.get("/admin/rules/release/live-at/", params=asked).raise_for_status().text
    must_be(words in shown, True)


def must_be(said: object, wanted: object) -> None:
    if said != wanted:
        raise SystemExit(f"a wrong answer: {said} and not {wanted}")
