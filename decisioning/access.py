"""Who is calling: API keys looked up in an in-process table, so that no request waits for PostgreSQL."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from rules import apikeys, origins
from rules.bundles import KeyRecord

logger = logging.getLogger(__name__)


class KeyTable:
    """Every live key by its digest. Replaced whole by the refresher; readers see the old table or the new one."""

    def __init__(self) -> None:
        self._by_digest: dict[str, KeyRecord] = {}

    def replace(self, records: list[KeyRecord]) -> bool:
        """Says whether anything differs from before."""
        before, self._by_digest = self._by_digest, {record.digest: record for record in records}
        return before != self._by_digest

    def find(self, text: str, now: float) -> KeyRecord | None:
        """The key's record, or None where it is malformed, unknown, revoked or expired."""
        if not apikeys.well_formed(text):
            return None
        record = self._by_digest.get(apikeys.digest(text))
        if record is None or (record.expires_at is not None and record.expires_at <= now):
            return None
        return record

    def any_allows(self, origin: str) -> bool:
        """Whether some publishable key may be used from this origin."""
        return any(record.kind == "publishable" and origins.allows(record.origins, origin) for record in self._by_digest.values())

    @property
    def empty(self) -> bool:
        return not self._by_digest

    def save(self, path: Path) -> None:
        """Keeps the table on disk (digests only), so that a process started without PostgreSQL still knows its callers."""
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(f".{os.getpid()}")
        scratch.write_bytes(msgspec.json.encode(list(self._by_digest.values())))
        scratch.chmod(0o600)
        scratch.replace(path)

    def restore(self, path: Path) -> None:
        try:
            self.replace(msgspec.json.decode(path.read_bytes(), type=list[KeyRecord]))
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("no key table on disk: %s", error)


keys = KeyTable()
