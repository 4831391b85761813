"""The order of things: databases, data, programs; READY when all of them work; until somebody says stop or a part ends by itself."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping

from decisioning.local import postgres, prepare, programs, valkey
from decisioning.local.console import Console
from decisioning.local.crew import Child, Crew
from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.ports import HOST, Claim
from decisioning.local.programs import Program
from decisioning.local.ready import partitions_owned, web_is_ready
from decisioning.local.record import end_leftovers
from decisioning.local.server import Server

READY_SECONDS = 120.0


class Stopped(Exception):
    """Somebody asked us to stop."""


class Supervisor:
    def __init__(self, folder: Folder, console: Console, *, port: int) -> None:
        self._folder, self._console, self._preferred_port = folder, console, port
        self._crew = Crew(folder, console)
        self._environment: dict[str, str] = {}
        self._owner: dict[str, str] = {}
        self._asked_to_stop = False

    def run(self) -> int:
        """Until Ctrl-C, a signal, or the end of one of the parts. The exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        code = 0
        try:
            self._start()
            while True:
                self._look()
                time.sleep(0.2)
        except Stopped:
            self._console.say("Stopping.")
        except LocalError as error:
            print(error, file=sys.stderr, flush=True)
            code = 1
        finally:
            since = time.monotonic()
            self._asked_to_stop = True
            self._crew.stop()
            self._console.say(f"Stopped; nothing is left running ({time.monotonic() - since:.1f} s).")
        return code

    def _on_signal(self, number: int, frame: object) -> None:
        # Only noted here: an exception out of a signal handler could come between the start of a process and the note of its id.
        if self._asked_to_stop:
            self._console.say("Still stopping: each part finishes what it has in hand.")
        self._asked_to_stop = True

    def _start(self) -> None:
        begun = time.monotonic()
        if left := end_leftovers(self._folder):
            self._console.say(f"Ended what an earlier run had left behind: {', '.join(left)}.")
        self._claim = Claim(self._preferred_port)
        port = self._claim.port
        if self._preferred_port and port != self._preferred_port:
            self._console.say(f"Port {self._preferred_port} is taken; using {port}.")
        self._prepare(needed=self._start_servers())
        # All at once: what takes their time is importing Python modules.
        web, streams, tasks = map(self._spawn, (programs.web(port), programs.streams(), programs.tasks(self._folder)))
        url, redis_url = f"http://{HOST}:{port}", self._environment["REDIS_URL"]
        partitions = int(self._environment["PARTITIONS"])
        self._wait(web, lambda: web_is_ready(port))
        self._step(5, f"Web server on {url}", web.since)
        self._wait(streams, lambda: partitions_owned(redis_url, partitions, streams.process.pid) == partitions)
        self._step(6, f"Stream worker: it owns all {partitions} partitions of the event log", streams.since)
        self._wait(tasks, tasks.pump.marked.is_set)
        self._step(7, "Task worker, with the timetable", tasks.since)
        self._say_ready(url, time.monotonic() - begun)

    def _start_servers(self) -> bool:
        """Start PostgreSQL and Valkey, but for those whose address is in the environment. Says whether the database may be new."""
        kept = self._folder.secrets()
        self._folder.make_anchor_key()
        database_url, redis_url, broker_url = map(os.environ.get, ("DATABASE_URL", "REDIS_URL", "BROKER_URL"))
        fresh, since = True, time.monotonic()
        if database_url:
            owner_url = os.environ.get("DATABASE_OWNER_URL", "")
            self._step(2, "PostgreSQL: the one in DATABASE_URL", since)
        else:
            server = self._take_over(2, postgres.start(self._folder, password=kept.postgres), since)
            database_url, owner_url, fresh = postgres.application_url(server.url), server.url, server.fresh
        since = time.monotonic()
        if redis_url:
            self._step(3, "Redis: the one in REDIS_URL", since)
        else:
            redis_url = self._take_over(3, valkey.start(self._folder, password=kept.valkey), since).url
            # Celery's messages lie in a database of their own. A REDIS_URL from outside may be a cluster, which has only one.
            broker_url = broker_url or redis_url.removesuffix("/0") + "/1"
        self._environment = programs.environment(
            self._folder, kept, database_url=database_url, redis_url=redis_url, broker_url=broker_url or redis_url
        )
        self._owner = {"DATABASE_OWNER_URL": owner_url}
        self._folder.write_json("environment.json", self._environment)
        return fresh

    def _take_over(self, number: int, server: Server, since: float) -> Server:
        self._crew.add(server)
        elsewhere = "" if server.data.is_relative_to(self._folder.path) else f", its data in {server.data}"
        self._step(number, f"{server.name} {server.version} on {HOST}:{server.port}{elsewhere}", since)
        return server

    def _prepare(self, *, needed: bool) -> None:
        since = time.monotonic()
        if not needed and prepare.is_done(self._folder):
            self._step(4, "Schema, example workspaces and keys: as at the last start", since)
            return
        child = self._spawn(programs.data(), self._owner)
        while child.process.poll() is None:
            self._stop_if_asked()
            time.sleep(0.02)
        self._crew.finish(child)
        self._step(4, "Schema, example workspaces and keys", since)

    def _spawn(self, program: Program, more: Mapping[str, str] | None = None) -> Child:
        self._stop_if_asked()
        return self._crew.spawn(program, self._environment | dict(more or {}))

    def _wait(self, child: Child, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            self._look()
            if time.monotonic() > deadline:
                raise LocalError(
                    f"{child.name} was not ready after {READY_SECONDS:.0f} seconds; it last said: {child.pump.last or 'nothing'}"
                )
            time.sleep(0.1)

    def _look(self) -> None:
        self._stop_if_asked()
        self._crew.look()

    def _stop_if_asked(self) -> None:
        if self._asked_to_stop:
            raise Stopped

    def _step(self, number: int, text: str, since: float) -> None:
        self._console.step(number, text, time.monotonic() - since)

    def _say_ready(self, url: str, seconds: float) -> None:
        kept = {"url": url} | self._folder.read_json(prepare.DEV) | {"url": url}
        self._folder.write_json(prepare.DEV, kept)
        admin = kept["admin"]
        self._console.say(
            f"READY {url} ({seconds:.1f} s)\n"
            f"  Demo shop  {url}/demo/\n"
            f"  Admin      {url}/admin/  user {admin['username']}, password {admin['password']}\n"
            f"  API docs   {url}/v1/docs\n"
            f"  API keys   {self._folder.path / prepare.DEV}\n"
            "  Stop       Ctrl-C"
        )
