"""manage.py table export | import: the rules of one placement as CSV, for spreadsheets, and back as drafts."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from decisioning.management import authoring
from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Workspace


class Command(BaseCommand):
    help = "Writes a placement's rules as a decision table (CSV), or replaces them by a table's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        out = actions.add_parser("export", help="prints the table of a placement's rules, drafts over versions")
        out.add_argument("workspace")
        out.add_argument("placement")
        into = actions.add_parser("import", help="makes a placement's rules those of the table: all or nothing, as drafts")
        into.add_argument("file", type=Path)
        into.add_argument("workspace")
        into.add_argument("placement")
        into.add_argument("--publish", metavar="REASON", help="publish at once, for this reason")
        into.add_argument("--user", metavar="NAME", help="whose drafts they are; without it, the command line's")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            if action == "export":
                self.stdout.write(selectors.placement_table(options["workspace"], options["placement"]), ending="")
            else:
                self._take_in(**options)
        except DocumentError as error:
            for problem in error.problems:
                self.stderr.write(authoring.line(problem))
            raise CommandError(f"{len(error.problems)} problems, nothing was written.") from error

    def _take_in(self, *, file: Path, workspace: str, placement: str, publish: str | None, user: str | None, **_: Any) -> None:
        author, data, now = authoring.author(user), authoring.content(file), timezone.now()
        with transaction.atomic():
            report = services.load_table(workspace, placement, data, author=author, now=now)
            lines = [f"{workspace}, {placement}: {report}", *(f"left alone, somebody else's draft: {other}" for other in report.others)]
            if publish is not None:
                four_eyes = Workspace.objects.get(key=workspace).four_eyes
                lines.append(authoring.send_off(workspace, four_eyes=four_eyes, author=author, reason=publish, now=now))
        self.stdout.write("\n".join(lines))
