"""`manage.py rebuild`: computes every state anew from the raw archive, says what differs, and with --apply puts it right."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from decisioning import rulesets
from decisioning.raw.reader import Damaged
from decisioning.raw.rebuild import Rebuild, Report, Taken
from decisioning.raw.store import Store, configured
from decisioning.redis import worker_client
from decisioning.refresher import Refresher
from decisioning.tagging import Definitions, compile_definitions
from rules.engine.workspace import Settings, Workspace


class Command(BaseCommand):
    help = "Computes all states from the raw archive with today's definitions and compares them with the live ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="only this one's users")
        parser.add_argument("--apply", action="store_true", help="put the computed states in the place of those that differ")
        parser.add_argument("--force", action="store_true", help="with --apply: also where entries are missing from the archive")

    def handle(self, *, workspace: str | None, apply: bool, force: bool, **_: Any) -> None:
        started, report = time.monotonic(), Report()
        rebuild = Rebuild(store(), worker_client(), definitions(workspace), workspace, apply, force)
        for partition in range(settings.PARTITIONS):
            try:
                rebuild.partition(partition, report)
            except (Taken, Damaged, RedisError, OSError) as error:
                raise CommandError(f"partition {partition}: {error}. The partitions before it are done.") from error
        self.stdout.write("\n".join(told(report, time.monotonic() - started)))
        if report.withheld:
            raise CommandError(
                f"{len(report.withheld)} partitions were left as they are, since entries of theirs are missing: "
                "what is computed without them may lack something. --force writes it all the same."
            )


def told(report: Report, seconds: float) -> list[str]:
    lines = [
        f"{report.users} users: {report.equal} equal, {report.different} different"
        + (f", {report.written} replaced" if report.written else ""),
        f"{report.entries} entries in {seconds:.1f} s",
    ]
    lines += [f"  {each.user.split(':state:', 1)[1]}: {', '.join(each.fields)}" for each in report.first]
    if report.different > len(report.first):
        lines.append(f"  and {report.different - len(report.first)} more")
    return [*lines, *(f"gap: {gap}" for gap in report.gaps)]


def store() -> Store:
    found = configured()
    if found is None:
        raise CommandError("RAW_ARCHIVE is off: there is nothing to compute states from.")
    return found


def definitions(workspace: str | None) -> Any:
    """What the live releases say about tagging. A workspace without a release has no tags, as for the stream workers."""
    if not Refresher().fetch(now=time.time()):
        raise CommandError("PostgreSQL does not answer, so nobody knows what is live.")
    if workspace is not None and rulesets.live(workspace) is None:
        raise CommandError(f"There is no live release of a workspace {workspace}.")
    nothing = compile_definitions(Workspace(workspace=Settings(key="unreleased")))

    def of(key: str) -> Definitions:
        live = rulesets.live(key)
        return live.definitions if live else nothing

    return of
