"""Asks PostgreSQL's catalogue whether history is guarded: a table without its triggers is one where rows can be changed unseen."""

from __future__ import annotations

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections

from rules.models.insert_only import InsertOnly

DELETE, UPDATE, TRUNCATE = 8, 16, 32
"""Bits of pg_trigger.tgtype."""
ALL = DELETE | UPDATE | TRUNCATE
ASKED = """
SELECT kept.name, coalesce(bit_or(guard.tgtype), 0)
FROM unnest(%s::text[]) AS kept(name)
LEFT JOIN pg_trigger AS guard ON guard.tgrelid = to_regclass(kept.name) AND guard.tgenabled IN ('O', 'A')
    AND guard.tgfoid IN (SELECT oid FROM pg_proc WHERE proname = 'history_is_kept')
WHERE to_regclass(kept.name) IS NOT NULL
GROUP BY kept.name
"""


def kept_tables() -> list[str]:
    """The tables whose rows are written once."""
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, InsertOnly))  # noqa: SLF001  Django's public word for it


def unguarded(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Those that are there and have lost, or never had, a trigger against each of UPDATE, DELETE and TRUNCATE."""
    with connections[alias].cursor() as cursor:
        cursor.execute(ASKED, [kept_tables()])
        return sorted(table for table, kinds in cursor.fetchall() if kinds & ALL != ALL)
