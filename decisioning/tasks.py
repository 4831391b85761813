"""Celery tasks: a few lines each that call a use case."""

from __future__ import annotations

import time

from decisioning import archive, consents, dryrun, erasure, forgetting, responses
from decisioning.celery import app
from decisioning.history import anchoring, verifying
from decisioning.raw import writer
from decisioning.raw.store import configured
from decisioning.redis import worker_client
from decisioning.refresher import Refresher

releases = Refresher()
"""For looks at what is live; it does not look by itself here."""


@app.task
def archive_decisions() -> int:
    """Moves decisions from the log to PostgreSQL; says how many. Safe to run twice or at once."""
    return archive.drain(now=time.time())


@app.task
def count_responses() -> int:
    """Counts the decisions that events answered; says how many were new. Safe to run twice or at once."""
    now = time.time()
    # What may be read of events is said by the live releases. Without them nothing is counted, and the log waits.
    return responses.drain(now=now) if releases.fetch(now=now) else 0


@app.task
def archive_events() -> int:
    """Moves applied events from the log to the raw archive; says how many. Safe to run twice or at once."""
    store = configured()
    if store is None:
        return 0
    # What may be kept of events is said by the live releases. Without them nothing is archived, and the log waits.
    return writer.archive(store, worker_client()) if releases.fetch(now=time.time()) else 0


@app.task
def compact_events() -> int:
    """Makes one file of each hour of the raw archive that is over; says how many files are gone. Safe to run twice or at once."""
    store = configured()
    return 0 if store is None else writer.compact(store, worker_client(), now=time.time())


@app.task
def keep_consents() -> int:
    """Moves what users said about consent from the event log to PostgreSQL; says how many words. Safe to run twice or at once."""
    return consents.drain()


@app.task
def erase_users() -> int:
    """Goes on with every erasure asked for; says how many are finished. Safe to run twice or at once."""
    now = time.time()
    return erasure.work(now=now) if releases.fetch(now=now) else 0


@app.task
def forget_typed() -> int:
    """Forgets what was typed into forms and left there for too long; says how many. Safe to run twice or at once."""
    return forgetting.forget_typed(now=time.time())


@app.task
def dry_run(run: str) -> None:
    """Decides archived decisions again by what would go live. Begun again from the start where a worker died."""
    dryrun.work(run)


@app.task
def anchor_history() -> int:
    """Signs where history stands, if it is time to; says the anchor's number. Safe to run twice or at once."""
    line = anchoring.anchor_if_due(now=time.time())
    return line.anchor.number if line else 0


@app.task(time_limit=3_600)
def verify_history(*, always: bool = False) -> bool | None:
    """Verifies all history, if it is time to or `always`, and keeps what it found. Safe to run twice or at once."""
    verify = verifying.verify_and_keep if always else verifying.verify_if_due
    report = verify(now=time.time())
    return report.ok if report else None
