"""How long from an event to the decision that knows of it, against the floor of an empty request to the same server.

Run with `make bench`. It starts a whole Signpost of its own, asks it over loopback with one connection, and prints medians, 99th
percentiles and their ratio to the floor. On a shared machine only the ratios mean much.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.system import System, forget, new_folder

PROBES = 300
ROUNDS = 3
GIVE_UP = 5.0
WORKSPACE, PLACEMENT, EVENT, TAG = "homepage", "home-banner", "Order Completed", "recent-buyer"


class Caller:
    """One kept-alive connection, as a server of a customer has."""

    def __init__(self, url: str, key: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        content = json.loads(answer.read())
        if answer.status != 200:
            raise SystemExit(f"{method} {path} answered {answer.status}: {content}")
        return content


def main() -> None:
    folder = new_folder()
    system = System(folder)
    try:
        system.wait_until_ready()
        _measure(Caller(system.url, system.keys[WORKSPACE]["secret"]))
    finally:
        system.stop()
        forget(folder)


def _measure(caller: Caller) -> None:
    ways: dict[str, Callable[[Caller, str], float]] = {
        "floor: GET /livez": _floor,
        "POST /v1/track answered": _accepted,
        "POST /v1/decide answered": _decided,
        "track, then the first decision with the tag": _visible,
        "decide with the event sent along": _sent_along,
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(ROUNDS):  # interleaved, so that a slow spell of the machine meets all of them
        for name, way in ways.items():
            found[name] += [way(caller, f"bench-{round_number}-{number}-{name[:5]}-{time.time_ns()}") for number in range(PROBES)]
    floor = statistics.median(found["floor: GET /livez"])
    print(f"{'':48} {'p50 ms':>8} {'p99 ms':>8} {'p50 / floor':>12}")
    for name, seconds in found.items():
        p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
        print(f"{name:48} {p50 * 1000:8.2f} {p99 * 1000:8.2f} {p50 / floor:12.1f}")


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _event(user: str) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": EVENT, "messageId": user}


def _floor(caller: Caller, user: str) -> float:
    return _timed(lambda: caller.send("GET", "/livez"))


def _accepted(caller: Caller, user: str) -> float:
    return _timed(lambda: caller.send("POST", "/v1/track", _event(user)))


def _decide(caller: Caller, user: str, **more: Any) -> dict[str, Any]:
    return caller.send("POST", "/v1/decide", {"user_id": user, "placements": [PLACEMENT], **more})


def _decided(caller: Caller, user: str) -> float:
    return _timed(lambda: _decide(caller, user))


def _visible(caller: Caller, user: str) -> float:
    """From sending the event to having the answer of the first decision that sees its tag."""
    started = time.perf_counter()
    caller.send("POST", "/v1/track", _event(user))
    while TAG not in _decide(caller, user)["user"]["tags"]:
        if time.perf_counter() - started > GIVE_UP:
            raise SystemExit(f"the tag {TAG} did not appear in {GIVE_UP} s")
    return time.perf_counter() - started


def _sent_along(caller: Caller, user: str) -> float:
    def act() -> None:
        if TAG not in _decide(caller, user, events=[_event(user)])["user"]["tags"]:
            raise SystemExit("the event sent along did not count")

    return _timed(act)


if __name__ == "__main__":
    main()
