"""manage.py load FILE: takes a workspace document in as drafts, and publishes it when asked."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from rules import services
from rules.bundles import read_document
from rules.engine import DocumentError, Problem


class Command(BaseCommand):
    help = "Makes a workspace say what the file says: differences become drafts, and with --publish a release. All or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", metavar="REASON", help="publish at once, for this reason")
        parser.add_argument("--user", metavar="NAME", help="whose drafts they are; without it, the command line's")

    def handle(self, *args: Any, file: Path, publish: str | None, user: str | None, **options: Any) -> None:
        author = services.COMMAND_LINE
        if user:
            account = get_user_model().objects.filter(username=user).first()
            if account is None:
                raise CommandError(f"There is no user {user}.")
            author = services.person(account)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from error
        now = timezone.now()
        try:
            with transaction.atomic():
                document = read_document(data)
                report = services.load_document(document, author=author, now=now)
                lines = [f"{document.workspace.key}: {report}", *(f"left alone, somebody else's draft: {other}" for other in report.others)]
                if report.four_eyes_off:
                    lines.append("four eyes switched off by this file: what is published now needs no second person's approval")
                if publish is not None:
                    go = self._submit if document.workspace.four_eyes else self._publish
                    lines.append(go(document.workspace.key, author, publish, now))
        except DocumentError as error:
            for problem in error.problems:
                self.stderr.write(line(problem))
            raise CommandError(f"{file}: {len(error.problems)} problems, nothing was written.") from error
        self.stdout.write("\n".join(lines))

    def _submit(self, workspace: str, author: services.Person, reason: str, now: datetime) -> str:
        """With four eyes on, the file's author can only ask."""
        versions = services.submit(workspace, author=author, reason=reason, now=now)
        return f"not published: {len(versions)} versions wait for a second person's approval"

    def _publish(self, workspace: str, author: services.Person, reason: str, now: datetime) -> str:
        try:
            release = services.publish(workspace, actor=author, reason=reason, now=now, only_by=author)
        except DocumentError as error:
            if [problem.code for problem in error.problems] != ["nothing_to_publish"]:
                raise
            return f"{error.problems[0].message} {error.problems[0].fix}".strip()
        return f"published as release {release.number} ({release.hash})"


def line(problem: Problem) -> str:
    return f"{problem.path}: {problem.message} [{problem.code}]" + (f" -> {problem.fix}" if problem.fix else "")
