"""`manage.py dead list | show | redrive | discard`: what was set aside from the event log and from the archive, and what becomes of it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from decisioning.redis import worker_client
from decisioning.streams import deadletters
from decisioning.streams.deadletters import Kept
from decisioning.streams.log import LogUnavailable

ACTIONS = {
    "list": "one line each: where, since when, what, of whom, why",
    "show": "whole, as JSON",
    "redrive": "have them applied, or archived, after all: each once",
    "discard": "remove them for good",
}


class Command(BaseCommand):
    help = "Events that could not be applied (dead) or came too late (--late), and decisions that could not be archived."
    # It talks to Redis and Kafka alone, and must work while PostgreSQL is away.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for action, help_text in ACTIONS.items():
            own = actions.add_parser(action, help=help_text)
            own.add_argument("ids", nargs="*", metavar="ID", help="as `list` shows them; all that fit where not given")
            own.add_argument("--late", action="store_true", help="the events that came too late, not the dead")
            own.add_argument("--workspace", help="only those of this workspace")
            own.add_argument("--reason", metavar="TEXT", help="only those with this text in their reason")
            own.add_argument("--count", type=int, help="at most so many; 50 for list and show, else all")
            if action == "discard":
                own.add_argument("--all", action="store_true", help="discard without any ID, --workspace, --reason or --count")

    def handle(self, *, action: str, late: bool, workspace: str | None, reason: str | None, ids: list[str], **options: Any) -> None:
        count = options["count"]
        if count is not None and count < 1:
            raise CommandError("--count must be 1 or more.")
        if action == "discard" and not (ids or workspace or reason or count or options["all"]):
            raise CommandError("Say what to discard: IDs, --workspace, --reason or --count; or --all.")
        if action in ("list", "show"):
            count = count or 50
        kind = "late" if late else "dead"
        found = deadletters.find(worker_client(), kind, workspace=workspace, reason=reason, ids=ids, count=count)
        try:
            if action in ("list", "show"):
                lines = [told(each) if action == "list" else whole(each) for each in found]
                self.stdout.write("\n".join(lines) if lines else f"Nothing {kind} fits.")
            else:
                self.stdout.write(summary(getattr(deadletters, action)(worker_client(), kind, found)))
        except (RedisError, LogUnavailable) as error:
            raise CommandError(f"{error}. What was done until then is done; run it again for the rest.") from error


def told(each: Kept) -> str:
    since = datetime.fromtimestamp(int(each.id.partition("-")[0]) / 1000, UTC).isoformat(timespec="seconds")
    event = each.event
    what = f"{event.workspace} {event.user} {event.name}" if event else f"{each.workspace or '?'} ({each.what})"
    return f"{each.partition}:{each.id}  {since}  {what}  {each.reason}"


def whole(each: Kept) -> str:
    content = each.event or each.record or repr(each.data)
    if each.event is not None:
        content = msgspec.structs.asdict(each.event)
    shown = {"id": f"{each.partition}:{each.id}", "what": each.what, "reason": each.reason, each.what: content}
    return msgspec.json.encode(shown).decode()


def summary(done: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in done.items() if count) or "Nothing fits."
