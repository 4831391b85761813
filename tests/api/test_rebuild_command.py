"""`manage.py rebuild` on a published workspace: with the live definitions, whatever way the events came."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from decisioning import tasks
from decisioning.keys import state_key
from tests.api.streams import drain


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "RAW_ARCHIVE", str(tmp_path / "raw"))


def run(*words):
    out = StringIO()
    call_command("rebuild", *words, stdout=out)
    return out.getvalue().splitlines()


def send(shop):
    shop.post("/v1/identify", {"userId": "alice", "traits": {"name": "Alice", "age": 7.5}})
    shop.post("/v1/track", {"event": "Product Viewed", "userId": "alice", "properties": {"price": 1e30, "nested": {"a": [1, None, "ü"]}}})
    shop.decide("banner", events=[{"type": "track", "event": "Order Completed"}], user="bob")
    drain()


def test_states_are_those_of_the_archive_and_are_put_back_when_lost(archive, shop, valkey):
    send(shop)
    assert tasks.archive_events() == 3
    assert tasks.compact_events() == 0
    assert run()[0] == "2 users: 2 equal, 0 different"
    live = valkey.get(state_key("shop", "u:alice"))

    valkey.delete(state_key("shop", "u:alice"))
    lines = run("--workspace", "shop", "--apply")

    assert lines[0] == "2 users: 1 equal, 1 different, 1 replaced"
    assert lines[2] == "  shop:u:alice: has no live state"
    assert valkey.get(state_key("shop", "u:alice")) == live
    assert shop.decide("banner", user="bob")["decisions"][0]["rule"]["key"] == "loyal"


def test_without_an_archive_there_is_nothing_to_rebuild_from(shop):
    with pytest.raises(CommandError, match="RAW_ARCHIVE is off"):
        run()


def test_a_workspace_without_a_release_is_refused(archive, shop):
    with pytest.raises(CommandError, match="no live release"):
        run("--workspace", "nowhere")


def test_where_the_archive_is_off_its_tasks_do_nothing(shop):
    send(shop)

    assert tasks.archive_events() == tasks.compact_events() == 0
