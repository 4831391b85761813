"""`manage.py replay FILE`: plays a recorded event file through the public API and prints the decisions as they change."""

from __future__ import annotations

import html
import re
import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from decisioning.management.client import Client, Refused, Rejected
from decisioning.management.progress import Progress
from decisioning.management.recording import BadRecording, Line, Recording, read

UNSETTLED_SECONDS = 2.0
"""A user's messages of this long ago go along again with the next request: the workers may not have applied them yet.
Their message ids make the repetition harmless, so every decision counts exactly what came before it."""

TELLING = ("headline", "badge", "aside_title")
"""The fields of a preview, where the content has them."""


class Command(BaseCommand):
    help = "Plays a recorded event file through the public API and prints each decision that changes."
    # It talks to the API alone: no table, no check of one, no PostgreSQL.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file such as templates/examples/apparel.events.jsonl")
        parser.add_argument("--workspace", help="the workspace whose key is used; the file's own where not given")
        parser.add_argument("--speed", type=float, help="1 is real time, 60 a minute per second; as fast as possible where not given")
        parser.add_argument("--url", help="the server's address; that of the running start.py where not given")
        parser.add_argument("--key", help="a secret key of the workspace; the one of start.py where not given")

    def handle(self, *, file: Path, workspace: str | None, speed: float | None, url: str | None, key: str | None, **_: object) -> None:
        if speed is not None and speed < 1:
            raise CommandError("--speed must be 1 (real time) or more.")
        try:
            recording = read(file)
            client = Client.of(workspace or recording.header.workspace, url=url, key=key, data_dir=settings.DATA_DIR)
            self._play(recording, client, speed)
        except (BadRecording, Refused) as error:
            raise CommandError(str(error)) from error

    def _play(self, recording: Recording, client: Client, speed: float | None) -> None:
        header, run = recording.header, secrets.token_hex(2)
        self.stdout.write(
            f"{header.workspace}: {header.about}\n{len(recording.lines)} events, users end in -{run}, times in UTC, {client.url}\n"
        )
        width = max(len(line.user) for _, _, line in recording.lines)
        shown: dict[tuple[str, str], list[dict[str, Any]]] = {}
        progress = Progress(self.stdout, total=len(recording.lines))
        for done, (number, at, line, answer) in enumerate(play(recording, client, run, speed), 1):
            for placement, decisions in by_placement(answer["decisions"], number).items():
                told = [{name: decision[name] for name in ("outcome", "rule", "content")} for decision in decisions]
                if shown.get((line.user, placement)) != told:
                    shown[line.user, placement] = told
                    for decision in decisions:
                        progress.print(words(decision, at, line, width))
            progress.step(done)
        progress.close()
        self.stdout.write(f"Done: {len(recording.lines)} events, {progress.printed} changes.\n")


def by_placement(decisions: list[dict[str, Any]], number: int) -> dict[str, list[dict[str, Any]]]:
    """A placement that collects has several: they change together."""
    found: dict[str, list[dict[str, Any]]] = {}
    for decision in decisions:
        if "error" in decision:
            raise CommandError(f"line {number}: {decision['error']['message']}")
        found.setdefault(decision["placement"], []).append(decision)
    return found


def play(recording: Recording, client: Client, run: str, speed: float | None) -> Iterator[tuple[int, float, Line, dict[str, Any]]]:
    """Sends each event with a decide request. Times are shifted so that the last event is now, when it is sent."""
    header, started = recording.header, time.time()
    end = started + (recording.seconds / speed if speed else 0)
    unsettled: dict[str, list[tuple[float, dict[str, Any]]]] = {}
    for number, elapsed, line in recording.lines:
        if speed:
            time.sleep(max(0.0, started + elapsed / speed - time.time()))
        at = end - recording.seconds + elapsed
        sent = time.time()
        recent = [(then, message) for then, message in unsettled.get(line.user, []) if then > sent - UNSETTLED_SECONDS]
        unsettled[line.user] = [*recent[-99:], (sent, fresh(line, at, run))]
        context = {**header.context, **line.context}
        user = "user_id" if "userId" in line.message else "anonymous_id"
        request = {
            user: f"{line.user}-{run}",
            "session_id": f"{line.session}-{run}" if line.session else None,
            "placements": header.placements,
            "context": context,
            "locale": context.get("locale"),
            "at": rfc3339(at),
            "events": [message for _, message in unsettled[line.user]],
        }
        try:
            answer = client.post("/v1/decide", {name: value for name, value in request.items() if value is not None})
        except Rejected as error:
            raise Rejected(f"line {number}: {error}") from error
        for problem in answer.get("events", {}).get("errors", ()):
            raise Rejected(f"line {number}: {problem['message']}")
        yield number, at, line, answer


def fresh(line: Line, at: float, run: str) -> dict[str, Any]:
    """The message as if it happened now: its time, an id of its own, and a user of this run, so that each replay starts anew."""
    ids = {name: f"{line.message[name]}-{run}" for name in ("userId", "anonymousId") if line.message.get(name)}
    return {**line.message, **ids, "timestamp": rfc3339(at), "messageId": f"replay-{secrets.token_hex(8)}"}


def rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def words(decision: dict[str, Any], at: float, line: Line, width: int) -> str:
    """One line: time, user, placement, rule and outcome, and how the content begins."""
    moment = datetime.fromtimestamp(at, UTC).strftime("%a %d %b %H:%M:%S")
    rule = decision["rule"]["key"] if decision["rule"] else "-"
    return f"{moment}  {line.user:{width}}  {decision['placement']}  {rule:20}  {decision['outcome']:8}  {preview(decision['content'])}"


def preview(content: dict[str, Any], length: int = 70) -> str:
    """How the content begins, as a reader sees it: no tags, one line."""
    fields = content["fields"]
    telling = [fields[name] for name in TELLING if fields.get(name)] or [text for text in fields.values() if text]
    text = content["body"] or " · ".join(telling) or "(nothing)"
    plain = " · ".join(" ".join(html.unescape(part).split()) for part in re.split(r"<[^>]*>", text) if part.strip())
    return plain if len(plain) <= length else plain[: length - 1] + "…"
