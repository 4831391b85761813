"""The evidence package, and the script by which a stranger checks it."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import rfc8785
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from decisioning.history import anchoring, signing
from rules import services
from rules.history import Key
from tests.history.conftest import owner, rebuild_releases
from tests.history.test_verification import JSON
from tests.rules.conftest import ANNA, NOW

SCRIPT = Path(__file__).resolve().parents[2] / "docs/verify_evidence.py"
pytestmark = pytest.mark.usefixtures("installation")
T = NOW.timestamp()


@pytest.fixture
def package(told, tmp_path):
    """Makes the package as it is now."""

    def make(**options):
        file = tmp_path / f"evidence{len(list(tmp_path.iterdir()))}.zip"
        call_command("evidence", "shop", out=file, **options)
        return file

    return make


def checked(file: Path, *more: str) -> tuple[int, str]:
    """By a stranger: a bare Python that knows nothing of this place."""
    result = subprocess.run([sys.executable, "-I", str(SCRIPT), str(file), *more], capture_output=True, text=True, check=False, cwd="/")
    return result.returncode, result.stdout + result.stderr


def resigned(file: Path, name: str, change, key: Key) -> Path:
    """The package with one file of it changed, and a manifest that is right for it, signed with `key`."""
    with zipfile.ZipFile(file) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    rows = json.loads(parts[name])
    change(rows)
    parts[name] = json.dumps(rows).encode()
    manifest = json.loads(parts["manifest.json"])
    manifest["files"][name] = hashlib.sha256(parts[name]).hexdigest()
    manifest["public_key"] = key.public
    parts["manifest.json"] = json.dumps(manifest).encode()
    parts["manifest.sig"] = key.sign(parts["manifest.json"]).encode()
    with zipfile.ZipFile(file, "w") as package:
        for part, data in parts.items():
            package.writestr(part, data)
    return file


def test_the_command_says_that_what_it_wrote_does_not_hold(package, capsys):
    with owner() as execute:
        execute("UPDATE rules_version SET body = '{\"value\": 1}' WHERE body->'value' = '800'")
    package()

    assert "NOT EVERYTHING HOLDS" in capsys.readouterr().err


def test_a_stranger_finds_a_good_package_good(package):
    anchoring.anchor(now=T)

    code, said = checked(package(), "--public-key", signing.key().public)
    assert (code, said.splitlines()[-1]) == (0, "Everything holds.")
    assert "5 releases" in said
    assert "3 approvals" in said
    assert "1 anchors" in said


def test_without_a_key_from_elsewhere_the_stranger_is_told_to_ask_for_it(package):
    code, said = checked(package())

    assert code == 0
    assert "ask the installation whether it is theirs" in said


def test_a_package_up_to_a_release_is_good_though_anchors_saw_later_ones(package):
    anchoring.anchor(now=T)

    code, said = checked(package(release=3))
    assert (code, "3 releases" in said) == (0, True), said


def test_a_package_with_names_and_numbers_of_every_kind_is_good(package, told):
    body = {"name": "größer 😀  ﬁ", "description": 'a"b\\c\u007f', "value": 1e-7}
    services.save_draft("shop", kind="threshold", key="long", body=body, author=ANNA, now=NOW)
    services.submit("shop", reason="=cmd|' /C calc'!A0", now=NOW)
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=False)
    services.publish("shop", actor=ANNA, reason="all of it", now=NOW + timedelta(days=1))

    assert checked(package())[0] == 0


def test_one_byte_that_was_changed_is_found(package):
    file = package()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)

    code, said = checked(file)
    assert code == 1
    assert "WRONG" in said


FORGED = {
    "a reason": ("releases.json", lambda rows: rows[2].update(reason="asked by the board"), "release 3: what it says"),
    "a row": ("releases.json", lambda rows: rows.pop(2), "release 4: it comes after release 2"),
    "the tail": ("releases.json", lambda rows: rows.pop(), "release 5: anchor 1 of 2026-01-15"),
    "the reviewer": ("approvals.json", lambda rows: rows[1].update(reviewer_name="Carol"), "the first: approval 2, of threshold long v3."),
    "an approval": ("approvals.json", lambda rows: rows.pop(1), "release 3: nobody else had approved threshold long v3"),
    "a verdict": ("approvals.json", lambda rows: rows[0].update(reviewer_id=rows[0]["author_id"]), "is by one of those who wrote"),
    "a body": ("versions.json", lambda rows: rows[-1]["body"].update(value=1), "threshold long v4: its body"),
    "an approval without an event": (
        "approvals.json",
        lambda rows: rows.append(rows[0]),
        "approval 4, of threshold long v2: no audit event",
    ),
    "an approval with an event": ("approvals.json", lambda rows: rows.pop(0), "approval of threshold long v2: audit event"),
    "an event": ("audit.json", lambda rows: rows[-1].update(words=[]), "what it says is not what its hash says"),
    "the last event": ("audit.json", lambda rows: rows.pop(), "cut off"),
}


@pytest.mark.parametrize(("name", "change", "words"), FORGED.values(), ids=FORGED)
def test_a_forger_who_signs_anew_is_found_out(package, name, change, words):
    """Once by the rows themselves or the anchors, and once more, by who has the true key, by the signature."""
    anchoring.anchor(now=T)
    file = resigned(package(), name, change, Key(os.urandom(32)))

    code, said = checked(file)
    assert (code, words in said) == (1, True), said
    assert "manifest.json: it is signed with a foreign key" in checked(file, "--public-key", signing.key().public)[1]


@pytest.mark.parametrize(
    ("sql", "rebuilt", "words"),
    [
        ("UPDATE rules_release SET reason = 'asked by the board' WHERE number = 3", True, "the first: one of releases 1 to 5."),
        ("UPDATE rules_approval SET comment = 'not looked at'", False, "its comment is 'not looked at', audit event"),
        ("UPDATE rules_approval SET comment = 'not looked at'", False, "one of approvals 1 to 3 (threshold long v2, threshold long v3, "),
        ("UPDATE rules_version SET reason = 'x' WHERE number = 2", False, "one of versions 1 to"),
        ("UPDATE rules_version SET body = '{\"value\": 1}' WHERE body->'value' = '800'", False, "threshold long v3: its body"),
    ],
)
def test_what_the_owner_of_the_tables_changed_is_found_in_what_the_installation_itself_signed(package, sql, rebuilt, words):
    anchoring.anchor(now=T)
    with owner() as execute:
        execute(sql)
        if rebuilt:
            rebuild_releases(3)

    code, said = checked(package(), "--public-key", signing.key().public)
    assert (code, words in said) == (1, True), said


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"hello"])
def test_what_is_no_package_is_said_to_be_none(tmp_path, content):
    file = tmp_path / "x.zip"
    file.write_bytes(content)

    code, said = checked(file)
    assert code == 1
    assert "Traceback" not in said
    assert "There is no item" in said or "no whole zip" in said


def test_tables_can_be_read_in_a_spreadsheet_and_run_nothing_there(package, told):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 5}, author=ANNA, now=NOW)
    services.submit("shop", reason="=1+1", now=NOW)
    with zipfile.ZipFile(package()) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("versions.csv").decode("utf-8-sig"))))

    assert [row["reason"] for row in rows][-1] == "'=1+1"
    assert rows[0]["author_name"] == "Anna"


def test_evidence_of_one_workspace_names_no_other(package, told):
    services.create_workspace("rival")
    anchoring.anchor(now=T)
    with zipfile.ZipFile(package()) as archive:
        assert not [name for name in archive.namelist() if b"rival" in archive.read(name)]


def test_evidence_can_not_be_made_of_nothing_or_over_something(told, tmp_path):
    with pytest.raises(CommandError, match="no workspace nowhere"):
        call_command("evidence", "nowhere")
    with pytest.raises(CommandError, match="no release 6 of shop"):
        call_command("evidence", "shop", release=6)
    file = tmp_path / "there.zip"
    file.touch()
    with pytest.raises(CommandError, match="is there already"):
        call_command("evidence", "shop", out=file)


# The script's own parts, which share no code with ours

spec = importlib.util.spec_from_file_location("verify_evidence", SCRIPT)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


@given(JSON)
def test_the_scripts_canonical_form_is_that_of_rfc_8785(value):
    assert script.canonical(value) == rfc8785.dumps(value)


@given(st.binary(max_size=60))
@settings(max_examples=30)
def test_the_scripts_ed25519_agrees_with_a_library(data):
    key = Key(b"7" * 32)
    signature = base64.b64decode(key.sign(data))
    changed = bytes([signature[0] ^ 1]) + signature[1:]

    assert script.signed(base64.b64decode(key.public), data, signature)
    assert not script.signed(base64.b64decode(key.public), data + b"x", signature)
    assert not script.signed(base64.b64decode(key.public), data, changed)


def test_the_scripts_ed25519_knows_the_vectors_of_rfc_8032():
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert script.signed(public, b"\x72", signature)
    order = (int.from_bytes(signature[32:], "little") + script.ORDER).to_bytes(32, "little")
    assert not script.signed(public, b"\x72", signature[:32] + order)
