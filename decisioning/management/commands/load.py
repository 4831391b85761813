"""manage.py load FILE: takes a workspace document in as drafts, and publishes it when asked."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from decisioning.management import authoring
from rules import services
from rules.bundles import read_document
from rules.engine import DocumentError, advice


class Command(BaseCommand):
    help = "Makes a workspace say what the file says: differences become drafts, and with --publish a release. All or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", metavar="REASON", help="publish at once, for this reason")
        parser.add_argument("--user", metavar="NAME", help="whose drafts they are; without it, the command line's")

    def handle(self, *args: Any, file: Path, publish: str | None, user: str | None, **options: Any) -> None:
        author, data, now = authoring.author(user), authoring.content(file), timezone.now()
        try:
            with transaction.atomic():
                document, folders = read_document(data)
                settings = document.workspace
                report = services.load_document(document, author=author, now=now, folders=folders)
                lines = [f"{settings.key}: {report}", *(f"left alone, somebody else's draft: {other}" for other in report.others)]
                if report.four_eyes_off:
                    lines.append("four eyes switched off by this file: what is published now needs no second person's approval")
                if publish is not None:
                    lines.append(authoring.send_off(settings.key, four_eyes=settings.four_eyes, author=author, reason=publish, now=now))
        except DocumentError as error:
            for problem in error.problems:
                self.stderr.write(authoring.line(problem))
            raise CommandError(f"{file}: {len(error.problems)} problems, nothing was written.") from error
        self.stdout.write("\n".join(lines))
        for one in advice(document, now=now.timestamp()):
            self.stderr.write(f"worth a look: {authoring.line(one)}")
