"""The record of what was started: how a new supervisor ends what one that was killed has left behind, and nothing else."""

from __future__ import annotations

import signal
from pathlib import Path

from decisioning.local.folder import Folder
from decisioning.local.processes import group_members, kill_group, signal_process, started_at, wait_for_groups

NAME = "run.json"
TOKEN = "SIGNPOST_RUN"
PATIENCE = 20.0


class Record:
    """Every process we start is noted with the time it started: a number alone may belong to somebody else by now."""

    def __init__(self, folder: Folder, token: str) -> None:
        self._folder = folder
        self._token = token
        self._entries: list[dict[str, object]] = []

    def add(self, name: str, pid: int, stop_signal: signal.Signals) -> None:
        self._entries.append({"name": name, "pid": pid, "started": started_at(pid), "signal": int(stop_signal)})
        self._folder.write_json(NAME, {"token": self._token, "processes": self._entries})

    def clear(self) -> None:
        self._entries = []
        self._folder.write_json(NAME, {"token": self._token, "processes": []})


def end_leftovers(folder: Folder) -> list[str]:
    """End what is left of an earlier run, programs before databases. The names of what was found."""
    left = folder.read_json(NAME)
    found = []
    for entry in reversed(left.get("processes", [])):
        pid = int(entry["pid"])
        leads = started_at(pid) == entry["started"] is not None
        if leads:
            signal_process(pid, signal.Signals(entry["signal"]))
            wait_for_groups([pid], seconds=PATIENCE)
        rest = group_members(pid) if leads else [member for member in group_members(pid) if _carries(member, str(left["token"]))]
        if rest:
            # All of a group is of one program, so the token of one member speaks for the others.
            kill_group(pid)
            wait_for_groups([pid], seconds=PATIENCE)
        if leads or rest:
            found.append(str(entry["name"]))
    return found


def _carries(pid: int, token: str) -> bool:
    """Whether a process was started by the run with this token: it is in the environment that all of a run's processes inherit."""
    try:
        return f"{TOKEN}={token}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
