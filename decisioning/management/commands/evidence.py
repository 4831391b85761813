"""`manage.py evidence`: writes everything that proves a workspace's history into one signed file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from decisioning.history import evidence, signing
from rules import selectors


class Command(BaseCommand):
    help = (
        "Writes versions, approvals, releases, audit log and anchors of a workspace into a signed zip. docs/verify_evidence.py checks it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace")
        parser.add_argument("--out", type=Path, help="where to [evidence-WORKSPACE-TIME.zip here]; a file that is there is not touched")
        parser.add_argument("--release", type=int, metavar="N", help="only releases up to this one")

    def handle(self, *, workspace: str, out: Path | None, release: int | None, **_: Any) -> None:
        found = {one.key: one for one in selectors.workspaces()}.get(workspace)
        if found is None:
            raise CommandError(f"There is no workspace {workspace}.")
        newest = selectors.newest_release(found)
        if release is not None and not 1 <= release <= (newest.number if newest else 0):
            raise CommandError(f"There is no release {release} of {workspace}.")
        now = timezone.now()
        out = out or Path(f"evidence-{workspace}-{now:%Y%m%d-%H%M%S}.zip")
        try:
            signing.key()
            with out.open("xb") as file:
                wrong = evidence.write(file, found, now=now, last=release)
        except FileExistsError as error:
            raise CommandError(f"{out} is there already. Name another file with --out.") from error
        except (signing.NoKey, OSError) as error:
            raise CommandError(str(error)) from error
        if wrong:
            words = f"NOT EVERYTHING HOLDS: {len(wrong)} findings, the first: {wrong[0].message} The package shows it."
            self.stderr.write(self.style.ERROR(f"{words} `manage.py verify_history` says more."))
        self.stdout.write(f"{out}: {out.stat().st_size} bytes. Check it with `python3 docs/verify_evidence.py {out}`.")
