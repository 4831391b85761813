"""Use case: before publishing, decide the last archived decisions again by what would go live, and say which would come out otherwise."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from decisioning.choose import chosen
from decisioning.inputs import opened, unpacked
from decisioning.models import DecisionRecord, DryRun
from decisioning.releases import ReleaseDamaged, releases
from decisioning.replay import UNSAID, Passed, Replayed, case_of, replay
from decisioning.replaying import newest
from decisioning.rulesets import Live, activate
from rules.bundles import LiveBundle
from rules.engine import DocumentError

DEFAULT, MOST = 10_000, 100_000
"""Decisions."""
KEPT = 5
"""Runs of a workspace that stay to be looked at."""
MOVES, SAMPLES = 200, 5
"""Different changes that are told, and decisions named for each."""
STEP = 500
"""Decisions between two looks at whether it was canceled."""
SECONDS = 240.0
"""No run takes longer: Celery ends a task of 300 seconds, and then nobody would be told."""
CANDIDATE = 0
"""The number of what is no release yet."""

RUNNING = (DryRun.Status.WAITING, DryRun.Status.RUNNING)


def ask(workspace: str, document: bytes, *, shown: str, last: int, asked_by: str, now: datetime) -> DryRun:
    """Notes what is to be done, and forgets the oldest runs. A task does it."""
    stay = DryRun.objects.filter(workspace=workspace).order_by("-asked_at").values_list("pk", flat=True)[: KEPT - 1]
    DryRun.objects.filter(workspace=workspace).exclude(pk__in=list(stay)).delete()
    last = max(1, min(last, MOST))
    return DryRun.objects.create(
        id=uuid4(), workspace=workspace, asked_at=now, asked_by=asked_by, shown=shown, document=document, last=last
    )


def cancel(run: DryRun) -> bool:
    """Whether there was still something to cancel."""
    return bool(DryRun.objects.filter(pk=run.pk, status__in=RUNNING).update(status=DryRun.Status.CANCELED))


def candidate(run: DryRun) -> Live:
    """What would go live, compiled as a release is. Raises DocumentError."""
    document = bytes(run.document)
    digest = "sha256:" + hashlib.sha256(document).hexdigest()
    bundle = LiveBundle(run.workspace, CANDIDATE, digest, digest, document, run.asked_at.timestamp())
    return activate(bundle, source="database", now=run.asked_at.timestamp())


def work(pk: str, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Does it from the beginning, however far an earlier worker came; a run that is over or canceled stays as it is."""
    if not DryRun.objects.filter(pk=pk, status__in=RUNNING).update(status=DryRun.Status.RUNNING, done=0):
        return
    run, started = DryRun.objects.get(pk=pk), clock()
    end = partial(_end, pk)
    try:
        live = candidate(run)
    except DocumentError as error:
        end(DryRun.Status.FAILED, found={"error": f"It can't go live as it is: {error.problems[0].message}"})
        return
    records = DecisionRecord.objects.filter(workspace=run.workspace).order_by()
    run.total = records[: run.last].count()
    DryRun.objects.filter(pk=pk).update(total=run.total)
    tally = Tally()
    for done, (record, own) in enumerate(_with_releases(newest(run.workspace, run.last)), 1):
        tally.add(record, own, live)
        if done % STEP == 0:
            if not DryRun.objects.filter(pk=pk, status=DryRun.Status.RUNNING).update(done=done, seconds=clock() - started):
                return
            if clock() - started > SECONDS:
                words = f"Stopped after {SECONDS:.0f} seconds and {done:,} decisions: ask for fewer."
                end(DryRun.Status.FAILED, done=done, seconds=clock() - started, found={**tally.told(), "error": words})
                return
    end(DryRun.Status.DONE, done=run.total, seconds=clock() - started, found=tally.told())


def _end(pk: str, status: DryRun.Status, **more: Any) -> None:
    DryRun.objects.filter(pk=pk, status=DryRun.Status.RUNNING).update(status=status, **more)


def _with_releases(records: Iterable[DecisionRecord]) -> Iterator[tuple[DecisionRecord, Live | None]]:
    """Each with the release that decided it, which is asked for once."""
    known: dict[int, Live | None] = {}
    for record in records:
        if record.release not in known:
            try:
                known[record.release] = releases.get(record.workspace, record.release)
            except ReleaseDamaged:
                known[record.release] = None
        yield record, known[record.release]


class Tally:
    """What a run has come to: how many stay as they were, how many would differ and how, and of how many nobody can say."""

    def __init__(self) -> None:
        self.same = 0
        self.unknown: Counter[str] = Counter()
        self.names: dict[str, Counter[str]] = {}
        self.moves: dict[tuple[str, str, str, str], list[Any]] = {}
        self._templates: dict[tuple[int, str], bool] = {}

    def add(self, record: DecisionRecord, own: Live | None, live: Live) -> None:
        if own is not None and record.inputs is not None and self._stays(record, own, live):
            self.same += 1
            return
        replayed = replay(record, own, live, reasons=False)
        if replayed.code:
            self.unknown[replayed.code] += 1
            self.names.setdefault(replayed.code, Counter()).update(replayed.names)
            return
        move = moved(record, replayed)
        if move is None:
            self._note(replayed)
            return
        found = self.moves.setdefault((record.placement, *move), [0, []])
        found[0] += 1
        if len(found[1]) < SAMPLES:
            found[1].append({"id": str(record.decision_id), "at": record.at.isoformat()})

    def _note(self, replayed: Replayed) -> None:
        """One that differs in nothing anybody sees, or in a text that nobody can say."""
        if replayed.names:
            self.unknown["values_not_read"] += 1
            self.names.setdefault("values_not_read", Counter()).update(replayed.names)
        else:
            self.same += 1

    def _stays(self, record: DecisionRecord, own: Live, live: Live) -> bool:
        """Whether the same rule chooses the same template, whose text is the same: then nothing needs to be rendered."""
        inputs = unpacked(bytes(record.inputs))
        if inputs.release != own.hash or record.placement not in live.ruleset.placements or inputs.whole:
            return False
        if not self._is_same_placement(record, own, live):
            return False
        case = case_of(record, inputs, opened(inputs, record.workspace, record.user), live)
        choices = chosen(case, record.placement, Passed(inputs.capped))
        if case.facts.unknown:
            return False
        if choices is None:
            return record.outcome == "no_consent" and self._is_same_template(record.template, own, live)
        choice = choices[0]
        rule = choice.rule.key if choice.rule else ""
        return (
            (choice.outcome, choice.reason, rule, choice.template or "") == (record.outcome, record.reason, record.rule, record.template)
            and self._is_same_template(record.template, own, live)
        )  # fmt: skip

    def _is_same_placement(self, record: DecisionRecord, own: Live, live: Live) -> bool:
        was, now = (one.ruleset.placements.get(record.placement) for one in (own, live))
        return was is not None and now is not None and (was.content, was.fallback) == (now.content, now.fallback)

    def _is_same_template(self, key: str, own: Live, live: Live) -> bool:
        place = own.number, key
        if place not in self._templates:
            self._templates[place] = not key or _text(own, key) == _text(live, key)
        return self._templates[place]

    def told(self) -> dict[str, Any]:
        """As JSON; the most frequent change first."""
        moves = sorted(self.moves.items(), key=lambda entry: (-entry[1][0], entry[0]))
        names = {code: [name for name, _ in found.most_common(10)] for code, found in self.names.items()}
        return {
            "same": self.same,
            "different": sum(count for count, _ in self.moves.values()),
            "unknown": [{"code": code, "count": count, "names": names.get(code, [])} for code, count in self.unknown.most_common()],
            "moves": [
                {"placement": placement, "from": was, "to": now, "what": what, "count": count, "samples": samples}
                for (placement, was, now, what), (count, samples) in moves[:MOVES]
            ],
            "more": max(0, len(moves) - MOVES),
        }


def _text(live: Live, key: str) -> Any:
    """What a template says, without its name, its version and other things that nobody is shown."""
    text = live.templates.get(key)
    return text and (text.template.engine, text.template.body, text.template.fields, text.template.locales)


def moved(record: DecisionRecord, replayed: Replayed) -> tuple[str, str, str] | None:
    """From what to what, and in what it differs; None where only versions do."""
    was = record.rule if record.outcome == "matched" else f"{record.outcome} ({record.reason})"
    if replayed.status == "same":
        return None
    if replayed.answer is None:
        field = replayed.differences[0]["field"]
        return was, "no such placement" if field == "placement" else UNSAID, field
    answer = replayed.answer
    now = answer["rule"]["key"] if answer["outcome"] == "matched" else f"{answer['outcome']} ({answer['reason']})"
    if was != now:
        return was, now, "rule"
    template = answer["template"]["key"] if answer["template"] else ""
    if template != record.template:
        return was, now, f"template {record.template or 'none'} would be {template or 'none'}"
    if any(one["field"] == "content" for one in replayed.differences):
        return was, now, "what the template says"
    return None
