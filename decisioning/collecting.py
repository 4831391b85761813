"""How often Python looks for garbage in programs that serve: seldom, for a look through everything stops all of their threads."""

from __future__ import annotations

import gc

AFTER = (50_000, 20, 50)
"""So many new objects are waited for: a batch or a page makes thousands that go with it. Looks each 700 took a tenth of a worker's time."""


def seldom() -> None:
    """What is there by now stays, and is not looked through at all.

    A large workspace's working copy is 600,000 objects. Reading one made Python look through everything two or three times, at 0.2 s each,
    while decisions in the same process waited.
    """
    gc.freeze()
    gc.set_threshold(*AFTER)
