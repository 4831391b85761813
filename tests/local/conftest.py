"""A data folder for servers and supervisors of a test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from decisioning.local.folder import Folder
from tests.system import forget, new_folder


@pytest.fixture
def folder() -> Iterator[Folder]:
    folder = Folder(new_folder())
    folder.open()
    yield folder
    folder.close()
    forget(folder.path)
