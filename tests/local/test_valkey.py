"""The embedded Valkey keeps what it was told and lets nobody in without the password."""

from __future__ import annotations

import time

import pytest
from redis import AuthenticationError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from decisioning.local import valkey
from decisioning.local.errors import LocalError
from decisioning.local.processes import kill_group

PASSWORD = "a-password-of-this-test"


def test_what_it_was_told_is_there_after_a_stop_and_after_a_kill(folder):
    server = valkey.start(folder, password=PASSWORD)
    with Redis.from_url(server.url) as client:
        client.set("before the stop", 1)
    server.stop()
    server = valkey.start(folder, password=PASSWORD)
    with Redis.from_url(server.url) as client:
        client.set("before the kill", 2)
        time.sleep(1.2)  # appendfsync everysec: what is younger than a second may be lost with the machine, not with the process.
    kill_group(server.process.pid)
    server.process.wait()
    server = valkey.start(folder, password=PASSWORD)
    with Redis.from_url(server.url) as client:
        kept = client.mget("before the stop", "before the kill")
    server.stop()

    assert kept == [b"1", b"2"]


@pytest.mark.parametrize("policy", ["everysec", "always"])
def test_the_environment_says_how_soon_things_are_on_disk(folder, monkeypatch, policy):
    monkeypatch.setenv("VALKEY_FSYNC", policy)
    server = valkey.start(folder, password=PASSWORD)
    try:
        with Redis.from_url(server.url) as client:
            assert client.config_get("appendfsync") == {"appendfsync": policy}
    finally:
        server.stop()


def test_another_word_for_how_soon_is_one_clear_line(folder, monkeypatch):
    monkeypatch.setenv("VALKEY_FSYNC", "sometimes")
    with pytest.raises(LocalError, match="neither everysec nor always"):
        valkey.start(folder, password=PASSWORD)


def test_nobody_gets_in_without_the_password_and_nothing_is_ever_evicted(folder):
    server = valkey.start(folder, password=PASSWORD, fsync="never")
    try:
        with Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
        with Redis.from_url(server.url) as client:
            settings = client.config_get("bind", "maxmemory-policy")
    finally:
        server.stop()

    assert settings == {"bind": "127.0.0.1", "maxmemory-policy": "noeviction"}


def test_the_password_is_not_in_the_list_of_processes(folder):
    server = valkey.start(folder, password=PASSWORD, fsync="never")
    server.stop()

    assert PASSWORD not in " ".join(map(str, server.process.args))
    assert (folder.path / "valkey" / "valkey.conf").stat().st_mode & 0o077 == 0


def test_a_wrong_valkey_bin_is_one_clear_line(folder, monkeypatch):
    monkeypatch.setenv("VALKEY_BIN", str(folder.path / "missing"))

    with pytest.raises(LocalError, match=r"VALKEY_BIN=.* is not a file"):
        valkey.start(folder, password=PASSWORD)


def test_a_program_that_is_no_valkey_is_one_clear_line(folder, monkeypatch):
    monkeypatch.setenv("VALKEY_BIN", "/bin/true")

    with pytest.raises(LocalError, match="Valkey, or Redis 7 or newer, is needed"):
        valkey.start(folder, password=PASSWORD)
