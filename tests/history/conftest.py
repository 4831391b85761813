"""A shop with a history: five releases with four eyes on, a roll-back among them, and audit events; and what an owner can do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from rules import bundles, history, selectors, services
from rules.history import Finding, Line, Verification
from rules.models import AuditEvent, Release, Workspace
from tests.rules.conftest import ANNA, BEN, NOW, SHOP, load, publish
from tests.tamper import execute, guards_off

HOUR = timedelta(hours=1)


@pytest.fixture
def shop() -> dict[str, Any]:
    return deepcopy(SHOP)


@pytest.fixture
def installation(settings: Any, tmp_path: Path) -> None:
    """Anchors in a folder of the test's own, signed with a key of its own."""
    settings.DATA_DIR = tmp_path
    settings.ANCHOR_URL = str(tmp_path / "anchors")
    settings.ANCHOR_KEY = (os.urandom(32),)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Releases 1 to 5: three new values, each approved by Ben, then back to the second, and a new one again. Made once for many tests:
    each works in a savepoint of its own within this transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(deepcopy(SHOP))
        publish(now=NOW)
        services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True)
        released(700, NOW + HOUR)
        released(800, NOW + 2 * HOUR)
        services.roll_back("shop", number=2, actor=BEN, reason="too long", now=NOW + 3 * HOUR)
        released(900, NOW + 4 * HOUR)
        workspace = Workspace.objects.get(key="shop")
        services.note(workspace, BEN, NOW, *(services.Act("tested", "rule", f"r{n}", (f"Ben tried {n}.",)) for n in range(4)))
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def told(made: None, db: None) -> Workspace:
    return Workspace.objects.get(key="shop")


def released(value: float, at: Any, reason: str = "tuned") -> Release:
    services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=ANNA, now=at)
    [version] = services.submit("shop", reason=reason, now=at)
    services.approve(version, reviewer=BEN, now=at, comment="fine")
    return services.publish("shop", actor=BEN, reason=reason, now=at)


def verified(anchors: Iterable[Line] = ()) -> Verification:
    workspace = Workspace.objects.get(key="shop")
    return history.verify_workspace("shop", selectors.history_rows(workspace), list(anchors))


def first(anchors: Iterable[Line] = ()) -> Finding:
    """The first thing that is wrong."""
    return verified(anchors).findings[0]


@contextmanager
def owner() -> Iterator[Callable[..., int]]:
    """SQL of somebody whom no trigger and no foreign key stops."""
    with guards_off():
        yield execute


def rebuild_releases(after: int) -> None:
    """Gives every release from this one on the hash of what it says now, and chains them: what a clever owner would do."""
    for release in Release.objects.filter(number__gte=after).order_by("number").select_related("workspace"):
        before = Release.objects.filter(workspace=release.workspace, number=release.number - 1).first()
        release.prev_hash = before.hash if before else ""
        _write("rules_release", release, bundles.release_hash(release))


def rebuild_events(after: int) -> None:
    for event in AuditEvent.objects.filter(number__gte=after).exclude(workspace=None).order_by("number").select_related("workspace"):
        before = AuditEvent.objects.filter(workspace=event.workspace, number=event.number - 1).first()
        event.prev_hash = before.hash if before else ""
        _write("rules_auditevent", event, bundles.audit_hash(event))


def _write(table: str, row: Release | AuditEvent, digest: str) -> None:
    execute(f"UPDATE {table} SET prev_hash = %s, hash = %s WHERE id = %s", row.prev_hash, digest, row.pk)
