"""Use case: sign where every chain stands, keep it outside the database, and say it in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection, transaction

from decisioning.history import signing
from decisioning.history.store import AnchorStore, configured
from rules import bundles, selectors
from rules.history import LISTS, Heads, Line, anchor_line, encode_line

logger = logging.getLogger(__name__)
LOCK = 0x5168
"""Our class of PostgreSQL advisory locks for this work."""
OFTEN, SELDOM = 300.0, 86_400.0
"""Seconds after which an anchor is due: where anything but releases is new, and where nothing is."""


def anchor_if_due(*, now: float) -> Line | None:
    """After each release at once, after anything else that is new within OFTEN, and else each SELDOM, to say that it still stood so then.

    None where none is due, where anchors are off, or where there is no key. Raises OSError and BadAnchor, as `anchor` does.
    """
    store = configured()
    if store is None:
        return None
    try:
        signing.key()
    except signing.NoKey:
        return None
    with _alone() as alone:
        if not alone:
            return None
        last = store.last()
        return _made(store, last, now) if _due(last, now) else None


def anchor(*, now: float) -> Line | None:
    """Makes one now; None where somebody else just does. Raises NoKey, OSError, and BadAnchor where the last one kept is none."""
    store = configured()
    if store is None:
        raise signing.NoKey("ANCHOR_URL is off: there is no place to keep an anchor.")
    with _alone() as alone:
        return _made(store, store.last(), now) if alone else None


def _made(store: AnchorStore, last: Line | None, now: float) -> Line:
    heads = [selectors.heads_of(workspace) for workspace in [None, *selectors.workspaces()]]
    told = [one for one in heads if any(getattr(one, name)[0] for name in LISTS)]
    at = bundles.moment(datetime.fromtimestamp(now, UTC))
    line = anchor_line(told, before=last.anchor if last else None, at=at, key=signing.key())
    store.append(line)
    logger.info("anchor %s", encode_line(line).decode().rstrip())
    return line


def _due(last: Line | None, now: float) -> bool:
    there = selectors.heads_now()
    if last is None:
        return bool(there)
    known = {heads.chain: heads for heads in last.chains}
    if any(counts.get("releases", 0) != _count(known.get(chain), "releases") for chain, counts in there.items()):
        return True
    age = now - datetime.fromisoformat(last.anchor.at).timestamp()
    return age >= (OFTEN if _differs(there, known) else SELDOM)


def _differs(there: Mapping[str | None, Mapping[str, int]], known: Mapping[str | None, Heads]) -> bool:
    return any(counts.get(name, 0) != _count(known.get(chain), name) for chain, counts in there.items() for name in LISTS)


def _count(heads: Heads | None, name: str) -> int:
    return getattr(heads, name)[0] if heads else 0


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else makes an anchor until the end of this."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK])
        yield bool(cursor.fetchone()[0])
