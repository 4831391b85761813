"""Programs that serve seldom stop for garbage, and never look through what was there when they started."""

from __future__ import annotations

import gc

from decisioning import collecting


def test_what_is_there_is_looked_through_no_more_and_the_rest_seldom():
    usual = gc.get_threshold()
    try:
        collecting.seldom()

        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() == collecting.AFTER
    finally:
        gc.unfreeze()
        gc.set_threshold(*usual)
