"""Imported into the Celery workers that the supervisor starts: says when one takes work, which Celery itself tells at level INFO only."""

from __future__ import annotations

from celery.signals import worker_ready

from decisioning.local.programs import READY_MARKER


@worker_ready.connect
def say(**_: object) -> None:
    print(READY_MARKER, flush=True)
