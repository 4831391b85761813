"""Releases that were live once, compiled when one is asked for: verified by their digest as live ones are, and a few kept."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from decisioning.rulesets import BadBundle, Live, activate, rulesets
from rules.bundles import LiveBundle, bundle_of, hash_of
from rules.engine import DocumentError

KEPT = 8
"""Compiled releases beside the live ones; one of 10,000 rules takes some 100 MB."""


class ReleaseDamaged(ValueError):
    """A release whose bundle is not what its digest says, or that this version can't read."""


class Releases:
    """By workspace and number. The one asked for longest ago goes first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._found: OrderedDict[tuple[str, int, str], Live] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, workspace: str, number: int) -> Live | None:
        """None where there is no such release. Raises ReleaseDamaged, and what the database raises.

        Which release has the number is asked each time: a workspace that was deleted and loaded anew has others under the same numbers.
        """
        digest = hash_of(workspace, number)
        if digest is None:
            return None
        live = rulesets.get(workspace)
        if live is not None and (live.number, live.hash) == (number, digest) and live.source == "database":
            return live
        place = workspace, number, digest
        with self._lock:
            found = self._found.get(place)
            if found is None:
                bundle = bundle_of(workspace, number)
                if bundle is None:
                    return None
                found = self._found[place] = _compiled(bundle)
            self._found.move_to_end(place)
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        return found


def _compiled(bundle: LiveBundle) -> Live:
    try:
        return activate(bundle, source="database", now=time.time())
    except (BadBundle, DocumentError) as error:
        raise ReleaseDamaged(str(error)) from error


releases = Releases()
