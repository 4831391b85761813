"""manage.py dump WORKSPACE: the working copy as one workspace document, the same text whenever the content is the same."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules import bodies, selectors
from rules.engine import DocumentError


class Command(BaseCommand):
    help = "Prints a workspace's working copy, drafts over versions, as a document that `load` reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace")

    def handle(self, *args: Any, workspace: str, **options: Any) -> None:
        try:
            document = selectors.filed_document(workspace)
        except DocumentError as error:
            raise CommandError("\n".join(str(problem) for problem in error.problems)) from error
        self.stdout.write(bodies.pretty(document))
