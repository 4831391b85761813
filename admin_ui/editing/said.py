"""What the form says of other people and of what was typed before, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.timesince import timesince

from decisioning.presence import Editor
from rules.selectors import News


def clock(at: datetime, now: datetime) -> str:
    """The time of day, with the day where that is another one. In UTC, as on all pages."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return date_format(at, "H:i" if at.date() == now.date() else "j M Y, H:i")


def ago(at: datetime, now: datetime) -> str:
    return f"{timesince(at, now, depth=1)} ago" if now - at >= timedelta(minutes=1) else "less than a minute ago"


def editor(one: Editor, now: datetime) -> str:
    return f"{one.name} is editing this too, since {clock(datetime.fromtimestamp(one.since, UTC), now)}."


def names(editors: Iterable[Editor]) -> str:
    """Of a list: `Paula is editing`, `Paula and Ben are editing`."""
    known = list(dict.fromkeys(one.name for one in editors))
    return f"{' and '.join(known)} {'is' if len(known) == 1 else 'are'} editing" if known else ""


def news(one: News, reader_id: int, now: datetime) -> str:
    who = "You" if one.who_id == reader_id else one.who
    at = f" at {clock(one.at, now)}" if one.at else ""
    match one.what:
        case "version":
            return f"{who} made version {one.number}{at}."
        case "base":
            return f"Changes start from version {one.number} now." if one.number else "What this form started from is gone."
        case "draft" if one.who_id == reader_id:
            return f"You saved a draft of this in another window{at}."
        case "draft":
            return f"{who} saved a draft of this{at}."
        case _:
            return "Your draft of this was sent for review or discarded in another window."
