"""`manage.py replay_decisions`: archived decisions made again by the releases that made them, and how many came out equal."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter

from django.core.management.base import BaseCommand, CommandError

from decisioning.management.progress import Progress
from decisioning.models import DecisionRecord
from decisioning.replay import REASONS
from decisioning.replaying import sweep
from rules.models import Workspace

SHOWN = 10


class Command(BaseCommand):
    help = "Makes the last archived decisions again, each by its own release. Ends with 1 where one came out otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, help="the workspace's key")
        parser.add_argument("--last", type=int, default=10_000, help="how many decisions, the newest ones (10,000)")

    def handle(self, *, workspace: str, last: int, **_: object) -> None:
        if not Workspace.objects.filter(key=workspace).exists():
            raise CommandError(f"There is no workspace {workspace}.")
        if last < 1:
            raise CommandError("--last must be 1 or more.")
        total = DecisionRecord.objects.filter(workspace=workspace).order_by()[:last].count()
        progress, counts = Progress(self.stdout, total=total), Counter[str]()
        for done, (record, replayed) in enumerate(sweep(workspace, last), 1):
            counts[replayed.code or replayed.status] += 1
            if replayed.status == "different" and counts["different"] <= SHOWN:
                fields = ", ".join(one["field"] for one in replayed.differences)
                self.stdout.write(f"{record.decision_id} of release {record.release}: another {fields}")
            progress.step(done)
        progress.close()
        self.stdout.write(f"{total:,} decisions of {workspace}: {counts['same']:,} equal, {counts['different']:,} different.")
        for code in REASONS:
            if counts[code]:
                self.stdout.write(f"{counts[code]:,} not replayable ({code}): {REASONS[code]}")
        if counts["different"] or counts["release_damaged"]:
            raise CommandError("Not every decision came out as it was.")
