"""What a plain single-threaded loop makes of the log, held against the states that the workers have written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.system import ROOT


@dataclass
class Found:
    entries: int
    applied: int
    duplicate: int
    users: int
    different: list[str]


def differences(environment: Mapping[str, str]) -> Found:
    """In a process of its own, which has the settings of the system it looks at."""
    command = [sys.executable, "-m", "tests.chaos.oracle"]
    told = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Found(**json.loads(told))


def _events(client: Any, partition: int) -> Iterator[Any]:
    from decisioning.streams import ids, log
    from decisioning.tagging.event import decode_event

    last = ids.NEVER
    while found := log.entries(client, partition, last, None, 1_000):
        for entry_id, data in found:
            yield decode_event(data)
            last = entry_id


def _look() -> dict[str, Any]:
    import django

    django.setup()
    import time

    from django.conf import settings

    from decisioning import keys
    from decisioning.redis import worker_client
    from decisioning.rulesets import rulesets
    from decisioning.streams import log
    from decisioning.tagging import advance, decode_state, encode_state, fold, new_state
    from rules import bundles

    for bundle in bundles.live_bundles(time.time(), {}):
        rulesets.swap(bundle, source="database", now=time.time())
    client = worker_client()
    states: dict[str, Any] = {}
    entries = 0
    for partition in range(settings.PARTITIONS):
        for event in _events(client, partition):
            key, definitions = keys.state_key(event.workspace, event.user), rulesets.get(event.workspace).definitions
            states[key] = fold(definitions, states.get(key) or new_state(), event).state
            entries += 1
    different = []
    for key, state in states.items():
        definitions = rulesets.get(key.split(":")[2]).definitions
        stored, now = client.get(key), time.time()
        # Timers that were due when it was read may have fired or wait for a worker to look: after all of them have, both are the same.
        if stored is None or encode_state(advance(definitions, decode_state(stored), now).state) != encode_state(
            advance(definitions, state, now).state
        ):
            different.append(key)
    different += [key.decode() for key in client.scan_iter("*:state:*", count=1000) if key.decode() not in states]
    stats = log.stats(client)
    return {
        "entries": entries,
        "applied": stats["applied"],
        "duplicate": stats["duplicate"],
        "users": len(states),
        "different": different,
    }


if __name__ == "__main__":
    print(json.dumps(_look()))
