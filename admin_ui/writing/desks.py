"""Working copies kept between two keystrokes: what is typed changes with each, what it is looked at against hardly ever."""

from __future__ import annotations

import threading
from collections import OrderedDict

from rules.models import Workspace
from rules.selectors import Desk, desk_token

KEPT = 8
"""In a process; the one asked for longest ago goes first."""

_desks: OrderedDict[tuple[int, int, str], Desk] = OrderedDict()
_lock = threading.Lock()


def desk(workspace: Workspace, reader_id: int) -> Desk:
    """The reader's working copy as it is now, to look at: forms that save take one of their own."""
    place = workspace.pk, reader_id, desk_token(workspace, reader_id)
    with _lock:
        found = _desks.get(place)
        if found is None:
            found = _desks[place] = Desk(workspace, reader_id)
        _desks.move_to_end(place)
        while len(_desks) > KEPT:
            _desks.popitem(last=False)
    return found
