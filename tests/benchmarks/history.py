"""How long it takes to ask 2,000 releases of 200 rules each, to verify and anchor them, and for a stranger to check their evidence.

Run with `make bench-history`. It starts a PostgreSQL and a Valkey of its own. Each release changes one rule, with an approval, and has a
bundle of its own; one in ten rolls back to the one before instead.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from decisioning.local import postgres, valkey
from decisioning.local.folder import Folder
from tests.benchmarks import asking
from tests.system import forget, new_folder

SCRIPT = Path(__file__).resolve().parents[2] / "docs/verify_evidence.py"
START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.history", description=__doc__)
    parser.add_argument("--releases", type=int, default=2_000)
    parser.add_argument("--rules", type=int, default=200)
    chosen = parser.parse_args()
    with servers():
        measure(chosen.releases, chosen.rules)


@contextmanager
def servers() -> Iterator[None]:
    folder = Folder(new_folder())
    folder.open()
    folder.make_anchor_key()
    secrets = folder.secrets()
    started = [postgres.start(folder, password=secrets.postgres), valkey.start(folder, password=secrets.valkey)]
    os.environ |= {
        "SECRET_KEY": secrets.secret_key,
        "DATABASE_URL": started[0].url,
        "REDIS_URL": started[1].url,
        "DATA_DIR": str(folder.path),
        "DJANGO_SETTINGS_MODULE": "decisioning.settings",
    }
    import django
    from django.core.management import call_command

    django.setup()
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        for server in reversed(started):
            server.stop()
        folder.close()
        forget(folder.path)


def measure(releases: int, rules: int) -> None:
    from decisioning.history import anchoring, evidence, verifying
    from rules.models import Release

    workspace = took("making them", lambda: fill(releases, rules))
    size = sum(map(len, Release.objects.values_list("bundle", flat=True).iterator())) / 1e6
    print(f"  {releases} releases of {rules} rules, {size:.0f} MB of bundles")
    asking.measure(workspace)
    now = time.time()
    took("an anchor", lambda: anchoring.anchor(now=now))
    report = took("verify_history", lambda: verifying.verify(now=now))
    print(f"  {sum(sum(chain.counts) for chain in report.chains)} rows: {'everything holds' if report.ok else report.findings[:3]}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "evidence.zip"
        with file.open("wb") as out:
            took("evidence", lambda: evidence.write(out, workspace, now=datetime.now(UTC)))
        print(f"  {file.stat().st_size / 1e6:.1f} MB")
        command = [sys.executable, "-I", str(SCRIPT), str(file)]
        checked = took("a stranger's check", lambda: subprocess.run(command, capture_output=True, text=True, check=False))
    print(f"  {'everything holds' if checked.returncode == 0 else checked.stdout + checked.stderr}")


def took(what: str, act: Callable[[], Any]) -> Any:
    started, own = time.perf_counter(), time.process_time()
    result = act()
    print(f"{what:20}{time.perf_counter() - started:8.1f} s, {time.process_time() - own:.1f} s of them on a core here", flush=True)
    return result


def rule(place: int, limit: int) -> dict[str, Any]:
    when = {
        "all": [
            {"name": "counts.carts.1h", "operator": "greater_than", "value": limit},
            {"name": "counts.carts.7d", "operator": "less_than", "value": 5_000},
        ]
    }
    then = {"template": "hello"}
    return {"name": f"Rule {place}", "placement": "banner", "position": place * 10, "when": when, "then": then}


def fill(releases: int, rules: int) -> Any:
    """Writes what the services would. They compile and check each release, which takes minutes and is not what is measured here."""
    from django.db import transaction

    from rules import services

    workspace = services.create_workspace("bench", four_eyes=True)
    history = Writer(workspace)
    with transaction.atomic():
        first = {("template", "hello"): {"body": "Hello {{ name }}"}, ("placement", "banner"): {"fallback": {"template": "hello"}}}
        first[("signal", "carts")] = {"event": "Product Added"}
        first |= {("rule", f"r{place:03}"): rule(place, 1) for place in range(rules)}
        history.release({identity: history.version(*identity, body) for identity, body in first.items()})
        for number in range(2, releases + 1):
            place = number % rules
            if number % 10:
                history.release({("rule", f"r{place:03}"): history.version("rule", f"r{place:03}", rule(place, number))})
            else:
                history.roll_back()
    return workspace


class Writer:
    """The history of one workspace, written row by row."""

    def __init__(self, workspace: Any) -> None:
        self.workspace, self.live, self.before_live = workspace, {}, {}
        self.items: dict[tuple[str, str], Any] = {}
        self.newest: dict[tuple[str, str], int] = {}
        self.last: Any = None

    def version(self, kind: str, key: str, body: dict[str, Any]) -> Any:
        from rules import bodies, bundles
        from rules.models import Approval, Item, Version

        at = self.now()
        item = self.items.get((kind, key)) or Item.objects.create(workspace=self.workspace, kind=kind, key=key, created_at=at)
        self.items[kind, key] = item
        number = self.newest[kind, key] = self.newest.get((kind, key), 0) + 1
        body = bodies.normal(kind, key, body)
        who = {"author_id": 1, "body_hash": bundles.sha256(body), "created_at": at}
        made = Version.objects.create(item=item, number=number, body=body, author_name="Anna", reason="tuned", **who)
        Approval.objects.create(version=made, reviewer_id=2, reviewer_name="Ben", verdict="approved", **who)
        return made

    def now(self) -> datetime:
        return START + timedelta(minutes=self.last.number if self.last else 0)

    def release(self, changed: dict[tuple[str, str], Any], rolled_back_to: int | None = None) -> None:
        from rules import bodies, bundles
        from rules.models import Release, ReleaseChange

        live = self.live | changed
        numbers = {identity: version.number for identity, version in live.items()}
        document, problems = bodies.nest(self.workspace.settings, {identity: version.body for identity, version in live.items()}, numbers)
        assert not problems
        bundle, digest = bundles.build(document)
        at = self.now()
        manifest = [
            {"kind": kind, "key": key, "version": version.number, "body_hash": version.body_hash}
            for (kind, key), version in sorted(live.items(), key=lambda entry: entry[0])
        ]
        release = Release(
            workspace=self.workspace,
            number=self.last.number + 1 if self.last else 1,
            manifest=manifest,
            bundle=bundle.decode(),
            digest=digest,
            effective_from=at,
            published_at=at,
            publisher_id=2,
            publisher_name="Ben",
            reason="tuned",
            four_eyes=True,
            rolled_back_to=rolled_back_to,
            prev_hash=self.last.hash if self.last else "",
        )
        release.hash = bundles.release_hash(release)
        release.save()
        ReleaseChange.objects.bulk_create(
            ReleaseChange(release=release, item=version.item, before=self.live.get(identity), after=version)
            for identity, version in changed.items()
        )
        self.before_live, self.live, self.last = self.live, live, release

    def roll_back(self) -> None:
        changed = {identity: version for identity, version in self.before_live.items() if self.live[identity].pk != version.pk}
        self.release(changed, self.last.number - 1)


if __name__ == "__main__":
    main()
