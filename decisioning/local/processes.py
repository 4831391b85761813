"""Start, recognise and end processes: each in a group of its own, so that nothing of it can be left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int | IO[bytes],
    death_signal: signal.Signals,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: the terminal's Ctrl-C must reach only the supervisor, which then stops things in order.

    On Linux the program gets `death_signal` when the thread that calls this dies, so call it from the main thread.
    """
    return subprocess.Popen(
        [str(word) for word in argv],
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent(death_signal),  # Two system calls, no lock taken: safe beside the log threads
        **as_user(user),
    )


def as_user(user: str | None) -> dict[str, Any]:
    """The subprocess arguments that run a command as another user, with that user's groups only."""
    if user is None:
        return {}
    import pwd

    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def in_child() -> None:
        # Runs after the change of user, which would have cleared it.
        prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def started_at(pid: int) -> str | None:
    """When the process with this id started, as text that only the same process gives again. None: no such process, or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else f"{_boot()} {fields[19]}"
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def group_members(group: int) -> list[int]:
    """The living processes of a group. The group keeps its number for as long as one of them lives, even when its leader is gone."""
    if not Path("/proc/self/stat").exists():
        told = subprocess.run(["ps", "-axo", "pid=,pgid=,state="], capture_output=True, text=True, check=False).stdout
        rows = [line.split() for line in told.splitlines()]
        return [int(pid) for pid, pgid, state in rows if int(pgid) == group and not state.startswith("Z")]
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == group and fields[0] not in "ZX":
                members.append(int(entry.name))
    return members


def signal_process(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_for_groups(groups: Iterable[int], *, seconds: float) -> list[int]:
    """Wait until no process of these groups lives; the groups that still have some when the time is up."""
    deadline = time.monotonic() + seconds
    left = list(groups)
    while left := [group for group in left if group_members(group)]:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.05)
    return []
