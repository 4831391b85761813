"""The Celery application: periodic and slow work as tasks, the event log's consumers as a worker step."""

from __future__ import annotations

import os

from celery import Celery

from decisioning.streams.bootstep import install

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decisioning.settings")

app = Celery("decisioning")
app.config_from_object("decisioning.celeryconfig")
app.autodiscover_tasks(["decisioning"])
install(app)
