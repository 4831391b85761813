"""`manage.py replay` says in one line what is wrong, and needs neither PostgreSQL nor a server to say it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.examples.shipped import FOLDER, recording


def refusal(*words: object, **options: object) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("replay", *map(str, words), stdout=StringIO(), **options)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_no_server_and_no_postgresql_is_one_line_that_says_what_to_do(tmp_path):
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0", "DATA_DIR": str(tmp_path)}
    words = ["replay", recording("news"), "--url", "http://127.0.0.1:1", "--key", "sk_x"]
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=FOLDER.parents[1], env=os.environ | nowhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    said = "No server answers at http://127.0.0.1:1. Start it with `python3 start.py`, or give its address with --url."
    assert done.stderr == f"CommandError: {said}\n"


def test_without_a_running_start_py_it_asks_for_one(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert "start the server with `python3 start.py`, or give --url and --key" in refusal(recording("news"))


def test_a_workspace_without_a_key_is_named_with_those_that_have_one(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "dev.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "keys": {"apparel": {"secret": "sk_x"}}}))
    assert "no key of 'other'; it has apparel" in refusal(recording("news"), workspace="other")


def test_a_broken_dev_json_is_named(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "dev.json").write_text("{")
    assert "dev.json can't be read as what start.py writes" in refusal(recording("news"))


def test_a_broken_file_is_refused_with_its_line(tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"workspace": "news", "placements": ["a"]}\nnot json\n')
    assert refusal(broken, url="http://127.0.0.1:1", key="sk_x").startswith("broken.jsonl, line 2: ")


def test_a_speed_below_real_time_is_refused():
    assert refusal(recording("news"), speed=0.5) == "--speed must be 1 (real time) or more."


def test_a_refused_key_is_said_in_the_words_of_the_api(signpost):
    said = refusal(recording("news"), url=signpost.url, key="sk_nonsense")
    assert said.startswith("The key was refused: ")


def test_an_unknown_placement_is_said_with_its_line(signpost, tmp_path: Path):
    unknown = tmp_path / "unknown.jsonl"
    header = {"workspace": "news", "placements": ["no-such"]}
    unknown.write_text(json.dumps(header) + "\n" + json.dumps({"message": {"type": "page", "anonymousId": "a"}}) + "\n")
    said = refusal(unknown, url=signpost.url, key=signpost.keys["news"]["secret"])
    assert said.startswith("line 2: ")
    assert "no-such" in said


def test_a_message_the_api_refuses_is_said_with_its_line(signpost, tmp_path: Path):
    nameless = tmp_path / "nameless.jsonl"
    header = {"workspace": "news", "placements": ["article-suggestions"]}
    nameless.write_text(json.dumps(header) + "\n" + json.dumps({"message": {"type": "track", "anonymousId": "a"}}) + "\n")
    said = refusal(nameless, url=signpost.url, key=signpost.keys["news"]["secret"])
    assert said == "line 2: A track message needs the event's name in `event`."
