"""A month's days: what holds on them, and what begins and ends, whatever reaches over the month's ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import months
from rules.engine import clock, schedules
from rules.engine.workspace import Schedule
from rules.months import Month, Span, by_day, goes_through, spans

DECEMBER = Month(2026, 12)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def schedule(zone: str = "UTC", /, **said: object) -> Span:
    [(span, _)] = spans("rule", {"schedule": {name.rstrip("_"): value for name, value in said.items()}}, zone)
    return span


def marks(span: Span) -> list[tuple[int, str]]:
    return [(day.day, mark.what) for day, on in by_day([(span, None)], DECEMBER).items() for mark in on]


@pytest.mark.parametrize(
    ("span", "days", "marked"),
    [
        (schedule(from_="2026-11-20", until="2026-12-03"), [1, 2], [(2, "ends")]),
        (schedule(from_="2026-12-30", until="2027-01-05"), [30, 31], [(30, "begins")]),
        (schedule(until="2026-12-02T12:00"), [1, 2], [(2, "ends")]),
        (schedule(from_="2026-12-31T23:59"), [31], [(31, "begins")]),
        (schedule(from_="2026-12-24T09:00", until="2026-12-24T17:00"), [24], [(24, "begins"), (24, "ends")]),
        (schedule(from_="2026-12-30", until="2027-01-01"), [30, 31], [(30, "begins"), (31, "ends")]),
        (schedule(from_="2026-11-01", until="2026-12-01"), [], []),
        (schedule(from_="2027-01-01"), [], []),
        (schedule(from_="2026-12-01").until(at("2026-12-01")), [], []),
        (schedule(from_="2026-12-20", weekdays=["fri"]), [25], [(20, "begins")]),
        (schedule("Europe/Berlin", from_="2026-12-02", until="2026-12-03"), [1, 2], [(1, "begins"), (2, "ends")]),
        (schedule("Europe/Berlin", from_="2026-12-02", until="2026-12-03", timezone="user"), [1, 2], [(1, "begins"), (2, "ends")]),
        (schedule("Europe/Berlin", from_="2026-12-02", until="2026-12-03", timezone="UTC"), [2], [(2, "begins"), (2, "ends")]),
        (
            schedule("Europe/Berlin", from_="2026-12-21", until="2026-12-26", weekdays=["mon", "wed"], hours=["09:00", "17:00"]),
            [21, 23],
            [(20, "begins"), (25, "ends")],
        ),
        (
            schedule(from_="2026-12-24", until="2026-12-27", weekdays=["fri"], hours=["22:00", "06:00"]),
            [25],
            [(24, "begins"), (26, "ends")],
        ),
        (
            schedule("Europe/Berlin", from_="2026-12-05", until="2026-12-10", weekdays=["mon"], hours=["01:00", "00:00"]),
            [7],
            [(4, "begins"), (9, "ends")],
        ),
        (schedule("Asia/Tokyo", until="2026-12-06", weekdays=["sat"]), [4, 5], [(5, "ends")]),
    ],
)
def test_a_span_holds_on_its_days_and_is_marked_where_it_begins_and_ends(span, days, marked):
    assert [day.day for day in DECEMBER.days if span.holds_on(day)] == days
    assert marks(span) == marked


@pytest.mark.parametrize("span", [Span(), schedule(weekdays=["sun"]), schedule(from_="2026-01-01"), schedule(until="2027-06-01")])
def test_what_neither_begins_nor_ends_in_a_month_goes_through_it(span):
    assert goes_through(span, DECEMBER)


def test_what_begins_on_the_last_day_does_not_go_through():
    assert not goes_through(schedule(from_="2026-12-31"), DECEMBER)


@pytest.mark.parametrize("said", [{"until": "9999-12-31T23:59"}, {"until": "9999-12-31T23:59:59-14:00"}])
def test_what_is_meant_for_ever_goes_through_a_month(said):
    assert goes_through(schedule("America/New_York", **said), DECEMBER)


def test_a_boost_from_before_the_first_year_on_ends_on_its_day():
    boost = {"from": "0001-01-01T00:00:00+14:00", "until": "2026-12-05"}
    [(span, _)] = spans("score", {"terms": [{"signal": "looks", "boosts": [boost]}]}, "UTC")

    assert marks(span) == [(4, "ends")]


ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago")
QUARTERS = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@given(
    st.sampled_from(ZONES),
    st.lists(st.sampled_from(clock.WEEKDAYS), max_size=3, unique=True),
    st.lists(QUARTERS, min_size=2, max_size=2, unique=True) | st.just([]),
    st.integers(1, 31),
    st.integers(1, 31),
)
def test_a_schedule_holds_on_the_days_on_which_a_decision_would_find_it_holding(zone, weekdays, hours, first, last):
    said = {"from": f"2026-12-{first:02}T07:30", "until": f"2027-01-{last:02}T18:15", "weekdays": weekdays, "hours": hours}
    [(span, _)] = spans("rule", {"schedule": said}, zone)
    timetable = schedules.read(msgspec.convert(said, Schedule), zone, "$")

    for day in DECEMBER.days:
        asked = [months.midnight(day) + quarter * 900 for quarter in range(96)]
        assert span.holds_on(day) is any(timetable.holds(moment, zone) for moment in asked), day


def test_days_before_the_release_that_brings_it_are_not_there():
    span = schedule(from_="2026-12-01", until="2026-12-05").since(at("2026-12-03T10:00"))

    assert [day.day for day in DECEMBER.days if span.holds_on(day)] == [3, 4]
    assert schedule(from_="2026-12-04").since(at("2026-12-03")) == schedule(from_="2026-12-04")


def test_what_a_release_takes_away_holds_until_then():
    span = schedule(from_="2026-12-01", until="2026-12-05").until(at("2026-12-03T10:00"))

    assert [day.day for day in DECEMBER.days if span.holds_on(day)] == [1, 2, 3]
    assert schedule(until="2026-12-02").until(at("2026-12-03")) == schedule(until="2026-12-02")


def test_each_boost_of_a_score_is_a_span_of_its_own_in_utc():
    boosts = [{"factor": 2, "from": "2026-12-01", "until": "2026-12-02"}, {"factor": 3, "from": "2026-12-05T06:00", "until": "2026-12-06"}]
    found = spans("score", {"terms": [{"signal": "carts", "boosts": boosts}, {"signal": "views"}]}, "Europe/Berlin")

    assert [(span.begins, said["signal"], said["factor"]) for span, said in found] == [
        (at("2026-12-01"), "carts", 2),
        (at("2026-12-05T06:00"), "carts", 3),
    ]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rule", None),
        ("rule", {}),
        ("rule", {"enabled": False, "schedule": {"from": "2026-12-01"}}),
        ("rule", {"schedule": {"from": "soon"}}),
        ("rule", {"schedule": {"from": 3, "weekdays": "fri"}}),
        ("rule", {"schedule": {"from": "2026-12-05", "until": "2026-12-05"}}),
        ("rule", {"schedule": {"from": "2026-12-01", "timezone": "Nowhere/Land"}}),
        ("score", {"terms": [{"boosts": [{"factor": 2, "from": "soon", "until": "later"}, {}]}]}),
        ("tag", {"schedule": {"from": "2026-12-01"}}),
    ],
)
def test_what_bounds_nothing_or_can_not_be_read_has_no_span(kind, body):
    assert spans(kind, body, "UTC") == []


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-1", "0000-01", "9999-12", "2026-12-01", "\uff12026-12", "2026-12\n"]
)
def test_what_is_no_month_is_none(text):
    assert months.read(text) is None


def test_months_follow_each_other_over_the_years_end():
    assert (months.read("2026-12"), DECEMBER.moved(1), DECEMBER.moved(-12)) == (DECEMBER, Month(2027, 1), Month(2025, 12))
    assert str(Month(2027, 1)) == "2027-01"


@given(st.integers(1971, 2998), st.integers(1, 12))
def test_a_months_weeks_hold_its_days_once_and_begin_on_mondays(year, number):
    month = Month(year, number)
    shown = [day for week in month.weeks for day in week]

    assert [day for day in shown if (day.year, day.month) == (year, number)] == month.days
    assert all(week[0].weekday() == 0 and len(week) == 7 for week in month.weeks)
    assert all(set(week) & set(month.days) for week in month.weeks)


@given(st.integers(-80, 80), st.integers(1, 2000))
def test_a_span_of_whole_hours_holds_from_its_beginning_to_its_end_and_on_no_other_day(first, hours):
    begins = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=first * 12)
    ends = begins + timedelta(hours=hours)
    span = Span(begins.timestamp(), ends.timestamp())

    expected = [day for day in DECEMBER.days if begins.date() <= day <= months.day_of(ends.timestamp(), end=True)]
    assert [day for day in DECEMBER.days if span.holds_on(day)] == expected
    assert {date(2026, 12, day) for day, _ in marks(span)} <= set(expected)
