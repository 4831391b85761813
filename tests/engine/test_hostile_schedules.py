"""Schedules and time zones made to hurt."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.world import codes, compiled, document, leaf, matches, rule

pytestmark = pytest.mark.usefixtures("soon")


ZONES = [
    "../../etc/passwd", "/etc/localtime", "/etc/passwd", "localtime", "posixrules", "posix/Europe/Berlin", "right/UTC", "Europe",
    "Europe/Berlin\n", "Europe/../Europe/Berlin", "Europe/Berlin/", "", " ", ".", "..", "é", "tzdata.zi", "__init__.py", "x" * 64,
]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_time_zones_that_are_paths_or_none(zone: str) -> None:
    assert codes(document(workspace={"key": "world", "timezone": zone})) == ["bad_timezone"]
    if zone:
        assert codes(document([rule(schedule={"from": "2026-01-01", "timezone": zone})])) == ["bad_timezone"]


@pytest.mark.parametrize("zone", [*ZONES, "Europe/Berlin\0", "\ud800", "x" * 1_000_000, "../" * 1_000])
def test_a_user_s_time_zone_that_is_a_path_or_none_only_fails_to_match(zone: str) -> None:
    facts = {"user.timezone": zone, "time.now": "2026-11-27T12:00:00Z"}

    assert matches(leaf("time.now", "hour_between", [0, 24]), facts) is False
    assert compiled([rule(schedule={"hours": ["00:00", "24:00"], "timezone": "user"})]).decide("slot", facts).outcome == "fallback"


def test_a_time_zone_with_nul_or_half_a_character_is_no_text_of_a_document() -> None:
    for zone in ("UTC\0", "\ud800"):
        assert codes(document([rule(schedule={"from": "2026-01-01", "timezone": zone})])) == ["bad_text"]


@pytest.mark.parametrize(
    "schedule",
    [
        {"from": "9" * 41},
        {"from": "2026-01-01T00:00:00+99:99"},
        {"from": "10000-01-01"},
        {"until": "0000-01-01"},
        {"from": "\u0662\u0660\u0662\u0666-01-01"},
        {"hours": ["99:99", "00:00"]},
        {"hours": ["09:00\n", "17:00"]},
        {"hours": ["09:00"] * 100_000},
        {"weekdays": "mon"},
        {"timezone": "x" * 65, "weekdays": ["mon"]},
        {"__class__": "x"},
        [],
    ],
)
def test_schedules_that_are_none(schedule: Any) -> None:
    assert set(codes(document([rule(schedule=schedule)]))) <= {"bad_date", "bad_value", "wrong_type", "unknown_field"} != set()


def test_a_schedule_of_a_hundred_thousand_days() -> None:
    assert codes(document([rule(leaf("tags", "contains", "new"), schedule={"weekdays": ["mon"] * 100_000})])) == []


def test_a_schedule_at_the_ends_of_time_answers_everywhere() -> None:
    ruleset = compiled([rule(schedule={"from": "0001-01-01", "until": "9999-12-31T23:59:59", "timezone": "user"})])
    for now in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-27T00:00:00Z"):
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
            assert ruleset.decide("slot", {"time.now": now, "user.timezone": zone}).outcome in {"matched", "fallback"}


def test_ten_thousand_schedules() -> None:
    rules = [
        rule(leaf("tags", "contains", "new"), key=f"r{number}", schedule={"from": f"2026-01-01T{number % 24:02}:00", "timezone": "user"})
        for number in range(10_000)
    ]

    ruleset = compiled(rules)

    facts = {"time.now": "2025-01-01T00:00:00Z", "user.timezone": "Asia/Kolkata", "tags": ["new"]}
    assert ruleset.decide("slot", facts).outcome == "fallback"
