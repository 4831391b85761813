"""How long a release takes from publish to live in every web and stream worker, beside a floor measured in the same run.

Run with `make bench-release` (`--publishes N`). It starts a whole Signpost of its own, with one web process and one stream worker more
beside it. The floor is what nobody can do without: one SELECT, and one message through Redis from this process to itself. The moment of
going live is the processes' own word (`activated_at`), on the clock that they share with this process.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

import django
import httpx

from decisioning.local.ports import HOST, free_port
from tests.system import ROOT, System, forget, new_folder

WORKSPACE, THRESHOLD = "apparel", "bench"
GIVE_UP = 10.0
NODE = "bench-streams"


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--publishes", type=int, default=100)
    options = parser.parse_args()
    folder = new_folder()
    system = System(folder)
    more: list[subprocess.Popen[bytes]] = []
    try:
        system.wait_until_ready()
        os.environ |= system.environment()
        django.setup()
        port = free_port()
        more += [_start("granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "decisioning.wsgi:application")]
        streams = ("--queues", "bench-control", "--pool", "threads", "--hostname", f"{NODE}@%h", "--streams", "--loglevel", "ERROR")
        more += [_start("celery", "-A", "decisioning", "worker", *streams)]
        headers = {"Authorization": f"Bearer {system.keys[WORKSPACE]['secret']}"}
        webs = [httpx.Client(base_url=url, headers=headers) for url in (system.url, f"http://{HOST}:{port}")]
        _measure(webs, options.publishes)
    finally:
        for process in more:
            process.terminate()
        for process in more:
            process.wait(30)
        system.stop()
        forget(folder)


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _measure(webs: list[httpx.Client], publishes: int) -> None:
    found: dict[str, list[float]] = {"floor: one SELECT and one published message": [], "publish answered": []}
    found |= {f"pressed to live in {name}": [] for name in ("both web processes", "both stream workers", "all four")}
    found["committed to live in all four"] = []
    _wait_for_all(webs)
    for number in range(publishes):
        found["floor: one SELECT and one published message"].append(_floor())
        pressed, committed, release = _publish(number)
        moments = _live(webs, release)
        web, streams = max(moments[: len(webs)]), max(moments[len(webs) :])
        found["publish answered"].append(committed - pressed)
        found["pressed to live in both web processes"].append(web - pressed)
        found["pressed to live in both stream workers"].append(streams - pressed)
        found["pressed to live in all four"].append(max(web, streams) - pressed)
        found["committed to live in all four"].append(max(web, streams) - committed)
    floor = statistics.median(found["floor: one SELECT and one published message"])
    print(f"{publishes} publishes of {WORKSPACE}")
    print(f"{'':48} {'p50 ms':>8} {'p99 ms':>8} {'p50 / floor':>12}")
    for name, seconds in found.items():
        p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
        print(f"{name:48} {p50 * 1000:8.2f} {p99 * 1000:8.2f} {p50 / floor:12.1f}")


def _publish(number: int) -> tuple[float, float, int]:
    from rules import services

    now = datetime.now(UTC)
    services.save_draft(WORKSPACE, kind="threshold", key=THRESHOLD, body={"value": number}, author=services.COMMAND_LINE, now=now)
    pressed = time.time()
    release = services.publish(WORKSPACE, actor=services.COMMAND_LINE, reason=f"bench {number}", now=datetime.now(UTC))
    return pressed, time.time(), release.number


def _live(webs: list[httpx.Client], release: int) -> list[float]:
    """When each process made the release live: the web processes' first, then the stream workers'."""
    deadline = time.monotonic() + GIVE_UP
    while time.monotonic() < deadline:
        told = [web.get("/statusz").json()["release"] for web in webs] + _streams()
        if len(told) == len(webs) + 2 and all(one["number"] == release for one in told):
            return [_seconds(one["activated_at"]) for one in told]
        time.sleep(0.02)
    raise SystemExit(f"release {release} was not live everywhere in {GIVE_UP} s: {told}")


def _streams() -> list[dict[str, Any]]:
    from decisioning.celery import app

    nodes = [f"{name}@{socket.gethostname()}" for name in ("streams", NODE)]
    answers = app.control.inspect(nodes, timeout=2, limit=len(nodes))._request("stream_releases") or {}  # limit: no waiting for a third
    return [answer["releases"][WORKSPACE] for _, answer in sorted(answers.items()) if "releases" in answer]


def _seconds(at: float | str) -> float:
    return datetime.fromisoformat(at).timestamp() if isinstance(at, str) else at


def _wait_for_all(webs: list[httpx.Client]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if all(web.get("/readyz").status_code == 200 for web in webs) and len(_streams()) == 2:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the processes were not ready in 60 s")


def _floor() -> float:
    from django.db import connection

    from decisioning.redis import worker_client

    subscriber = worker_client().pubsub(ignore_subscribe_messages=True)
    subscriber.subscribe("bench")
    subscriber.get_message(timeout=1)
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    worker_client().publish("bench", b"changed")
    while subscriber.get_message(timeout=1) is None:
        pass
    seconds = time.perf_counter() - started
    subscriber.close()
    return seconds


if __name__ == "__main__":
    main()
