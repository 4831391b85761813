"""Celery's settings. Tasks are control work only: no event and no decision travels as one (docs/architecture.md)."""

from celery.schedules import crontab
from django.conf import settings

broker_url = settings.BROKER_URL
broker_connection_retry_on_startup = True
broker_transport_options = {"global_keyprefix": "celery:"}
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
worker_hijack_root_logger = False
task_time_limit = 300
task_default_queue = "tasks"
timezone = "UTC"
beat_schedule = {
    "anchor history": {"task": "decisioning.tasks.anchor_history", "schedule": 10.0, "options": {"expires": 10.0}},
    "verify history": {"task": "decisioning.tasks.verify_history", "schedule": 30.0, "options": {"expires": 30.0}},
    "verify history at night": {
        "task": "decisioning.tasks.verify_history",
        "schedule": crontab(hour="2", minute="30"),
        "kwargs": {"always": True},
        "options": {"expires": 3_600.0},
    },
    "archive decisions": {"task": "decisioning.tasks.archive_decisions", "schedule": 2.0, "options": {"expires": 2.0}},
    "count responses": {"task": "decisioning.tasks.count_responses", "schedule": 5.0, "options": {"expires": 5.0}},
    "archive events": {"task": "decisioning.tasks.archive_events", "schedule": 10.0, "options": {"expires": 10.0}},
    "compact events": {"task": "decisioning.tasks.compact_events", "schedule": 600.0, "options": {"expires": 600.0}},
    "erase users": {"task": "decisioning.tasks.erase_users", "schedule": 1.0, "options": {"expires": 1.0}},
    "forget what was typed": {"task": "decisioning.tasks.forget_typed", "schedule": 3_600.0, "options": {"expires": 3_600.0}},
    "keep consents": {"task": "decisioning.tasks.keep_consents", "schedule": 2.0, "options": {"expires": 2.0}},
}
