"""What conditions read of a user at one moment: each name computed when it is asked for, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from decisioning.tagging.aggregates import read_of
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.numbers import Number, tidy
from decisioning.tagging.paths import find
from decisioning.tagging.permitted import shown
from decisioning.tagging.scores import band, score
from decisioning.tagging.sessions import Session, current
from decisioning.tagging.state import UserState
from decisioning.tagging.traits import told
from decisioning.tagging.windows import total
from rules.engine.clock import WEEKDAYS, zone

ZONE_LENGTH = 64
"""No time zone's name is longer. What clients say is looked up and remembered, and must not fill the memory."""
USERS_CLOCK = frozenset({"user.timezone", "user.hour", "user.weekday", "user.date"})


class Facts:
    """`get(name, default)` for every name of the vocabulary; a name that has no value, or that nothing defines, gives the default."""

    __slots__ = (
        "_context", "_definitions", "_known", "_moment", "_named", "_now", "_state", "_thresholds", "_timezone", "_user",
        "_zone_in_context",
    )  # fmt: skip

    def __init__(
        self,
        definitions: Definitions,
        state: UserState,
        now: float,
        context: Mapping[str, Any],
        session: str | None,
        timezone: str,
        user: str | None,
        thresholds: Mapping[str, float],
    ) -> None:
        self._definitions = definitions
        self._state = state
        self._now = now
        self._context = context
        self._named = session
        self._timezone = timezone
        self._user = user
        self._thresholds = thresholds
        self._zone_in_context = False
        self._known: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        known = self._known
        if name in known:
            value = known[name]
        else:
            value = known[name] = self._compute(name)
        return default if value is None else value

    def suppose(self, values: Mapping[str, Any]) -> None:
        """Takes these for what the names hold, whatever the state would come to. Before anything is asked."""
        self._known.update(values)

    def read(self) -> dict[str, Any]:
        """The names asked for so far with what they were, None where missing: what a decision looked at, as JSON can say it."""
        return {name: _written(value) if isinstance(value, datetime) else value for name, value in self._known.items()}

    def kept(self) -> dict[str, Any]:
        """What of it may be stored: not what the request's context said, nor what its time zone made of the time."""
        hidden = USERS_CLOCK if self._zone_in_context else ()
        return {name: value for name, value in self.read().items() if not name.startswith("context.") and name not in hidden}

    def of_context(self) -> dict[str, Any]:
        """What of it may be kept only sealed: what the context said (None: nothing) and what its time zone made of the time."""
        hidden = USERS_CLOCK if self._zone_in_context else ()
        return {name: value for name, value in self._known.items() if name.startswith("context.") or name in hidden}

    def _compute(self, name: str) -> Any:
        kind, _, rest = name.partition(".")
        match kind:
            case "tags" if not rest:
                defined = self._definitions.tags
                return [key for key, tag in self._state.tags.items() if tag.is_live(self._now) and key in defined]
            case "traits":
                return told(self._state.traits, rest)
            case "consent":
                return self._consent(rest)
            case "counts":
                return self._count(rest)
            case "values":
                return self._aggregate(name)
            case "thresholds":
                plan = self._definitions.thresholds.get(rest)
                return self._thresholds.get(rest, plan.value) if plan else None
            case "scores":
                return self._score(rest)
            case "context":
                return find(self._context, rest)
            case "session":
                return self._session(rest)
            case "time":
                return self._time(rest)
            case "user":
                return self._of_user(rest)
        return None

    def _consent(self, purpose: str) -> bool | None:
        held = self._state.consent.get(purpose)
        return held is not None and held.granted if purpose in self._definitions.purposes else None

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
            return self._aggregate(f"counts.{rest}")
        return tidy(total(self._state.windows.get(key, {}).get(window.seconds), window, self._now))

    def _aggregate(self, name: str) -> Any:
        asked = self._definitions.readings.get(name)
        return read_of(asked, self._state, self._current_session(), self._now) if asked else None

    def _score(self, rest: str) -> Any:
        key, _, part = rest.partition(".")
        plan = self._definitions.scores.get(key)
        if plan is None:
            return None
        if not part:
            return score(plan, self._state, self._now, self._current_session())
        return band(plan, self.get(f"scores.{key}")) if part == "band" else None

    def _session(self, rest: str) -> Any:
        session = self._current_session()
        if rest == "seconds":
            return max(0, tidy(self._now - session.started)) if session else 0
        if rest == "events":
            return session.events if session else 0
        if rest == "page_seconds":
            return page_seconds(self._state, session, self._now)
        return None

    def _current_session(self) -> Session | None:
        return current(self._state.session, self._now, self._named)

    def _time(self, rest: str) -> Any:
        return datetime.fromtimestamp(self._now, UTC) if rest == "now" else self._shown(self._timezone, rest)

    def _of_user(self, rest: str) -> Any:
        match rest:
            case "known":
                return any(user.startswith("u:") for user in (self._user or "", *self._state.ids))
            case "id":
                return self._user.partition(":")[2] if self._user else None
            case "timezone":
                return self._users_zone()
        return self._shown(self.get("user.timezone"), rest)

    def _users_zone(self) -> str | None:
        """The first of these that is a time zone: what the request says, what the app told of the user, the workspace's."""
        asked = find(self._context, "timezone")
        self._zone_in_context = _is_zone(asked)
        found = (name for name in (asked, told(self._state.traits, "timezone"), self._timezone) if _is_zone(name))
        return next(found, None)

    def _shown(self, timezone: str | None, rest: str) -> Any:
        """What a clock there shows. Nothing where there is no such time zone: a decision still gets its answer."""
        found = zone(timezone) if timezone else None
        if found is None:
            return None
        moment = datetime.fromtimestamp(self._now, found)
        match rest:
            case "hour":
                return moment.hour
            case "weekday":
                return WEEKDAYS[moment.weekday()]
            case "date":
                return moment.date().isoformat()
        return None


def page_seconds(state: UserState, session: Session | None, now: float) -> Number | None:
    """How long the user has been on the page they are on, in this session; None where no event of it told of a page."""
    page = state.page
    if session is None or page is None or page.at < session.started:
        return None
    return max(0, tidy(now - max(page.since, session.started)))


def _is_zone(name: object) -> bool:
    return isinstance(name, str) and len(name) <= ZONE_LENGTH and zone(name) is not None


def _written(moment: datetime) -> str:
    """RFC 3339 to the microsecond: read back, it is the same moment."""
    return moment.isoformat().replace("+00:00", "Z")


def facts(
    definitions: Definitions,
    state: UserState,
    *,
    now: float,
    context: Mapping[str, Any],
    session: str | None = None,
    timezone: str = "UTC",
    user: str | None = None,
    thresholds: Mapping[str, float] = {},
) -> Facts:
    """The facts of a request. `session` is the one it names; with its `user` (`u:` or `a:`) a known one is known from the first call.

    `thresholds` are what adaptive ones have come to (`population.thresholds`); one that is not among them has its fallback. What the user
    has not agreed to is missing.
    """
    definitions, state = shown(definitions, state)
    return Facts(definitions, state, now, context, session, timezone, user, thresholds)
