"""Celery tasks: a few lines each that call a use case."""

from __future__ import annotations

import time

from decisioning import archive
from decisioning.celery import app
from decisioning.raw import writer
from decisioning.raw.store import configured
from decisioning.redis import worker_client


@app.task
def archive_decisions() -> int:
    """Moves decisions from the log to PostgreSQL; says how many. Safe to run twice or at once."""
    return archive.drain(now=time.time())


@app.task
def archive_events() -> int:
    """Moves applied events from the log to the raw archive; says how many. Safe to run twice or at once."""
    store = configured()
    return 0 if store is None else writer.archive(store, worker_client())


@app.task
def compact_events() -> int:
    """Makes one file of each hour of the raw archive that is over; says how many files are gone. Safe to run twice or at once."""
    store = configured()
    return 0 if store is None else writer.compact(store, worker_client(), now=time.time())
