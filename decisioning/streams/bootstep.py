"""The consumer inside a Celery worker: started with `--streams`, stopped with the worker, seen and led by Celery's inspect and control."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from celery import Celery, bootsteps
from celery.worker.control import control_command, inspect_command
from click import Option
from django.conf import settings

from decisioning import collecting
from decisioning.redis import UNREACHABLE, UnsuitableServer, check_partitions, check_server, worker_client
from decisioning.streams import log
from decisioning.streams.consumer import Consumer
from decisioning.streams.port import CannotLimit
from decisioning.tagging import Definitions
from rules.engine.workspace import Settings, Workspace

logger = logging.getLogger(__name__)
NO_STREAMS = {"error": "this worker was not started with --streams"}


class Streams(bootsteps.StartStopStep):
    """A step of the worker, not of its broker connection: steps of that one start anew with every reconnect."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, streams: bool = False, **options: Any) -> None:
        super().__init__(worker, **options)
        self._wanted = streams
        worker.streams = None

    def include_if(self, worker: Any) -> bool:
        return self._wanted

    def start(self, worker: Any) -> None:
        # Imported here because celery.py registers this step before Django's models can be imported.
        from decisioning import refresher, rulesets

        checked = _suitable()
        running = refresher.start_refresher()
        nothing = rulesets.define(Workspace(workspace=Settings(key="unreleased")))

        def definitions(workspace: str) -> Definitions:
            live = rulesets.live(workspace) or (running.look_again() and rulesets.live(workspace))
            return live.definitions if live else nothing

        def ready() -> bool:
            """Before the releases are known every workspace looks unreleased, and its events would be folded without their tags."""
            nonlocal checked
            try:
                checked = checked or _suitable()
            except UnsuitableServer:
                logger.critical("this worker stops", exc_info=True)
                os.kill(os.getpid(), signal.SIGTERM)
            return checked and running.loaded.is_set()

        worker.streams = Consumer(worker_client(), definitions, ready=ready)
        collecting.seldom()
        worker.streams.start()

    def stop(self, worker: Any) -> None:
        if worker.streams is not None:
            worker.streams.stop()

    terminate = stop


def _suitable() -> bool:
    """Whether the server was asked and is fit for state; raises UnsuitableServer where it is not."""
    try:
        check_server(worker_client())
        check_partitions(worker_client(), settings.PARTITIONS)
        log.check(worker_client())
    except (*UNREACHABLE, log.LogUnavailable) as error:
        logger.warning("what a worker needs does not answer yet: %s", error)
        return False
    return True


@inspect_command()
def stream_stats(state: Any) -> dict[str, Any]:
    """The partitions this worker owns with offset and lag, and what it has done since it started."""
    streams: Consumer | None = state.consumer.controller.streams
    if streams is None:
        return NO_STREAMS
    stats = streams.stats()
    offsets = stats.pop("owned")
    try:
        behind = {each["partition"]: each for each in log.lag(worker_client())}
    except (*UNREACHABLE, log.LogUnavailable) as error:
        return {**stats, "partitions": {str(p): {"offset": offsets[p]} for p in sorted(offsets)}, "error": str(error)}
    partitions = {
        str(p): {"offset": offsets[p], "events_behind": behind[p]["events"], "seconds_behind": behind[p]["seconds"]}
        for p in sorted(offsets)
    }
    return {**stats, "partitions": partitions}


@inspect_command()
def stream_releases(state: Any) -> dict[str, Any]:
    """The release of each workspace that this worker folds by, since when (seconds since 1970), and what it refused."""
    from decisioning.rulesets import rulesets  # as in `start`

    live = {
        key: {"number": live.number, "hash": live.hash, "source": live.source, "activated_at": live.activated_at}
        for key, live in sorted(rulesets.all().items())
    }
    return {"releases": live, "refused": dict(rulesets.errors)}


@control_command(variadic="partitions", signature="[partition [partition ...]]")
def stream_pause(state: Any, partitions: Sequence[str | int] = ()) -> dict[str, Any]:
    """Keep these partitions (all where none is named) and apply nothing of them, until stream_resume or a restart of the worker."""
    return _change(state, lambda streams: streams.pause(_partitions(partitions)))


@control_command(variadic="partitions", signature="[partition [partition ...]]")
def stream_resume(state: Any, partitions: Sequence[str | int] = ()) -> dict[str, Any]:
    """Go on with these partitions (all where none is named)."""
    return _change(state, lambda streams: streams.resume(_partitions(partitions)))


@control_command(args=[("partitions", str)], signature="<most partitions | all>")
def stream_scale(state: Any, partitions: str | int) -> dict[str, Any]:
    """Own at most so many partitions, 0 to hand all over to the other workers, until a restart; `all` for no limit."""
    return _change(state, lambda streams: streams.limit(None if partitions == "all" else _count(partitions)))


def _change(state: Any, change: Callable[[Consumer], None]) -> dict[str, Any]:
    streams: Consumer | None = state.consumer.controller.streams
    if streams is None:
        return NO_STREAMS
    try:
        change(streams)
    except (ValueError, CannotLimit) as error:
        return {"error": str(error)}
    return {"ok": f"paused: {streams.stats()['paused'] or 'none'}"}


def _partitions(named: Sequence[str | int]) -> list[int]:
    """Those named, or all. Raises ValueError."""
    if wrong := [each for each in named if not str(each).isdecimal() or int(each) >= settings.PARTITIONS]:
        raise ValueError(f"{wrong[0]} is no partition: they are 0 to {settings.PARTITIONS - 1}")
    return [int(each) for each in named] or list(range(settings.PARTITIONS))


def _count(text: str | int) -> int:
    if not str(text).isdecimal():
        raise ValueError(f"{text} is not a number of partitions; say 0 to {settings.PARTITIONS}, or all")
    return int(text)


def install(app: Celery) -> None:
    """Adds the step, its option and its command to the application."""
    app.steps["worker"].add(Streams)
    app.user_options["worker"].add(Option(("--streams",), is_flag=True, help="Apply the event log in this worker."))
