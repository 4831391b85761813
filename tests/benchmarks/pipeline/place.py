"""Where the consumer is measured: a Valkey of its own with an append-only file, synced each second, and Django set up on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from decisioning.local import valkey
from decisioning.local.folder import Folder
from tests.system import forget, new_folder


@contextmanager
def place() -> Iterator[None]:
    """Nothing here asks PostgreSQL: the consumer gets its definitions from the benchmark."""
    folder = Folder(new_folder())
    folder.open()
    server = valkey.start(folder, password=folder.secrets().valkey)
    os.environ |= {
        "SECRET_KEY": folder.secrets().secret_key,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": server.url,
        "DATA_DIR": str(folder.path),
        "DJANGO_SETTINGS_MODULE": "decisioning.settings",
    }
    import django

    from decisioning import collecting

    django.setup()
    collecting.seldom()
    try:
        yield
    finally:
        server.stop()
        folder.close()
        forget(folder.path)
