"""A recording that can't be played to its end is refused before anything of it is sent, with the line that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from decisioning.management.recording import BadRecording, read

HEADER = {"workspace": "shop", "about": "", "placements": ["banner"], "context": {}}
VIEW = {"after": 2.5, "message": {"type": "track", "event": "Product Viewed", "anonymousId": "ann"}}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "some.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_seconds_add_up_along_the_lines(tmp_path):
    told = read(written(tmp_path, HEADER, {**VIEW, "after": 0}, VIEW, VIEW))
    assert [elapsed for _, elapsed, _ in told.lines] == [0, 2.5, 5]
    assert told.seconds == 5


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "is empty"),
        ((HEADER,), "has a header but no events"),
        (({"workspace": "shop"}, VIEW), "line 1: Object missing required field `placements`"),
        ((HEADER, VIEW, "{"), "line 3: Input data was truncated"),
        ((HEADER, "", {**VIEW, "after": -1}), "line 3: Expected `float` >= 0.0"),
        ((HEADER, {**VIEW, "afterr": 1}), "line 2: Object contains unknown field `afterr`"),
        ((HEADER, {"message": {"type": "track", "event": "X"}}), "line 2: the message has no userId and no anonymousId"),
    ],
)
def test_a_broken_line_is_named_by_its_number(tmp_path, rows, said):
    with pytest.raises(BadRecording) as refused:
        read(written(tmp_path, *rows))
    assert said in str(refused.value)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(BadRecording, match=r"nowhere.jsonl can't be read: No such file"):
        read(tmp_path / "nowhere.jsonl")
