"""Use case: what should this user see here, now? One read of the user's state, the rules, one atomic commit.

No PostgreSQL and no Celery on this path. Whatever part is down, an answer is given with the best content that can be proved,
and it says what it lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.conf import settings

from decisioning import identities, ingest, metrics, profiles
from decisioning.caps import Capped, Count, Periods, Wins
from decisioning.choose import Ask, Case, Decision, choose, records
from decisioning.identities import Person
from decisioning.populations import populations
from decisioning.pressure import BackPressure
from decisioning.profiles import Profile
from decisioning.redis import decision_client
from decisioning.rulesets import Live
from decisioning.streams.log import LogUnavailable
from decisioning.tagging import UserState, facts, new_state, template_data
from decisioning.tagging.sessions import INACTIVITY, current

UNNAMED = ""
"""The session of requests that name none and whose user's events name none: caps then go by the pauses between events."""


@dataclass(slots=True)
class Answer:
    """What was decided, what could not be had, the user's tags as the rules saw them, and why events sent along were not kept."""

    decisions: list[Decision]
    degraded: list[str]
    tags: list[str]
    events_refused: Literal["", "log_unavailable", "back_pressure"]


@metrics.DECIDE_SECONDS.time()
def decide(ask: Ask, live: Live, *, now: float) -> Answer:
    """`now` is when the request came; the rules see `ask.at`."""
    degraded = ["stale_release"] if live.source == "disk" else []
    refused = _keep_events(ask)
    named = ask.session or next((event.session for event in reversed(ask.events) if event.session), None)
    person = _find(ask, live, named or UNNAMED, degraded, now=now)
    ask, state = replace(ask, user=person.user), person.state
    adaptive = populations.of(live.settings.key)
    common = {"now": ask.at, "context": ask.context, "session": named, "user": ask.user, "thresholds": adaptive}
    seen = facts(live.definitions, state, timezone=live.settings.timezone, **common)
    data = template_data(live.definitions, state, locale=ask.locale, **common)
    case = Case(ask, live, now, seen, data, degraded)
    wins, since = of_session(case, person.profile.wins, state)
    decisions = _settle(case, wins, Periods(seen, state, ask.at, since))
    _count(case, decisions)
    return Answer(decisions, degraded, list(data["tags"]), refused)


def _count(case: Case, decisions: list[Decision]) -> None:
    workspace, number = case.live.settings.key, case.live.number
    for decision in decisions:
        if "error" not in decision:
            metrics.DECISIONS.labels(workspace, decision["outcome"], number).inc()
            if decision["outcome"] == "capped":
                metrics.CAPS_HIT.labels(workspace).inc()
    for template in case.failed:
        metrics.TEMPLATE_ERRORS.labels(workspace, template).inc()
    for reason in case.degraded:
        metrics.DEGRADED.labels(reason).inc()
    for name in case.mistyped:
        metrics.MISTYPED.labels(workspace, name).inc()


def _keep_events(ask: Ask) -> Literal["", "log_unavailable", "back_pressure"]:
    """Events sent along go into the log first, so that they count whatever becomes of this answer. Says why they were refused."""
    try:
        ingest.accept([*ask.events, *ask.others], decision_client(), within=settings.DECISION_TIMEOUT_MS / 1000)
    except BackPressure:
        return "back_pressure"
    except LogUnavailable:
        return "log_unavailable"
    return ""


def _find(ask: Ask, live: Live, session: str, degraded: list[str], *, now: float) -> Person:
    """Whom the request is about, whichever of its ids it names. Each id is read once."""
    workspace = live.settings.key

    def load(user: str) -> Profile:
        """The state and caps: from Redis, else a recent copy in this process without caps, else an empty state."""
        if "state_unavailable" not in degraded:
            try:
                profile = profiles.load(decision_client(), workspace, user, session)
            except profiles.Unavailable:
                degraded.append("state_unavailable")
            else:
                profiles.remember(workspace, user, profile.encoded, now)
                return profile
        return Profile(profiles.recall(workspace, user, now) or new_state(), None)

    try:
        return identities.look(live.definitions, load, workspace, ask.user, also=ask.also, events=ask.events, now=ask.at)
    except profiles.Unavailable:  # an id merged into one that was merged into one, and so on
        degraded.append("state_unavailable")
        return Person(ask.user, Profile(new_state(), None), new_state())


def of_session(case: Case, wins: Wins | None, state: UserState) -> tuple[Wins | None, float]:
    """The wins with those of the session this request is in, and since when wins count in it.

    A session named by the request or its events was loaded already. Else it is the one that the user's earlier events named; else wins
    count since half an hour, the pause that ends a session, before the present run of events began.
    """
    ask, live = case.ask, case.live
    if wins is None or wins.session != UNNAMED or "session" not in live.cap_kinds:
        return wins, 0.0
    session = current(state.session, ask.at, None)
    if session is None:
        return wins, ask.at - INACTIVITY
    if session.id.startswith("auto-"):
        return wins, session.started - INACTIVITY
    try:
        in_session = profiles.load_session(decision_client(), live.settings.key, ask.user, session.id)
    except profiles.Unavailable:
        case.degraded.append("state_unavailable")
        return None, 0.0
    return replace(wins, session=session.id, in_session=in_session), 0.0


def _settle(case: Case, wins: Wins | None, periods: Periods) -> list[Decision]:
    """Decides, then commits caps and the log in one step; where a cap was used up meanwhile, decides again without that rule."""
    capped = Capped(case.live.ruleset.caps, wins, periods)
    while True:  # each round ends it, takes one more rule out, or stops asking Redis
        decisions = choose(case, capped)
        if wins is None:
            return _unlogged(decisions)
        counts = capped.counts()
        try:
            refused = _commit(case, decisions, counts, wins.session, periods.since)
        except profiles.Unavailable:
            case.degraded.append("state_unavailable")
            if not counts:
                return _unlogged(decisions)  # nothing hangs on a cap; and if the log did get them, it has what was served
            wins, capped = None, capped.unknown()
            continue
        if not refused:
            return decisions
        capped = capped.without(refused)


def _unlogged(decisions: list[Decision]) -> list[Decision]:
    metrics.UNLOGGED.inc(sum("error" not in decision for decision in decisions))
    return decisions


def _commit(case: Case, decisions: list[Decision], counts: Sequence[Count], session: str, since: float) -> set[str]:
    workspace, ask = case.live.settings.key, case.ask
    written = records(case, decisions, session)
    return profiles.commit_decisions(decision_client(), workspace, ask.user, session, counts, written, at=ask.at, since=since)
