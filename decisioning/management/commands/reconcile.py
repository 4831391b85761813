"""`manage.py reconcile`: holds what the log took in against what became of it, names every gap, and fails where there is one."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from decisioning.raw.reconcile import OUTCOMES, Report, reconcile
from decisioning.raw.store import configured
from decisioning.redis import worker_client

COLUMNS = ("received", "archived", "waiting", "unread", *OUTCOMES)


class Command(BaseCommand):
    help = "Counts what was received, archived, waits in the log and was applied, and names every gap. Fails where there is one."
    # It must work while PostgreSQL is away.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=moment, help="only hours from then on, such as 2026-11-25T08:00 (UTC)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="for machines")

    def handle(self, *, since: float | None, as_json: bool, **_: Any) -> None:
        try:
            report = reconcile(configured(), worker_client(), partitions=settings.PARTITIONS, since=since)
        except (RedisError, OSError) as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        self.stdout.write(json.dumps(as_data(report), indent=2) if as_json else "\n".join(as_words(report)))
        if not report.whole:
            raise CommandError("Something is missing.")


def moment(text: str) -> float:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def as_words(report: Report) -> list[str]:
    width = max(len(name) for name in COLUMNS) + 2
    lines = [f"{'partition':>9}" + "".join(f"{name:>{width}}" for name in COLUMNS)]
    for row in report.rows:
        counts = {**row.outcomes, **{name: getattr(row, name) for name in COLUMNS if name not in OUTCOMES}}
        if any(counts.values()):
            lines.append(f"{row.partition:>9}" + "".join(f"{counts[name]:>{width}}" for name in COLUMNS))
    lines.append(f"{'all':>9}" + "".join(f"{report.total(name):>{width}}" for name in COLUMNS))
    lines.append(f"{report.rejected} messages were refused at the door.")
    if not settings.RAW_ARCHIVE:
        lines.append("RAW_ARCHIVE is off: only what is still in the log was looked at.")
    lines += [f"gap: {gap}" for row in report.rows for gap in row.gaps]
    lines += [f"gap: partition {row.partition}: {row.unaccounted} were consumed and not counted" for row in report.rows if row.unaccounted]
    lines += [f"damaged: {words}" for words in report.damaged]
    if unnumbered := report.total("unnumbered"):
        lines.append(f"{unnumbered} entries have no number, so gaps among them can't be seen.")
    return [*lines, "No gap." if report.whole else "There are gaps."]


def as_data(report: Report) -> dict[str, Any]:
    return {
        "whole": report.whole,
        "archive": bool(settings.RAW_ARCHIVE),
        "totals": {name: report.total(name) for name in (*COLUMNS, "unaccounted", "unnumbered")} | {"rejected": report.rejected},
        "hours": [
            {"hour": datetime.fromtimestamp(hour * 3600, UTC).isoformat(), "received": counts["received"], "found": counts["found"]}
            for hour, counts in sorted(report.hours.items())
        ],
        "gaps": [gap._asdict() for row in report.rows for gap in row.gaps],
        "unaccounted": [{"partition": row.partition, "count": row.unaccounted} for row in report.rows if row.unaccounted],
        "damaged": report.damaged,
    }
