"""The life cycle is stated twice, in SQL for lists and in Python for forms: whatever happens, both say the same."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Draft, Item, Release, Version, Workspace
from rules.selectors import STATES, Thing
from rules.services import Person
from tests.rules.conftest import ANNA, BEN, NOW

pytestmark = pytest.mark.django_db

KEYS = ("a", "b", "c")
PEOPLE = (ANNA, BEN)
STEPS = 40


def a_step(random: Random, workspace: Workspace, now: datetime) -> Any:
    """Something a person could do next."""
    who: Person = random.choice(PEOPLE)
    other = next(person for person in PEOPLE if person != who)
    key, value = random.choice(KEYS), random.randrange(3)
    later = now + timedelta(seconds=random.choice([0, 0, 0, 2]))
    four_eyes = random.random() < 0.4

    def approve() -> None:
        for version in Version.objects.filter(item__workspace=workspace, author_id=other.id).order_by("-id")[:2]:
            with suppress(DocumentError):
                services.approve(version, reviewer=who, now=now, verdict=random.choice(["approved", "changes_asked"]), comment="so")

    def discard() -> None:
        if draft := Draft.objects.filter(item__workspace=workspace, item__key=key).first():
            services.discard_draft(draft)

    def roll_back() -> None:
        number = random.randint(1, Release.objects.filter(workspace=workspace).count() or 1)
        services.roll_back(workspace.key, number=number, actor=who, reason="back", now=now)

    def save(body: dict[str, Any] | None) -> None:
        services.save_draft(workspace.key, kind="threshold", key=key, body=body, author=who, now=now)

    return random.choice(
        [
            lambda: save({"value": value}),
            lambda: save({"value": value}),
            lambda: save({"value": value}),
            lambda: save(None),
            discard,
            lambda: services.submit(workspace.key, reason="", now=now, author=who),
            approve,
            lambda: services.publish(workspace.key, actor=who, reason="on", now=now, effective_from=later, only_by=who),
            lambda: services.publish(workspace.key, actor=who, reason="on", now=now),
            roll_back,
            lambda: services.change_workspace(workspace.key, name="", timezone="UTC", four_eyes=four_eyes),
        ]
    )


def state(thing: Thing, now: datetime) -> str:
    if thing.drafts:
        return "draft" if max(thing.drafts, key=lambda draft: draft.updated_at).body is not None else "removing"
    if thing.pending and thing.newest:
        verdict = thing.newest.approvals.first()
        return verdict.verdict if verdict else "submitted"
    change = thing.item.changes.order_by("-release__number").first()
    if change and change.release.effective_from > now:
        return "upcoming"
    return "live" if thing.released and thing.released.body is not None else "removed"


def by_python(workspace: Workspace, now: datetime, author_id: int | None = None) -> dict[str, Any]:
    live = selectors.live_release(workspace, now)
    numbers = {entry["key"]: entry["version"] for entry in live.manifest} if live else {}
    said = {}
    for (_, key), thing in selectors.things(workspace).items():
        bodies = Version.objects.filter(item=thing.item, body__isnull=False).order_by("-number").values_list("body", flat=True)
        newest_first = sorted(thing.drafts, key=lambda draft: draft.updated_at, reverse=True)
        own = [draft.body for draft in newest_first if draft.author_id == author_id]
        anybodys = [draft.body for draft in newest_first[:1]]
        shown = next((body for body in (*own, thing.base_body, *bodies[:1], *anybodys) if body is not None), None)
        said[key] = (state(thing, now), thing.base_body, shown, numbers.get(key))
    return said


def by_database(workspace: Workspace, now: datetime, author_id: int | None = None) -> dict[str, Any]:
    items = selectors.with_state(Item.objects.filter(workspace=workspace), now, author_id)
    return {item.key: (item.state, item.base_body, item.shown, item.live_number) for item in items}


def test_lists_and_forms_agree_on_every_state_after_whatever_people_do():
    seen: Counter[str] = Counter()
    for seed in range(5):
        random, now, workspace = Random(seed), NOW, services.create_workspace(f"w{seed}")
        for _ in range(STEPS):
            now += timedelta(seconds=1)
            with suppress(DocumentError):
                a_step(random, workspace, now)()
            expected = {author: by_python(workspace, now, author) for author in (None, ANNA.id)}

            assert {author: by_database(workspace, now, author) for author in (None, ANNA.id)} == expected

            seen.update(state for state, *_ in expected[None].values())
    assert seen.keys() == STATES.keys(), "the walks have to come by every state"


def test_lists_and_forms_agree_on_what_a_roll_back_took_away():
    workspace = services.create_workspace("w")
    services.save_draft("w", kind="threshold", key="a", body={"value": 1}, author=ANNA, now=NOW)
    services.publish("w", actor=ANNA, reason="one", now=NOW)
    services.save_draft("w", kind="threshold", key="b", body={"value": 1}, author=ANNA, now=NOW)
    services.publish("w", actor=ANNA, reason="two", now=NOW)
    services.roll_back("w", number=1, actor=ANNA, reason="back", now=NOW)

    assert by_database(workspace, NOW) == by_python(workspace, NOW)
    assert by_python(workspace, NOW)["b"] == ("removed", None, {"value": 1}, None)
