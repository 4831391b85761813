"""Asks PostgreSQL's catalogue whether history is guarded: a table without its triggers is one where rows can be changed unseen.

A trigger counts only as the migrations made it: switched on, for every row and column, and calling a function that says what it said then.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections

from rules.models.insert_only import InsertOnly

INSERT, DELETE, UPDATE, TRUNCATE = 4, 8, 16, 32
"""Bits of pg_trigger.tgtype."""
KEEPS = "history_is_kept"
FOLLOWS = {
    "rules_version": "version_follows",
    "rules_release": "release_follows",
    "rules_releasechange": "release_change_follows",
    "rules_auditevent": "audit_event_follows",
}
"""What asks of each new row of a table that it follows the one before, or belongs to its release."""
SOURCES = {
    "history_is_kept": "e92868130bf512545100926f0a36ef596d6a7bf8015289cf83b2b4e214d7f111",
    "version_follows": "6825a32c11469002427ed9decdebd025bc84957407ac9409ce996e1d9aa44e7b",
    "release_follows": "e1b6d9474304c29b469956f133592357eb5e5898f453c56f222e0ab8be7506ce",
    "release_change_follows": "1d9b369cd56ec3a4628e0dec5cae5063fb610afe038c1edd52cc812b23256839",
    "audit_event_follows": "22351947b053b6e35b514ef4030b975f2ce84fca825f53eb9f3b5299e77fc1be",
}
"""SHA-256 of what each function says, and of its own settings."""
KEPT_OF_CONSENT = ("id", "workspace", "purpose", "granted", "at", "received")
ONLY_WHEN = {
    "decisioning_consent": "OR".join(
        [
            """new."user"!~~'erased:%'""",
            """old."user"~~'erased:%'""",
            "new.source<>''",
            *(f"old.{name}ISDISTINCTFROMnew.{name}" for name in KEPT_OF_CONSENT),
        ]
    )
}
"""The condition of the one guard that has any: an erased user's name in the log of consent may change (migrations/decisioning/0003)."""
ASKED = """
SELECT kept.name, guard.tgtype, pg_get_triggerdef(guard.oid), called.proname, called.prosrc || coalesce(called.proconfig::text, '')
FROM unnest(%s::text[]) AS kept(name)
LEFT JOIN pg_trigger AS guard ON guard.tgrelid = to_regclass(kept.name) AND guard.tgattr::text = ''
    AND (guard.tgenabled = 'A' OR guard.tgenabled = 'O' AND current_setting('session_replication_role') <> 'replica')
LEFT JOIN pg_proc AS called ON called.oid = guard.tgfoid
WHERE to_regclass(kept.name) IS NOT NULL
"""


class Trigger(NamedTuple):
    kinds: int
    definition: str
    function: str
    source: str

    def holds(self, table: str) -> bool:
        said = hashlib.sha256(self.source.encode()).hexdigest()
        return said == SOURCES.get(self.function) and self._when in ("", ONLY_WHEN.get(table))

    @property
    def _when(self) -> str:
        """Its condition as PostgreSQL tells it, without what depends on how that writes it; empty where it has none."""
        _, _, condition = self.definition.rpartition(" EXECUTE ")[0].partition(" WHEN (")
        return re.sub(r"::text|[\s()]", "", condition)


def kept_tables() -> list[str]:
    """The tables whose rows are written once."""
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, InsertOnly))  # noqa: SLF001  Django's public word for it


def unguarded(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Those that are there and lack a trigger against UPDATE, DELETE or TRUNCATE, or the one that each new row has to pass."""
    found: dict[str, list[Trigger]] = {}
    with connections[alias].cursor() as cursor:
        cursor.execute(ASKED, [kept_tables()])
        for table, kinds, *words in cursor.fetchall():
            trigger = [Trigger(kinds, *words)] if kinds is not None else []
            found[table] = found.get(table, []) + [one for one in trigger if one.holds(table)]
    return sorted(table for table, triggers in found.items() if not _guarded(table, triggers))


def _guarded(table: str, triggers: list[Trigger]) -> bool:
    against, passed = 0, table not in FOLLOWS
    for trigger in triggers:
        if trigger.function == KEEPS:
            against |= trigger.kinds
        passed = passed or (trigger.function == FOLLOWS.get(table) and bool(trigger.kinds & INSERT))
    return passed and against & (DELETE | UPDATE | TRUNCATE) == DELETE | UPDATE | TRUNCATE
