"""One copy of the whole system through its life: started, doubled, killed, started again, interrupted, and missing a part.

Starting is what takes the time, so the life is lived once; each test then looks at one thing that was seen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from decisioning.local.processes import group_members, wait_for_groups
from tests.local.clone import NO_NETWORK, complete_environment, copy_of_project, run_start
from tests.system import System, forget, new_folder

USER = "kim"


@dataclass
class Life:
    """What was seen."""

    neighbour: System
    """Another copy, in another folder, that ran all the time."""
    first_output: str = ""
    dev: list[dict[str, Any]] = field(default_factory=list)
    dev_mode: int = 0
    second_copy: Any = None
    dump: Any = None
    left_after_kill: list[str] = field(default_factory=list)
    orders_after_kill: int = 0
    exit_after_interrupt: int | None = None
    left_after_interrupt: list[int] = field(default_factory=list)
    orders_after_interrupt: int = 0
    exit_after_a_part_died: int | None = None
    left_after_a_part_died: list[int] = field(default_factory=list)
    last_output: str = ""


@pytest.fixture(scope="module")
def life(signpost: System) -> Iterator[Life]:
    clone = copy_of_project(new_folder())
    complete_environment(clone)
    life = Life(neighbour=signpost)
    system = None
    try:
        taken = int(signpost.url.rpartition(":")[2])
        system = start(clone, port=taken)
        life.first_output, life.dev_mode = system.output, stat.S_IMODE((system.data_dir / "dev.json").stat().st_mode)
        life.dev.append(system.dev)
        life.second_copy = run_start(clone)
        life.dump = run_start(clone, "manage", "dump", "homepage")
        order(system)

        groups = system.processes()
        system.process.kill()
        system.wait()
        life.left_after_kill = [f"{name} {group}" for name, group in groups.items() if group in wait_for_groups([group], seconds=60)]
        system = start(clone, port=taken)
        life.dev.append(system.dev)
        life.orders_after_kill = orders(system, wanted=1)
        order(system)

        groups = list(system.processes().values())
        system.interrupt()
        life.exit_after_interrupt = system.wait()
        life.left_after_interrupt = [pid for group in groups for pid in group_members(group)]

        system = start(clone, port=taken)
        life.orders_after_interrupt = orders(system, wanted=2)
        groups = list(system.processes().values())
        os.kill(system.processes()["streams"], signal.SIGKILL)
        life.exit_after_a_part_died = system.wait()
        life.left_after_a_part_died = [pid for group in groups for pid in group_members(group)]
        life.last_output = system.output
        yield life
    finally:
        if system is not None:
            system.stop()
            forget(system.data_dir)
        shutil.rmtree(clone.parent)


def start(clone, *, port: int) -> System:
    """By `start.py`, and with no network: all a second start may need is here."""
    return System(clone / ".data", port=port, start=clone / "start.py", env=NO_NETWORK).wait_until_ready()


def call(system: System, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {system.keys['homepage']['secret']}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(system.url + path, data, headers, method=method), timeout=10) as reply:
        return dict(json.load(reply))


def order(system: System) -> None:
    assert call(system, "POST", "/v1/track", {"userId": USER, "event": "Order Completed", "properties": {"total": 10}})["success"]


def orders(system: System, *, wanted: int) -> int:
    """How many of the orders that were accepted count for the user, once all have had the time to."""
    deadline = time.monotonic() + 15
    while (count := _orders(system)) < wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return count


def _orders(system: System) -> int:
    try:
        return int(call(system, "GET", f"/v1/users/{USER}")["counts"]["orders"]["total"])
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return 0  # Nobody of this name yet: the event waits in the log.


def test_a_start_says_each_step_with_its_seconds(life):
    steps = re.findall(r"^\[(\d)/7\] .* \(\d+\.\d s\)$", life.first_output, re.MULTILINE)

    assert steps == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_taken_port_is_said_aloud_and_the_next_one_is_used(life):
    taken = int(life.neighbour.url.rpartition(":")[2])
    said = re.search(rf"^Port {taken} is taken; using (\d+)\.$", life.first_output, re.MULTILINE)

    assert said is not None
    assert life.dev[0]["url"] == f"http://127.0.0.1:{said[1]}"


def test_a_second_copy_in_the_same_folder_is_refused_with_one_line(life):
    assert life.second_copy.returncode == 1
    assert re.fullmatch(r"Signpost is already running with .*\n", life.second_copy.stderr)


def test_a_manage_command_works_on_the_copy_that_runs(life):
    assert json.loads(life.dump.stdout)["workspace"]["key"] == "homepage"


def test_a_copy_in_another_folder_runs_beside_it_unharmed(life):
    order(life.neighbour)

    assert orders(life.neighbour, wanted=1) == 1
    assert life.neighbour.keys["homepage"]["secret"] != life.dev[0]["keys"]["homepage"]["secret"]


def test_the_keys_of_all_example_workspaces_are_for_the_owner_only(life):
    assert life.dev_mode == 0o600
    assert set(life.dev[0]["keys"]) == {"academy", "apparel", "checkout", "homepage", "longread", "news"}
    assert all(set(keys) == {"secret", "publishable"} for keys in life.dev[0]["keys"].values())


def test_login_and_keys_are_the_same_at_every_start(life):
    assert (life.dev[0]["admin"], life.dev[0]["keys"]) == (life.dev[1]["admin"], life.dev[1]["keys"])


def test_a_killed_supervisor_leaves_no_process_behind(life):
    assert life.left_after_kill == []


def test_what_was_accepted_before_the_kill_is_there_after_it(life):
    assert life.orders_after_kill == 1


def test_ctrl_c_leaves_no_process_behind(life):
    assert (life.exit_after_interrupt, life.left_after_interrupt) == (0, [])


def test_what_was_accepted_before_ctrl_c_is_there_after_it(life):
    assert life.orders_after_interrupt == 2


def test_when_one_part_ends_it_is_named_and_all_others_are_stopped(life):
    assert "streams ended by itself (signal SIGKILL)" in life.last_output
    assert (life.exit_after_a_part_died, life.left_after_a_part_died) == (1, [])
