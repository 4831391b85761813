"""What conditions read of a user at one moment: each name computed when it is asked for, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from decisioning.tagging.definitions import Definitions
from decisioning.tagging.numbers import tidy
from decisioning.tagging.paths import find
from decisioning.tagging.scores import band, score
from decisioning.tagging.sessions import Session, current
from decisioning.tagging.state import UserState
from decisioning.tagging.traits import told
from decisioning.tagging.windows import total

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo | None:
    """None for a name that is no time zone: its `time.*` are then missing, and a decision still gets its answer."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


class Facts:
    """`get(name, default)` for every name of the vocabulary; a name that has no value, or that nothing defines, gives the default."""

    __slots__ = ("_context", "_definitions", "_known", "_moment", "_named", "_now", "_state", "_timezone", "_user")

    def __init__(
        self,
        definitions: Definitions,
        state: UserState,
        now: float,
        context: Mapping[str, Any],
        session: str | None,
        timezone: str,
        user: str | None,
    ) -> None:
        self._definitions = definitions
        self._state = state
        self._now = now
        self._context = context
        self._named = session
        self._timezone = timezone
        self._user = user
        self._known: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        known = self._known
        if name in known:
            value = known[name]
        else:
            value = known[name] = self._compute(name)
        return default if value is None else value

    def read(self) -> dict[str, Any]:
        """The names asked for so far with what they were, None where missing: what a decision looked at."""
        return dict(self._known)

    def _compute(self, name: str) -> Any:
        kind, _, rest = name.partition(".")
        match kind:
            case "tags" if not rest:
                defined = self._definitions.tags
                return [key for key, tag in self._state.tags.items() if tag.is_live(self._now) and key in defined]
            case "traits":
                return told(self._state.traits, rest)
            case "counts":
                return self._count(rest)
            case "scores":
                return self._score(rest)
            case "context":
                return find(self._context, rest)
            case "session":
                return self._session(rest)
            case "time":
                return self._time(rest)
            case "user" if rest == "known":
                return any(user.startswith("u:") for user in (self._user or "", *self._state.ids))
        return None

    def _count(self, rest: str) -> Any:
        key, _, length = rest.partition(".")
        lengths = self._definitions.windows.get(key)
        if lengths is None:
            return None
        if length == "total":
            return tidy(self._state.totals.get(key, 0))
        if length == "session":
            session = self._current_session()
            return tidy(session.sums.get(key, 0)) if session else 0
        window = lengths.get(length)
        if window is None:
            return None
        return tidy(total(self._state.windows.get(key, {}).get(window.seconds), window, self._now))

    def _score(self, rest: str) -> Any:
        key, _, part = rest.partition(".")
        plan = self._definitions.scores.get(key)
        if plan is None:
            return None
        if not part:
            return score(plan, self._state, self._now)
        return band(plan, self.get(f"scores.{key}")) if part == "band" else None

    def _session(self, rest: str) -> Any:
        session = self._current_session()
        if rest == "seconds":
            return max(0, tidy(self._now - session.started)) if session else 0
        if rest == "events":
            return session.events if session else 0
        return None

    def _current_session(self) -> Session | None:
        return current(self._state.session, self._now, self._named)

    def _time(self, rest: str) -> Any:
        zone = _zone(self._timezone)
        if zone is None:
            return None
        moment = datetime.fromtimestamp(self._now, zone)
        match rest:
            case "hour":
                return moment.hour
            case "weekday":
                return WEEKDAYS[moment.weekday()]
            case "date":
                return moment.date().isoformat()
        return None


def facts(
    definitions: Definitions,
    state: UserState,
    *,
    now: float,
    context: Mapping[str, Any],
    session: str | None = None,
    timezone: str = "UTC",
    user: str | None = None,
) -> Facts:
    """The facts of a request. `session` is the one it names; with its `user` (`u:` or `a:`) a known one is known from the first call."""
    return Facts(definitions, state, now, context, session, timezone, user)
