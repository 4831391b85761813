"""Draws the OpenAPI document for one request at a time: drf-spectacular loads extensions when it first meets them, as two threads can't."""

from __future__ import annotations

import threading
from typing import Any

from drf_spectacular.generators import SchemaGenerator

_ALONE = threading.Lock()


class Generator(SchemaGenerator):
    def get_schema(self, *args: Any, **kwargs: Any) -> Any:
        with _ALONE:
            return super().get_schema(*args, **kwargs)
