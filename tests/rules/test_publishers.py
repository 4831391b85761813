"""Publishers in processes of their own: at once, and killed without warning. History stays whole, and so does what is served."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from django.db import connection

from decisioning.rulesets import Rulesets
from rules import bundles, selectors
from rules.models import Draft, Release, Version
from tests.rules.conftest import load, publish
from tests.system import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, EACH, KILLS = 4, 5, 50
SMALL = {"schema": 1, "workspace": {"key": "shop"}, "traits": [{"key": "plan", "type": "text"}]}
"""Little to inspect, so that kills fall into the writing as often as into the checking before it."""
LONGEST = 0.15
"""Seconds until a kill: some publishes of a child, on a machine that is not too busy."""


class Publishers:
    """The process that forks publishers, and the marks they leave."""

    def __init__(self, marks: Path) -> None:
        self.marks = marks
        marks.touch()
        # The run's own server, and its test database in place of the one it was started with.
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        environment = os.environ | {"DATABASE_URL": address, "MARKS": str(marks), "DJANGO_SETTINGS_MODULE": "decisioning.settings"}
        command = [sys.executable, "-m", "tests.rules.publisher"]
        self.said = marks.with_suffix(".stderr")
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
            )

    def start(self, *wanted: str) -> list[int]:
        """Children that all begin at one moment: each is "number releases"."""
        self._say(" + ".join(wanted))
        children = [int(self._line()) for _ in wanted]
        self._say("")
        return children

    def ended(self) -> int:
        """The exit status of the next child to be waited for."""
        return int(self._line().split()[1])

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said.read_text()
        return line

    def stop(self) -> None:
        self.process.communicate(timeout=20)


@pytest.fixture
def publishers(tmp_path: Path) -> Iterator[Publishers]:
    load(SMALL)
    publish()
    started = Publishers(tmp_path / "marks")
    yield started
    started.stop()


def chain() -> list[Release]:
    """All releases, after everything that history promises of them was checked."""
    releases = list(Release.objects.select_related("workspace").order_by("number"))
    manifest: dict[tuple[str, str], int] = {}
    before = ""
    for number, release in enumerate(releases, start=1):
        assert (release.number, release.prev_hash) == (number, before)
        assert bundles.release_hash(release) == release.hash
        assert bundles.build(json.loads(release.bundle)) == (release.bundle.encode(), release.digest)
        for change in release.changes.select_related("item", "after"):
            manifest[change.item.kind, change.item.key] = change.after.number
        assert manifest == {(entry["kind"], entry["key"]): entry["version"] for entry in release.manifest}
        before = release.hash
    assert selectors.manifest_versions(releases[-1])[1] == []
    return releases


def test_twenty_publishes_of_four_processes_at_once_are_twenty_releases_without_a_gap(publishers):
    publishers.start(*(f"{number} {EACH}" for number in range(PROCESSES)))
    statuses = [publishers.ended() for _ in range(PROCESSES)]

    releases = chain()

    assert statuses == [0] * PROCESSES, publishers.said.read_text()
    assert len(releases) == 1 + PROCESSES * EACH
    published = {trait["key"] for trait in json.loads(releases[-1].bundle)["traits"]}
    assert {f"by-{number}-{turn}" for number in range(PROCESSES) for turn in range(EACH)} <= published, "an update was lost"
    assert all(release.changes.count() == 1 for release in releases[1:]), "each release has its own change and nobody else's"


def test_a_publisher_killed_at_any_point_leaves_the_whole_release_or_nothing_of_it(publishers):
    random, served = Random(11), Rulesets()
    inside = 0
    for number in range(KILLS):
        size = publishers.marks.stat().st_size
        [child] = publishers.start(f"{number} -1")
        deadline = time.monotonic() + 20
        while publishers.marks.stat().st_size == size:
            assert time.monotonic() < deadline, publishers.said.read_text()
            time.sleep(0.001)
        time.sleep(random.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        assert publishers.ended() == -signal.SIGKILL
        inside += publishers.marks.read_bytes().endswith(b"<")

        newest = Release.objects.order_by("-number").first()
        for bundle in bundles.live_bundles(time.time(), served.known()):
            assert served.swap(bundle, source="database", now=time.time()), served.errors
        live = served.get("shop")
        assert live is not None
        assert live.number - newest.number in (0, 1), "PostgreSQL may end the last transaction of a killed client a moment later"

    publish_once_more(publishers)
    releases = chain()
    assert inside > 0, "no kill fell into a publish"
    assert sum(len(release.changes.all()) for release in releases) == Version.objects.count(), "a version without its release"
    assert Draft.objects.count() <= KILLS
    print(f"{KILLS} kills, {inside} of them within a publish; {len(releases)} releases, all whole")


def publish_once_more(publishers: Publishers) -> None:
    """The lock of whoever was killed is free again, and history goes on."""
    publishers.start("999 1")
    assert publishers.ended() == 0
