"""Start a throw-away PostgreSQL and Valkey before Django reads its settings, and stop them when the run ends."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from decisioning.local import postgres, valkey
from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.server import Server
from tests.system import forget, new_folder

ROOT = Path(__file__).resolve().parent.parent


class Services:
    """The servers of one test run. Always our own: a test empties its Valkey, so it must never meet one that is in use."""

    def __init__(self) -> None:
        self.folder = Folder(new_folder())
        self.servers: list[Server] = []

    def start(self) -> None:
        self.folder.open()
        secrets = self.folder.secrets()
        database = postgres.start(self.folder, password=secrets.postgres, durable=False)
        self.servers.append(database)
        redis = valkey.start(self.folder, password=secrets.valkey, fsync="never")
        self.servers.append(redis)
        os.environ |= {
            "SECRET_KEY": secrets.secret_key,
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "BROKER_URL": redis.url.removesuffix("/0") + "/1",
            "DATA_DIR": str(self.folder.path),
            "DEMO": "1",
            "RAW_ARCHIVE": "off",  # tests that want one have their own
        }

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()
        self.folder.close()
        forget(self.folder.path)


SERVICES = pytest.StashKey[Services]()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # A wrapper, to come before pytest-django, which reads the settings in this hook.
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    services = early_config.stash[SERVICES] = Services()
    try:
        services.start()
    except LocalError as error:
        services.stop()
        raise pytest.UsageError(str(error)) from None
    early_config.add_cleanup(services.stop)
    return (yield)


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"{server.name} {server.version}: {_shown(server.binary)}" for server in config.stash[SERVICES].servers]


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
