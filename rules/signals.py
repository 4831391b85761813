"""What authoring announces once it is committed. Receivers get `workspace` (its key), and `number` with a release."""

from __future__ import annotations

from django.dispatch import Signal

release_published = Signal()
keys_changed = Signal()
