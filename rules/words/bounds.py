"""What bounds a rule beside its conditions, in words: its schedule, its share of users, its caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rules.words.basics import TO, plain

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PERIODS = {
    "session": "per session",
    "day": "per day",
    "week": "per week",
    "user": "ever",
    "action": "between two events",
}


def scheduled(schedule: Mapping[str, Any] | None) -> str:
    """`from 2026-11-27, Mon-Fri 09:00-17:00 on the user's clock`; nothing where it bounds nothing."""
    schedule = schedule or {}
    span = " ".join(f"{word} {_moment(schedule[word])}" for word in ("from", "until") if schedule.get(word))
    weekly = " ".join(part for part in (_days(schedule.get("weekdays") or ()), TO.join(map(str, schedule.get("hours") or ()))) if part)
    said = ", ".join(part for part in (span, weekly) if part)
    zone = schedule.get("timezone")
    clock = "" if not zone or not said else " on the user's clock" if zone == "user" else f" in {zone}"
    return said + clock


def rolled_out(rollout: Mapping[str, Any] | None) -> str:
    if not rollout or rollout.get("percent") is None:
        return ""
    shared = f" (those of “{rollout['salt']}”)" if rollout.get("salt") else ""
    return f"for {plain(rollout['percent'])} % of users{shared}"


def capped(cap: Mapping[str, Any] | None) -> str:
    most = [f"{cap[period]} {words}" for period, words in PERIODS.items() if cap.get(period)] if cap else []
    return f"at most {', '.join(most)}" if most else ""


def _moment(text: Any) -> str:
    return str(text).replace("T", " ")


def _days(chosen: Sequence[Any]) -> str:
    """Neighbours as a span from three on: `Mon-Fri`, `Mon, Wed`, `Sat, Sun`."""
    runs: list[list[str]] = []
    for index, day in enumerate(WEEKDAYS):
        if day in chosen:
            if runs and runs[-1][-1] == WEEKDAYS[index - 1]:
                runs[-1].append(day)
            else:
                runs.append([day])
    spans = [[run[0], run[-1]] if len(run) > 2 else run for run in runs]
    return ", ".join((TO if len(run) > 2 else ", ").join(map(str.capitalize, span)) for run, span in zip(runs, spans, strict=True))
