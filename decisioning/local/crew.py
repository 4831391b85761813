"""Everything the supervisor has started: notices when a part ends by itself, and stops all of it in order."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass

from decisioning.local import programs
from decisioning.local.console import Console, Pump, begin_log
from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.processes import kill_group, spawn, wait_for_groups
from decisioning.local.programs import Program
from decisioning.local.record import TOKEN, Record
from decisioning.local.server import Server, tail

STOP_SECONDS = 45.0
"""A program finishes what it has in hand; by force only after this long."""


GUARD = """
while read -r word; do [ "$word" = done ] && exit; groups="$groups -$word"; done
sleep 8; [ -n "$groups" ] && kill -9 -- $groups 2>/dev/null
"""
"""A shell that outlives a supervisor that is killed: it is told each program's group, and ends what is left of them 8 s after the line
went dead. Each program is told to end at that moment too, but one that waits for a server that is gone as well may never come to it."""


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    pump: Pump
    since: float


class Crew:
    def __init__(self, folder: Folder, console: Console) -> None:
        self._folder, self._console = folder, console
        self._servers: list[Server] = []
        self._children: list[Child] = []
        self._token = secrets.token_hex(8)
        self._record = Record(folder, self._token)
        self._guard = subprocess.Popen(["/bin/sh", "-c", GUARD], stdin=subprocess.PIPE, text=True, start_new_session=True)

    def add(self, server: Server) -> None:
        self._servers.append(server)
        self._record.add(server.name, server.process.pid, server.stop_signal)

    def spawn(self, program: Program, environment: dict[str, str]) -> Child:
        log = begin_log(self._folder.logs / f"{program.name}.log")
        process = spawn(
            program.argv,
            env=os.environ | environment | {TOKEN: self._token},
            cwd=programs.ROOT,
            output=subprocess.PIPE,
            death_signal=signal.SIGTERM,
        )
        self._record.add(program.name, process.pid, signal.SIGTERM)
        if program.lasts:  # the number of one that has ended may be another process's by then
            self._tell_guard(str(process.pid))
        assert process.stdout is not None
        pump = Pump(program.name, process.stdout, log, self._console, marker=programs.READY_MARKER)
        child = Child(program.name, process, pump, time.monotonic())
        self._children.append(child)
        pump.start()
        return child

    def finish(self, child: Child) -> None:
        """Let a program that has an end go, once it has come to it well."""
        if child.process.returncode:
            raise self._ended(child)
        self._children.remove(child)

    def look(self) -> None:
        """Raise when a part has ended by itself."""
        for child in self._children:
            if child.process.poll() is not None:
                raise self._ended(child)
        for server in self._servers:
            if (code := server.process.poll()) is not None:
                raise LocalError(
                    f"{server.name} ended by itself ({_reason(code)}), last saying: {tail(server.log)} (all of it: {server.log})"
                )

    def stop(self) -> None:
        """Programs first, so that they can still store what they have in hand; then Valkey, then PostgreSQL."""
        for child in self._children:
            if child.process.poll() is None:
                child.process.terminate()
            else:
                kill_group(child.process.pid)  # Its children have nobody left who would tell them to stop.
        left = wait_for_groups([child.process.pid for child in self._children], seconds=STOP_SECONDS)
        for child in self._children:
            if child.process.pid in left:
                self._console.say(f"{child.name} did not stop in {STOP_SECONDS:.0f} seconds; ending it by force.")
                kill_group(child.process.pid)
            child.process.wait()
            child.pump.join(2)
        for server in reversed(self._servers):
            server.stop()
        self._record.clear()
        self._tell_guard("done")
        self._guard.wait()

    def _tell_guard(self, word: str) -> None:
        assert self._guard.stdin is not None
        print(word, file=self._guard.stdin, flush=True)

    def _ended(self, child: Child) -> LocalError:
        child.pump.join(2)
        log = self._folder.logs / f"{child.name}.log"
        said = child.pump.last or "nothing"
        return LocalError(f"{child.name} ended by itself ({_reason(child.process.returncode)}), last saying: {said} (all of it: {log})")


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
