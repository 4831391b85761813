"""`manage.py anchor`: signs where history stands and keeps it outside the database, now; or shows the public key."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from decisioning.history import anchoring, signing
from rules.history import LISTS, BadAnchor


class Command(BaseCommand):
    help = "Signs the heads of all chains of history and adds them to the anchors. The task worker does the same on a timetable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--public-key", action="store_true", help="only show the public key, by which others check")

    def handle(self, *, public_key: bool, **_: Any) -> None:
        try:
            if public_key:
                self.stdout.write(signing.key().public)
                return
            line = anchoring.anchor(now=time.time())
        except (signing.NoKey, BadAnchor, OSError, ImportError) as error:
            raise CommandError(str(error)) from error
        if line is None:
            raise CommandError("Somebody else makes an anchor just now. Nothing was done.")
        self.stdout.write(f"Anchor {line.anchor.number} of {line.anchor.at}, {line.anchor.hash}, in {settings.ANCHOR_URL}")
        for heads in line.chains:
            where = [f"{name} {count}" for name in LISTS if (count := getattr(heads, name)[0])]
            self.stdout.write(f"  {heads.chain or 'the installation'}: {', '.join(where)}")
