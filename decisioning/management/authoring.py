"""What commands that author share: whose drafts they are, the file they read, and sending off what was written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from rules import services
from rules.engine import DocumentError, Problem


def author(name: str | None) -> services.Person:
    """The account of this name, or without one the command line."""
    if not name:
        return services.COMMAND_LINE
    account = get_user_model().objects.filter(username=name).first()
    if account is None:
        raise CommandError(f"There is no user {name}.")
    return services.person(account)


def content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error


def send_off(workspace: str, *, four_eyes: bool, author: services.Person, reason: str, now: datetime) -> str:
    """Publishes the author's drafts and says so. With four eyes on, a file's author can only ask for approval."""
    if four_eyes:
        versions = services.submit(workspace, author=author, reason=reason, now=now)
        return f"not published: {len(versions)} versions wait for a second person's approval"
    try:
        release = services.publish(workspace, actor=author, reason=reason, now=now, only_by=author)
    except DocumentError as error:
        if [problem.code for problem in error.problems] != ["nothing_to_publish"]:
            raise
        return f"{error.problems[0].message} {error.problems[0].fix}".strip()
    return f"published as release {release.number} ({release.hash})"


def line(problem: Problem) -> str:
    return f"{problem.path}: {problem.message} [{problem.code}]" + (f" -> {problem.fix}" if problem.fix else "")
