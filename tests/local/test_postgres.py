"""The embedded PostgreSQL keeps what it was told, keeps strangers out, and finds a place that its user can reach."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from decisioning.local import postgres
from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.processes import kill_group
from decisioning.local.server import Server
from tests.system import forget

PASSWORD = "a-password-of-this-test"
THE_RUNS_OWN = os.environ["DATABASE_URL"]
"""The server the test run itself was started with, by the same code."""


@contextmanager
def running(folder: Folder) -> Iterator[Server]:
    server = postgres.start(folder, password=PASSWORD)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def private_folder(tmp_path: Path) -> Iterator[Folder]:
    """Inside a folder that only we may enter, as the one that `mktemp -d` makes."""
    tmp_path.chmod(0o700)
    folder = Folder(tmp_path / "clone" / "data")
    folder.open()
    yield folder
    folder.close()
    forget(folder.path)


def test_what_was_committed_is_there_after_a_stop_and_after_a_kill(folder):
    with running(folder) as server:
        assert server.fresh
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (number int)")
            connection.execute("INSERT INTO kept VALUES (1)")
    with running(folder) as server:
        assert not server.fresh
        with psycopg.connect(server.url) as connection:
            connection.execute("INSERT INTO kept VALUES (2)")
        kill_group(server.process.pid)
    with running(folder) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT number FROM kept ORDER BY number").fetchall() == [(1,), (2,)]
    assert server.process.returncode == 0


def test_nobody_gets_in_without_the_password():
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(THE_RUNS_OWN.replace(urlsplit(THE_RUNS_OWN).password, "guess"))


def test_it_listens_on_loopback_only_and_makes_no_socket_file():
    with psycopg.connect(THE_RUNS_OWN) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("listen_addresses", "unix_socket_directories")]

    assert shown == [("127.0.0.1",), ("",)]


def test_data_of_another_major_version_is_left_alone_with_one_clear_line(folder):
    data = folder.path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")

    with pytest.raises(LocalError, match="was made by PostgreSQL 9") as refused:
        postgres.start(folder, password=PASSWORD)

    assert "\n" not in str(refused.value)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_wrong_postgres_bin_is_one_clear_line(folder, monkeypatch):
    monkeypatch.setenv("POSTGRES_BIN", str(folder.path))

    with pytest.raises(LocalError, match=r"POSTGRES_BIN=.* holds no `postgres` program"):
        postgres.start(folder, password=PASSWORD)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")
def test_as_root_it_runs_from_a_private_folder_without_opening_it(private_folder, tmp_path):
    with running(private_folder) as server, psycopg.connect(server.url) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone()
        owner = Path(f"/proc/{server.process.pid}").stat().st_uid

    assert owner != 0
    assert not Path(data).is_relative_to(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")
def test_as_root_it_runs_from_a_virtual_environment_in_a_private_folder(private_folder, monkeypatch):
    (place,) = importlib.util.find_spec(postgres.WHEEL).submodule_search_locations
    package = Path(place)
    for name in (f"{package.name}/pginstall18", f"{package.name}.libs"):
        shutil.copytree(package.parent / name, private_folder.path / name, symlinks=True)
    monkeypatch.setenv("POSTGRES_BIN", str(private_folder.path / package.name / "pginstall18/bin"))

    with running(private_folder) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert server.binary.is_relative_to(private_folder.outside())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")
def test_a_fresh_clone_in_the_place_of_an_old_one_never_sees_its_data(private_folder):
    with running(private_folder):
        old = private_folder.outside()
    assert (old / "postgres").is_dir()
    (private_folder.path / "instance.json").unlink()  # As a fresh clone has none.
    try:
        with running(private_folder) as server:
            assert server.fresh
    finally:
        shutil.rmtree(old)
