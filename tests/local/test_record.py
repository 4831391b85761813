"""A new supervisor ends what a killed one left behind, and never a process that only has the same number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from decisioning.local.processes import group_members, kill_group, spawn, started_at, wait_for_groups
from decisioning.local.record import TOKEN, Record, end_leftovers

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
LEADER_OF_TWO = [sys.executable, "-c", f"import subprocess, time; subprocess.Popen({SLEEP!r}); time.sleep(60)"]


@pytest.fixture
def start(tmp_path):
    started: list[subprocess.Popen[bytes]] = []

    def start(argv: list[str], token: str = "token-of-this-test") -> subprocess.Popen[bytes]:
        env = os.environ | {TOKEN: token}
        process = spawn(argv, env=env, cwd=tmp_path, output=subprocess.DEVNULL, death_signal=signal.SIGKILL)
        started.append(process)
        return process

    yield start
    for process in started:
        kill_group(process.pid)
        process.wait()


def wait_for_two(process: subprocess.Popen[bytes]) -> None:
    while len(group_members(process.pid)) < 2:
        assert process.poll() is None


def test_a_process_left_behind_is_ended(folder, start):
    process = start(SLEEP)
    Record(folder, "token-of-this-test").add("web", process.pid, signal.SIGTERM)

    assert end_leftovers(folder) == ["web"]
    assert process.wait(1) == -signal.SIGTERM


def test_a_process_with_the_number_but_another_start_time_is_spared(folder, start):
    process = start(SLEEP, token="somebody-else")
    Record(folder, "token-of-this-test").add("web", process.pid, signal.SIGTERM)
    entries = folder.read_json("run.json")
    entries["processes"][0]["started"] = "long ago"
    folder.write_json("run.json", entries)

    assert end_leftovers(folder) == []
    assert process.poll() is None


def test_children_of_a_program_that_is_gone_are_ended(folder, start):
    process = start(LEADER_OF_TWO)
    wait_for_two(process)
    Record(folder, "token-of-this-test").add("web", process.pid, signal.SIGTERM)
    process.kill()
    process.wait()
    assert group_members(process.pid) != []

    assert end_leftovers(folder) == ["web"]
    assert wait_for_groups([process.pid], seconds=1) == []


def test_a_child_ends_when_the_one_that_started_it_is_killed(tmp_path):
    code = (
        "import signal, subprocess, sys, os, pathlib, time\n"
        "from decisioning.local.processes import spawn\n"
        f"child = spawn({SLEEP!r}, env=os.environ, cwd=pathlib.Path('/'), output=subprocess.DEVNULL, death_signal=signal.SIGTERM)\n"
        "print(child.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert started_at(child)
    parent.kill()
    parent.communicate()

    assert wait_for_groups([child], seconds=5) == []
