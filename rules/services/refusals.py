"""Reasons that more than one act is refused for."""

from __future__ import annotations

from rules.engine import Problem
from rules.models import Release, Version


def own_contribution(name: str, what: str) -> Problem:
    words = f"{name} wrote some of what {what}."
    return Problem("own_contribution", "$", words, "Somebody who wrote nothing of it has to look at it.")


def altered(row: Release | Version) -> Problem:
    return Problem("history_broken", "$", f"{row} is not what its hash says.", "Tell an administrator: its row was altered.")
