"""Anchors: what the chain alone can't show is found by what was signed outside the database."""

from __future__ import annotations

import base64
import os
import stat
from datetime import timedelta

import msgspec
import pytest
from django.core.management import CommandError, call_command

from decisioning.history import anchoring, asking, results, signing, verifying
from decisioning.history.store import AnchorStore
from decisioning.local.folder import Folder
from rules import services
from rules.history import Key, Trust, encode_line, read_line
from rules.models import Workspace
from tests.history.conftest import HOUR, owner, rebuild_events, rebuild_releases, released
from tests.rules.conftest import ANNA, NOW

pytestmark = pytest.mark.usefixtures("installation")
T = NOW.timestamp()


def findings(**options):
    return [(found.code, found.first) for found in verifying.verify(now=T, **options).findings]


def anchors():
    return AnchorStore(str(signing.settings.ANCHOR_URL)).lines()


# The three things that only an owner can do


def test_a_row_that_the_owner_edits_is_found(told):
    anchoring.anchor(now=T)
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'asked by the board' WHERE number = 3")

    assert findings()[0] == ("release_altered", "release 3")


def test_a_row_that_the_owner_edits_with_every_later_hash_rebuilt_is_found(told):
    anchoring.anchor(now=T)
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'asked by the board' WHERE number = 3")
        rebuild_releases(3)

    [found] = verifying.verify(now=T).findings
    assert (found.code, found.first) == ("anchor_differs", "one of releases 1 to 5")
    assert "One of releases 1 to 5 is not what it was when anchor 1 was signed" in found.message


def test_with_an_anchor_for_each_release_the_very_row_is_named(told):
    anchoring.anchor(now=T)
    for number in (6, 7, 8):
        released(number * 100, NOW + number * HOUR)
        anchoring.anchor(now=T + number)
    with owner() as execute:
        execute("UPDATE rules_release SET publisher_name = 'Carol' WHERE number = 7")
        rebuild_releases(7)

    [found] = verifying.verify(now=T).findings
    assert (found.code, found.first) == ("anchor_differs", "release 7")
    assert found.message.startswith("Release 7 is not what it was when anchor 3 was signed on 2026-01-15T12:00:07")


def test_a_tail_that_the_owner_cuts_off_is_found(told):
    anchoring.anchor(now=T)
    with owner() as execute:
        for number in (4, 5):
            execute("DELETE FROM rules_releasechange WHERE release_id = (SELECT id FROM rules_release WHERE number = %s)", number)
            execute("DELETE FROM rules_release WHERE number = %s", number)

    [found] = verifying.verify(now=T).findings
    assert (found.code, found.first) == ("tail_cut", "release 4")
    assert "has seen 5 releases and there are 3" in found.message


def test_a_rebuilt_audit_log_and_its_cut_end_are_found(told):
    count = told.audit_events.count()
    anchoring.anchor(now=T)
    with owner() as execute:
        execute("UPDATE rules_auditevent SET words = '[]' WHERE workspace_id IS NOT NULL AND number = 2")
        rebuild_events(2)
    assert findings() == [("anchor_differs", f"one of audit events 1 to {count}")]

    with owner() as execute:
        execute("DELETE FROM rules_auditevent WHERE workspace_id IS NOT NULL AND number = %s", count)
    assert findings() == [("tail_cut", f"audit event {count}")]


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("UPDATE rules_approval SET reviewer_name = 'Carol'", "one of approvals 1 to "),
        ("UPDATE rules_version SET author_name = 'Carol' WHERE number = 2", "one of versions 1 to "),
    ],
)
def test_rows_that_no_release_speaks_of_are_anchored_too(told, sql, first):
    anchoring.anchor(now=T)
    with owner() as execute:
        execute(sql)

    code, where = findings()[-1]
    assert (code, where.startswith(first)) == ("anchor_differs", True)


def test_a_workspace_that_is_gone_with_all_it_had_is_found(told):
    anchoring.anchor(now=T)
    with owner() as execute:
        execute("UPDATE rules_workspace SET key = 'shop2'")

    assert ("chain_gone", "shop") in findings()


# Anchors themselves


def test_each_anchor_names_the_one_before_it(told):
    one, two = (anchoring.anchor(now=T + seconds).anchor for seconds in (0, 1))

    assert (one.number, one.prev, two.number, two.prev) == (1, "", 2, one.hash)
    assert [read_line(line).anchor for line in anchors()] == [one, two]


def test_an_anchor_says_where_each_chain_stands_and_whose_it_is_can_be_kept_back(told):
    Workspace.objects.create(key="other")
    line = anchoring.anchor(now=T)
    shown = line.shown_for("shop")

    assert shown.heads_of("shop").releases[0] == 5
    assert b'"other"' not in encode_line(shown)
    signing.trust().check(shown)


def test_an_anchor_that_somebody_else_signed_is_refused_by_name(told, settings):
    anchoring.anchor(now=T)
    settings.ANCHOR_KEY = (os.urandom(32),)

    [found] = verifying.verify(now=T).findings
    assert found.code == "anchor_bad"
    assert "signed with a foreign key" in found.message


def test_a_former_key_is_trusted_by_its_public_half(told, settings):
    anchoring.anchor(now=T)
    settings.ANCHOR_TRUSTED_KEYS = (base64.b64decode(signing.key().public),)
    settings.ANCHOR_KEY = (os.urandom(32),)
    anchoring.anchor(now=T)

    assert findings() == []


@pytest.mark.parametrize("word", [b'"shop"', b'"at":"2026-01-15', b'"releases":[5'])
def test_an_anchor_of_which_one_byte_was_changed_is_refused(told, word):
    line = encode_line(anchoring.anchor(now=T))
    assert line.count(word) == 1
    changed = line.replace(word, word[:-1] + bytes([word[-1] ^ 1]))

    [found] = verifying.verify(now=T, given=[changed.rstrip()]).findings
    assert found.code == "anchor_bad"


def test_an_anchor_that_is_gone_from_between_is_found(told):
    for seconds in range(3):
        anchoring.anchor(now=T + seconds)
    first, _, third = anchors()

    assert findings(given=[first, third]) == [("anchors_broken", "anchor 3")]


def test_anchors_that_were_taken_away_since_the_last_verification_are_missed(told, valkey, tmp_path):
    anchoring.anchor(now=T)
    anchoring.anchor(now=T)
    assert verifying.verify_and_keep(now=T).ok
    file = tmp_path / "anchors/anchors.jsonl"
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])

    assert [found.code for found in verifying.verify_and_keep(now=T).findings] == ["anchors_lost"]


def test_an_anchor_that_a_crash_left_half_written_is_none_and_the_next_takes_its_place(told, tmp_path):
    anchoring.anchor(now=T)
    with (tmp_path / "anchors/anchors.jsonl").open("ab") as file:
        file.write(b'{"anchor":{"numb')
    anchoring.anchor(now=T)

    assert [read_line(line).anchor.number for line in anchors()] == [1, 2]


def test_in_an_object_store_each_anchor_is_an_object_of_its_own(told, settings):
    settings.ANCHOR_URL = "memory://signpost-anchors"
    anchoring.anchor(now=T)
    anchoring.anchor(now=T)

    assert [read_line(line).anchor.number for line in anchors()] == [1, 2]
    assert AnchorStore(settings.ANCHOR_URL).last().anchor.number == 2
    assert findings() == []


def test_every_anchor_is_in_the_log_as_well(told, caplog):
    line = anchoring.anchor(now=T)

    assert encode_line(line).decode().strip() in caplog.text


# When


def test_an_anchor_is_due_at_once_after_a_release_soon_after_anything_else_and_daily_without(told):
    made = [anchoring.anchor_if_due(now=T) is not None, anchoring.anchor_if_due(now=T + 1) is not None]
    released(5, NOW + timedelta(days=1))
    made += [anchoring.anchor_if_due(now=T + 2) is not None, anchoring.anchor_if_due(now=T + 3) is not None]
    services.note(told, ANNA, NOW, services.Act("tested", "rule", "x", ("Anna tried.",)))
    made += [anchoring.anchor_if_due(now=T + 4) is not None, anchoring.anchor_if_due(now=T + 303) is not None]
    made += [anchoring.anchor_if_due(now=T + 86_000) is not None, anchoring.anchor_if_due(now=T + 303 + 86_400) is not None]

    assert made == [True, False, True, False, False, True, False, True]


def test_without_a_key_nothing_is_anchored_and_who_asks_is_told_how_to_make_one(told, settings):
    settings.ANCHOR_KEY = ()

    assert anchoring.anchor_if_due(now=T) is None
    with pytest.raises(CommandError, match="openssl rand"):
        call_command("anchor")


def test_a_key_that_others_can_read_is_refused(settings, tmp_path):
    settings.ANCHOR_KEY = ()
    file = tmp_path / "anchor.key"
    file.write_text(base64.b64encode(os.urandom(32)).decode())
    file.chmod(0o644)
    with pytest.raises(signing.NoKey, match="read by others"):
        signing.key()

    file.chmod(0o600)
    assert Trust([signing.key().public])


def test_start_makes_the_key_once_and_for_its_owner_only(tmp_path):
    folder = Folder(tmp_path)
    folder.make_anchor_key()
    made = (tmp_path / "anchor.key").read_text()
    folder.make_anchor_key()

    assert (tmp_path / "anchor.key").read_text() == made
    assert stat.S_IMODE((tmp_path / "anchor.key").stat().st_mode) == 0o600
    assert Key(base64.b64decode(made))


# Commands


def test_the_command_says_what_it_checked_in_plain_words(told, capsys):
    call_command("anchor")
    call_command("verify_history")
    said = capsys.readouterr().out

    assert "Anchor 1" in said
    assert "shop: 5 releases" in said
    assert "Everything holds" in said


def test_the_command_names_the_first_bad_row_of_each_chain_and_fails(told, capsys):
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'x' WHERE number IN (3, 5)")
        execute("UPDATE rules_auditevent SET reason = 'x' WHERE workspace_id IS NOT NULL AND number = 2")

    with pytest.raises(CommandError, match="History is broken"):
        call_command("verify_history")
    said = capsys.readouterr().out
    assert "What release 3 says is not what its hash says." in said
    assert "What audit event 2 says is not what its hash says." in said


def test_the_command_reads_a_file_of_anchors_that_was_kept_elsewhere(told, tmp_path, capsys):
    line = anchoring.anchor(now=T)
    copy = tmp_path / "mine.jsonl"
    copy.write_bytes(encode_line(line))
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'x' WHERE number = 5")
        rebuild_releases(5)
    (tmp_path / "anchors/anchors.jsonl").unlink()

    call_command("verify_history")
    with pytest.raises(CommandError, match="History is broken"):
        call_command("verify_history", anchor=str(copy))
    assert "is not what it was when anchor 1 was signed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "There is no file"), (b"", "holds no anchor"), (b"hello\n", "Line 1.*no anchor"), (b"\xff\n", "Line 1.*no anchor")],
)
def test_a_file_of_anchors_that_is_none_is_said_to_be_none(told, tmp_path, content, words):
    file = tmp_path / "mine.jsonl"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=words):
        call_command("verify_history", anchor=str(file))


def test_a_file_of_anchors_of_another_installation_is_said_to_be_foreign(told, tmp_path, settings):
    file = tmp_path / "mine.jsonl"
    file.write_bytes(encode_line(anchoring.anchor(now=T)))
    theirs = signing.key().public
    settings.ANCHOR_KEY = (os.urandom(32),)

    with pytest.raises(CommandError, match="foreign key"):
        call_command("verify_history", anchor=str(file))
    call_command("verify_history", anchor=str(file), public_key=[theirs])


def test_a_workspace_that_is_not_there_can_not_be_verified(told):
    with pytest.raises(CommandError, match="no workspace nowhere"):
        call_command("verify_history", workspace="nowhere")


# The kept result


def test_the_result_is_kept_and_verified_anew_each_five_minutes(told, valkey):
    assert results.read() is None
    assert verifying.verify_if_due(now=T).ok
    assert verifying.verify_if_due(now=T + 290) is None
    assert verifying.verify_if_due(now=T + 310).ok
    assert results.read().at == T + 310


def test_what_takes_long_is_verified_less_often_so_that_it_works_for_a_twentieth_of_the_time(told, valkey):
    verifying.verify_and_keep(now=T)
    results.keep(msgspec.structs.replace(results.read(), seconds=30.0))

    assert verifying.verify_if_due(now=T + 590) is None
    assert verifying.verify_if_due(now=T + 610).ok


def test_what_somebody_asked_for_while_another_verification_ran_is_done_at_the_next_look(told, valkey):
    verifying.verify_and_keep(now=T)
    asking.ask(by="Carol", now=T + 1)

    assert verifying.verify_if_due(now=T + 30).ok
    assert verifying.verify_if_due(now=T + 60) is None


def test_a_running_verification_says_how_many_chains_it_has_looked_at(told, valkey, monkeypatch):
    seen = []
    monkeypatch.setattr(asking, "tell", seen.append)
    verifying.verify_and_keep(now=T)

    assert seen == [asking.Run(T, 0, 2), asking.Run(T, 1, 2), None]


def test_two_switched_off_guards_are_found(told):
    with owner() as execute:
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("ALTER TABLE rules_release DISABLE TRIGGER history_is_kept")

    assert findings() == [("guard_missing", "rules_release")]
