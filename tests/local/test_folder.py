"""The data folder is locked while it is used, and its secrets are made once and kept from others."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder


def test_a_second_copy_in_the_same_folder_is_refused(folder):
    with pytest.raises(LocalError, match="already running with"):
        Folder(folder.path).open()


def test_the_lock_ends_with_its_holder(folder):
    folder.close()
    again = Folder(folder.path)

    again.open()

    again.close()


def test_secrets_are_made_once_and_readable_by_their_owner_only(folder):
    made = folder.secrets()

    assert Folder(folder.path).secrets() == made
    assert stat.S_IMODE((folder.path / "secrets.json").stat().st_mode) == 0o600
    assert len({made.secret_key, made.postgres, made.valkey}) == 3


def test_a_folder_of_an_earlier_version_gets_the_secret_it_lacks_and_keeps_the_others(folder):
    made = folder.secrets()
    folder.write_json("secrets.json", {"secret_key": made.secret_key, "postgres": made.postgres, "valkey": made.valkey})

    again = folder.secrets()

    assert (again.secret_key, again.postgres, again.valkey) == (made.secret_key, made.postgres, made.valkey)
    assert len(base64.b64decode(again.personal_data)) == 32
    assert folder.secrets() == again


def test_a_folder_that_cannot_be_made_is_one_clear_line():
    with pytest.raises(LocalError, match="Cannot write to /dev/null/data") as refused:
        Folder(Path("/dev/null/data")).open()

    assert "\n" not in str(refused.value)


def test_a_damaged_file_is_named_with_what_to_do(folder):
    (folder.path / "dev.json").write_text("{")

    with pytest.raises(LocalError, match=r"dev\.json is damaged .* Delete it"):
        folder.read_json("dev.json")
