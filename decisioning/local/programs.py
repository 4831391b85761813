"""The programs of Signpost beside its databases: their command lines, and the environment all of them share."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from decisioning.local.folder import Folder, Secrets
from decisioning.local.ports import HOST

ROOT = Path(__file__).resolve().parents[2]
CELERY = (sys.executable, "-m", "celery", "--quiet", "--app", "decisioning", "worker", "--include", "decisioning.local.announce")
CELERY_OPTIONS = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--concurrency", "1")
PARTITIONS = "16"
KAFKA = ("EVENT_LOG", "KAFKA_BOOTSTRAP", "KAFKA_TOPIC", "KAFKA_TIMEOUT_MS", "KAFKA_OPTIONS")
"""Where the event log is, if the person has said so; there is no Kafka that we could start."""
READY_MARKER = "signpost: this worker takes work"
"""What a Celery worker that the supervisor started says when it is ready (announce.py)."""


@dataclass(frozen=True)
class Program:
    name: str
    argv: tuple[str, ...]
    lasts: bool = True


def data() -> Program:
    return Program("data", (sys.executable, "-m", "decisioning.local.prepare"), lasts=False)


def web(port: int) -> Program:
    """Sixteen threads, for a client that does not finish its body holds one. granian warns of so many at a start, hence only its errors."""
    return Program(
        "web",
        (
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)),
            *("--workers", "1", "--blocking-threads", "16", "--workers-kill-timeout", "20", "--no-ws", "--log-level", "error"),
            "decisioning.wsgi:application",
        ),
    )


def tasks(folder: Folder) -> Program:
    """Celery tasks, with the timetable (beat) inside: one start of Python less, and on one machine there is only one of it anyway.

    They give way to the others: where cores are few, an archive run would hold up the events and decisions that somebody waits for.
    """
    schedule = str(folder.path / "beat-schedule")
    options = ("--queues", "tasks", "--pool", "prefork", "--hostname", "tasks@%h", "--beat", "--schedule", schedule)
    return Program("tasks", ("nice", "-n", "10", *CELERY, *CELERY_OPTIONS, *options))


def streams() -> Program:
    options = ("--queues", "stream-control", "--pool", "threads", "--hostname", "streams@%h", "--streams")
    return Program("streams", (*CELERY, *CELERY_OPTIONS, *options))


def environment(folder: Folder, secrets: Secrets, *, database_url: str, redis_url: str, broker_url: str) -> dict[str, str]:
    """What Django's settings read (decisioning/settings.py). What the person has set already stands."""
    kafka = {name: os.environ[name] for name in KAFKA if name in os.environ}
    return {
        **kafka,
        "SECRET_KEY": os.environ.get("SECRET_KEY", secrets.secret_key),
        # With one, what decisions read of a request's context is kept, sealed, so that all of them can be made again.
        "PERSONAL_DATA_KEY": os.environ.get("PERSONAL_DATA_KEY", secrets.personal_data),
        "DATABASE_URL": database_url,
        "DATABASE_OWNER_URL": "",  # for the migrations alone: whoever serves may not change history
        "REDIS_URL": redis_url,
        "BROKER_URL": broker_url,
        "DATA_DIR": str(folder.path),
        "PARTITIONS": os.environ.get("PARTITIONS", PARTITIONS),
        "DEMO": os.environ.get("DEMO", "1"),
        "ANCHOR_IN_LOG": os.environ.get("ANCHOR_IN_LOG", "0"),  # the log lies beside the anchors here
        "DJANGO_SETTINGS_MODULE": "decisioning.settings",
        "PYTHONUNBUFFERED": "1",
        # On a machine of one's own neither says anything: there is no collectstatic, and root is who owns a container.
        "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", "ignore:No directory at,ignore:You're running the worker"),
    }
