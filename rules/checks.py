"""System checks: what would break authoring on this machine, said at start instead of at the first publish."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from rules import selectors

OLDEST_POSTGRESQL = 140_000


@register(Tags.database)
def database_is_recent_postgresql(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Publishing takes advisory locks and reads jsonb; run by `migrate` and by `check --database default`."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            found.append(Error(f"The database {alias} is {connection.vendor}.", hint="Set DATABASE_URL to a PostgreSQL.", id="rules.E001"))
        elif connection.pg_version < OLDEST_POSTGRESQL:
            found.append(
                Error(f"The database {alias} is PostgreSQL {connection.pg_version // 10_000}.", hint="Use 14 or newer.", id="rules.E002")
            )
    return found


@register(Tags.database)
def history_is_guarded(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A warning and no error: `migrate` checks first, and may be about to bring the guards."""
    return [
        checks.Warning(
            f"Rows of {table} in the database {alias} can be changed or added out of turn: a trigger is missing, off or altered.",
            hint="Run `manage.py migrate`. Where that mends nothing, find out who switched it off or replaced it or its function, and make"
            " it again as the migrations named `guards` do.",
            id="rules.W001",
        )
        for alias in databases or []
        if connections[alias].vendor == "postgresql"
        for table in selectors.unguarded(alias)
    ]
