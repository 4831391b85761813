"""What the tests of the engine share."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest


@pytest.fixture
def soon() -> Iterator[None]:
    """Whatever a document holds, it may not occupy a process."""
    started = time.process_time()
    yield
    assert time.process_time() - started < 10
