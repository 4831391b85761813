"""The shipped examples, by the key of their workspace."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "templates/examples"
KEYS = ("academy", "apparel", "checkout", "homepage", "longread", "news")


def document(key: str) -> bytes:
    return (FOLDER / f"{key}.json").read_bytes()


def recording(key: str) -> Path:
    return FOLDER / f"{key}.events.jsonl"
