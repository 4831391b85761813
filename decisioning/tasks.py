"""Celery tasks: a few lines each that call a use case."""

from __future__ import annotations

import time

from decisioning import archive
from decisioning.celery import app


@app.task
def archive_decisions() -> int:
    """Moves decisions from the log to PostgreSQL; says how many. Safe to run twice or at once."""
    return archive.drain(now=time.time())
