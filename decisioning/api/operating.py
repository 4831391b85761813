"""For those who run it: is the process alive, can it answer, what state is each part in, and the metrics."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from decisioning import keys, pressure, rulesets, sealing, violations
from decisioning.api import callers
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request, reply
from decisioning.history import results
from decisioning.raw.status import waiting
from decisioning.redis import breaker, status_client
from decisioning.refresher import running
from decisioning.streams import deadletters
from decisioning.streams.log import Lag, LogUnavailable, lag, stats

MOST_VIOLATIONS = 20


def livez(request: Request, *, now: float) -> Reply:
    """The process answers. Nothing else is asked."""
    return reply({"alive": True})


def readyz(request: Request, *, now: float) -> Reply:
    """A verified bundle is in memory. It asks no Redis, PostgreSQL or broker: one outage must not take every node out."""
    refresher = running()
    if not rulesets.rulesets.all() or (refresher is not None and not refresher.loaded.is_set()):
        raise ApiError(503, "no_release", "No verified release is in memory yet.", retry_after=1)
    return reply({"ready": True})


def statusz(request: Request, *, now: float) -> Reply:
    """Each dependency and the caller's workspace."""
    caller = callers.identify(request, now=now, needs="status:read", secret=True)
    live = rulesets.live(caller.workspace)
    return reply(
        {
            "redis": _redis(),
            "postgresql": _postgresql(now),
            "circuit": breaker.state,
            "release": None
            if live is None
            else {
                "number": live.number,
                "hash": live.hash,
                "source": live.source,
                "activated_at": datetime.fromtimestamp(live.activated_at, UTC).isoformat(),
                "age_seconds": round(now - live.activated_at, 3),
            },
            "release_error": rulesets.rulesets.errors.get(caller.workspace),
            "log": _log(now),
            "personal_traits": "plain" if sealing.ring().empty else "sealed",
            "raw_archive": _raw_archive(),
            "back_pressure": _back_pressure(),
            "history": _history(caller.workspace, now),
        }
    )


def _redis() -> dict[str, Any]:
    started = time.perf_counter()
    try:
        status_client().ping()
    except RedisError as error:
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True, "milliseconds": round((time.perf_counter() - started) * 1000, 3)}


def _postgresql(now: float) -> dict[str, Any]:
    """What the refresher saw at its last look: asking here could hang with the server, and take a thread of the API with it."""
    refresher = running()
    if refresher is None or refresher.looked_at is None:
        return {"ok": False, "answered_seconds_ago": None}
    return {"ok": refresher.database_ok, "answered_seconds_ago": round(now - refresher.looked_at, 3)}


def _log(now: float) -> dict[str, Any]:
    try:
        partitions, totals, kept = lag(status_client()), stats(status_client()), {**_kept(), **_oldest(now)}
    except (RedisError, LogUnavailable) as error:
        return {"error": type(error).__name__}
    behind = max((row["seconds"] for row in partitions), default=0.0)
    return {"lag_events": sum(row["events"] for row in partitions), "lag_seconds": behind, **totals, **kept}


def _back_pressure() -> dict[str, str] | None:
    """The limits that are passed now, in words; None where that can't be measured."""
    try:
        return pressure.measure(status_client()).passed()
    except (RedisError, LogUnavailable):
        return None


KEPT = {
    "decisions_to_archive": keys.decisions_key,
    "messages_to_pass_on": keys.outbox_key,
    "consents_to_record": keys.consents_key,
    "late_kept": keys.late_key,
    "dead_kept": keys.dead_key,
}
"""What waits: for the archive, for the log, or for somebody to look at it."""


def _kept() -> dict[str, int]:
    pipeline = status_client().pipeline(transaction=False)
    for name in KEPT.values():
        for partition in range(settings.PARTITIONS):
            pipeline.xlen(name(partition))
    lengths = iter(pipeline.execute())
    return {kind: sum(islice(lengths, settings.PARTITIONS)) for kind in KEPT}


def _oldest(now: float) -> dict[str, float]:
    """For how many seconds the oldest of what was set aside has been there."""
    return {f"{kind}_oldest_seconds": round(age, 3) for kind, age in deadletters.oldest(status_client(), now).items()}


def metrics(request: Request, *, now: float) -> Reply:
    """Prometheus text: this process's counters, and what Redis says of the log."""
    lines = [
        f'signpost_release_age_seconds{{workspace="{key}",release="{live.number}"}} {now - live.bundle.published_at:.3f}'
        for key, live in sorted(rulesets.rulesets.all().items())
    ]
    try:
        lines += _lag()
        lines += [f'signpost_log_events_total{{outcome="{name}"}} {count}' for name, count in stats(status_client()).items()]
        lines += [f'signpost_log_kept{{what="{name}"}} {count}' for name, count in _kept().items()]
        lines += [*_violation_lines(now), *_raw_archive_lines(), *_history_lines(now)]
        lines += [
            f'signpost_log_kept_oldest_seconds{{what="{kind}"}} {age:.3f}' for kind, age in deadletters.oldest(status_client(), now).items()
        ]
        lines.append("signpost_redis_up 1")
    except RedisError:
        lines.append("signpost_redis_up 0")
    passed = _back_pressure()
    lines += [f'signpost_back_pressure{{limit="{limit}"}} {int(limit in passed)}' for limit in pressure.LIMITS if passed is not None]
    return Reply(200, generate_latest() + "\n".join(lines).encode() + b"\n", content_type=CONTENT_TYPE_LATEST)


def _lag() -> list[str]:
    """Nothing where Kafka is away: a figure that is not known must not look like one."""
    try:
        return [line for row in lag(status_client()) for line in _lag_lines(row)]
    except LogUnavailable:
        return []


def _lag_lines(row: Lag) -> list[str]:
    partition, events, seconds = row["partition"], row["events"], row["seconds"]
    return [
        f'signpost_log_lag_events{{partition="{partition}"}} {events}',
        f'signpost_log_lag_seconds{{partition="{partition}"}} {seconds}',
    ]


def _violation_lines(now: float) -> list[str]:
    """The most frequent violations of each workspace that has schemas: few, since their paths come from outside."""
    return [
        f"signpost_event_violations_week{{{_labels(workspace=key, **row.kind._asdict())}}} {row.count}"
        for key, live in sorted(rulesets.rulesets.all().items())
        if live.schemas
        for row in violations.most(status_client(), key, now=now, count=MOST_VIOLATIONS)
    ]


def _labels(**labels: str) -> str:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in labels.items()}
    return ",".join(f'{name}="{value}"' for name, value in escaped.items())


def _history(workspace: str, now: float) -> dict[str, Any]:
    try:
        result = results.read()
    except RedisError as error:
        return {"error": type(error).__name__}
    told = results.NEVER if result is None else result.words_of(workspace, now)
    return {name: told[name] for name in ("status", "verified_at", "stale", "anchored_at")}


def _history_lines(now: float) -> list[str]:
    """Nothing before the first verification: neither 0 nor 1 would be true."""
    result = results.read()
    if result is None:
        return []
    lines = [f"signpost_history_ok {int(result.ok)}", f"signpost_history_verified_age_seconds {now - result.at:.3f}"]
    if result.anchored_at:
        lines.append(f"signpost_history_anchor_age_seconds {now - datetime.fromisoformat(result.anchored_at).timestamp():.3f}")
    return [*lines, f"signpost_history_verify_seconds {result.seconds}"]


def _raw_archive() -> dict[str, Any]:
    try:
        behind = waiting(status_client())
    except RedisError as error:
        return {"on": bool(settings.RAW_ARCHIVE), "error": type(error).__name__}
    return {"on": False} if behind is None else {"on": True, "waiting_events": behind}


def _raw_archive_lines() -> list[str]:
    behind = waiting(status_client())
    return [] if behind is None else [f"signpost_raw_archive_waiting_events {behind}"]
