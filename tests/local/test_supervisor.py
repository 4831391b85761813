"""The supervisor where it is stopped half way, and where the databases are somebody else's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from decisioning.local.processes import group_members
from tests.system import System, forget, new_folder


@pytest.fixture
def data_dir() -> Iterator[Path]:
    data_dir = new_folder()
    yield data_dir
    forget(data_dir)


def test_ctrl_c_in_the_midst_of_a_start_leaves_nothing_behind(data_dir):
    system = System(data_dir)
    system.wait_for(r"^\[3/7\]", 60)
    groups = list(system.processes().values())

    system.interrupt()

    assert system.wait() == 0
    assert [pid for group in groups for pid in group_members(group)] == []
    assert "READY" not in system.output


def test_databases_named_in_the_environment_are_used_and_none_of_ours_is_started(data_dir):
    redis_url = os.environ["REDIS_URL"].removesuffix("/0") + "/7"
    system = System(data_dir, env={"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": redis_url})
    system.wait_for(r"^\[3/7\] Redis: the one in REDIS_URL", 60)
    system.stop()
    given = system.environment()

    assert not (data_dir / "postgres").exists()
    assert not (data_dir / "valkey").exists()
    assert (given["DATABASE_URL"], given["REDIS_URL"], given["BROKER_URL"]) == (os.environ["DATABASE_URL"], redis_url, redis_url)


def test_a_database_that_does_not_answer_ends_the_start_with_one_clear_line(data_dir):
    nowhere = "postgresql://signpost:x@127.0.0.1:9/signpost"
    system = System(data_dir, env={"DATABASE_URL": nowhere, "REDIS_URL": os.environ["REDIS_URL"]})

    assert system.wait() == 1
    assert "Traceback" not in system.output
    assert "PostgreSQL does not answer" in system.output
