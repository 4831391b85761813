"""Use case: what should this user see here, now? One read of the user's state, the rules, one atomic commit.

No PostgreSQL and no Celery on this path. Whatever part is down, an answer is given with the best content that can be proved,
and it says what it lacks.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from decisioning import ingest, metrics, profiles
from decisioning.redis import decision_client
from decisioning.rulesets import Live, Text
from decisioning.streams.log import LogUnavailable
from decisioning.tagging import Facts, UserState, facts, fold, new_state, template_data
from decisioning.tagging.event import Event
from rules.engine import Choice
from rules.templating import RenderError


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: who, where, in what context. `user` is `u:..` or `a:..`; `at` is the time the rules see, in seconds.

    `events` are this user's and count in this very answer; `others` came along and are only kept.
    """

    user: str
    placements: Sequence[str]
    at: float
    session: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    others: Sequence[Event] = ()
    locale: str | None = None
    explain: bool = False


@dataclass(slots=True)
class Answer:
    """What was decided, what could not be had, and the user's tags as the rules saw them."""

    decisions: list[dict[str, Any]]
    degraded: list[str]
    tags: list[str]
    events_kept: bool


@dataclass(frozen=True, slots=True)
class Content:
    template: Text | None
    body: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False


def decide(ask: Ask, live: Live, *, now: float) -> Answer:
    """`now` is when the request came; the rules see `ask.at`."""
    degraded: list[str] = []
    if live.source == "disk":
        degraded.append("stale_release")
    kept = _keep_events(ask)
    state, counts = _load(live, ask, degraded, now=now)
    for event in ask.events:
        state = fold(live.definitions, state, event).state
    moment = {"now": ask.at, "context": ask.context, "session": _session(ask) or None, "user": ask.user}
    seen = facts(live.definitions, state, timezone=live.settings.timezone, **moment)
    data = template_data(live.definitions, state, locale=ask.locale, **moment)
    decisions = _settle(ask, live, counts, seen, data, degraded, now=now)
    for reason in degraded:
        metrics.DEGRADED.labels(reason).inc()
    return Answer(decisions, degraded, list(data["tags"]), kept)


def _keep_events(ask: Ask) -> bool:
    """Events sent along go into the log first, so that they count whatever becomes of this answer."""
    events = [*ask.events, *ask.others]
    if not events:
        return True
    try:
        ingest.accept_now(events)
    except LogUnavailable:
        return False
    return True


def _load(live: Live, ask: Ask, degraded: list[str], *, now: float) -> tuple[UserState, dict[str, int] | None]:
    """The user's state and used caps: from Redis, else a recent copy of this process without caps, else an empty state."""
    workspace = live.settings.key
    try:
        profile = profiles.load(decision_client(), workspace, ask.user, _session(ask))
    except profiles.Unavailable:
        degraded.append("state_unavailable")
        return profiles.recall(workspace, ask.user, now) or new_state(), None
    profiles.remember(workspace, ask.user, profile.encoded, now)
    return profile.state, profile.caps


def _session(ask: Ask) -> str:
    return ask.session or next((event.session for event in reversed(ask.events) if event.session), "") or ""


def _settle(
    ask: Ask, live: Live, counts: dict[str, int] | None, seen: Facts, data: dict[str, Any], degraded: list[str], *, now: float
) -> list[dict[str, Any]]:
    """Decides, then commits caps and the log in one step; where a cap was used up meanwhile, decides again without that rule."""
    limits = live.ruleset.session_caps
    # Caps that can't be read can't be proved free, and "at most once" is a promise: capped rules wait until they can.
    capped = set(limits) if counts is None else {key for key, count in counts.items() if count >= limits.get(key, count + 1)}
    while True:  # each round either ends it, takes one more rule out, or stops asking Redis
        decisions, used = _choose(ask, live, seen, data, capped, degraded, caps_known=counts is not None, now=now)
        if counts is None:
            metrics.UNLOGGED.inc(len(decisions))
            return decisions
        try:
            refused = profiles.commit_decisions(
                decision_client(),
                live.settings.key,
                ask.user,
                _session(ask),
                {key: (times, limits[key]) for key, times in used.items()},
                [_record(decision, ask, live, seen, degraded, now=now) for decision in decisions if "error" not in decision],
            )
        except profiles.Unavailable:
            degraded.append("state_unavailable")
            counts, capped = None, capped | set(limits)
            continue
        if not refused:
            return decisions
        capped |= refused


def _choose(
    ask: Ask,
    live: Live,
    seen: Facts,
    data: dict[str, Any],
    capped: set[str],
    degraded: list[str],
    *,
    caps_known: bool,
    now: float,
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """One decision a placement, and how often each capped rule won."""
    used: Counter[str] = Counter()
    decisions = []
    for key in ask.placements:
        if key not in live.ruleset.placements:
            decisions.append(_unknown(key, live))
            continue
        full = capped | {rule for rule, times in used.items() if times >= live.ruleset.session_caps[rule]}
        choice = live.ruleset.decide(key, seen, capped=full, explain=ask.explain)
        content = _render(live, key, choice.template, data, ask.locale)
        outcome, reason = choice.outcome, choice.reason
        if content.failed:
            outcome, reason = "fallback", "template_error"
            if "template_fallback" not in degraded:
                degraded.append("template_fallback")
        elif outcome == "capped" and not caps_known:
            outcome, reason = "degraded", "caps_unknown"
        elif outcome == "capped":
            metrics.CAPS_HIT.labels(live.settings.key).inc()
        elif outcome == "matched" and choice.rule is not None and choice.rule.cap is not None:
            used[choice.rule.key] += 1
        metrics.DECISIONS.labels(live.settings.key, outcome, live.number).inc()
        decisions.append(_decision(choice, key, outcome, reason, content, live, explain=ask.explain, now=now))
    return decisions, used


def _render(live: Live, placement: str, template: str | None, data: dict[str, Any], locale: str | None) -> Content:
    """The template's content; where it fails, the placement's fallback; where that fails too, nothing."""
    fallback = live.ruleset.placements[placement].fallback
    failed = False
    for key in (template, fallback.template if fallback else None):
        text = live.templates.get(key) if key else None
        if text is None:
            continue
        try:
            rendered = text.compiled.render(locale, data)
        except RenderError:
            metrics.TEMPLATE_ERRORS.labels(live.settings.key, text.template.key).inc()
            failed = True
            continue
        return Content(text, rendered.body, rendered.fields, failed)
    return Content(None, failed=failed)


def _decision(
    choice: Choice, key: str, outcome: str, reason: str, content: Content, live: Live, *, explain: bool, now: float
) -> dict[str, Any]:
    placement, template = live.ruleset.placements[key], content.template
    decision: dict[str, Any] = {
        "decision_id": str(decision_id(now)),
        "placement": key,
        "outcome": outcome,
        "reason": reason,
        "rule": {"key": choice.rule.key, "version": choice.rule.version} if choice.rule else None,
        "template": {"key": template.template.key, "version": template.template.version} if template else None,
        "variant": None,
        "content": {"type": placement.content, "body": content.body, "fields": dict(content.fields)},
        "path": list(choice.path),
    }
    if explain:
        decision["explain"] = choice.explain
    return decision


def _unknown(key: str, live: Live) -> dict[str, Any]:
    message = f"The live release of {live.settings.key} has no placement {key[:100]!r}."
    return {"placement": key, "error": {"code": "unknown_placement", "message": message}}


def _record(decision: dict[str, Any], ask: Ask, live: Live, seen: Facts, degraded: list[str], *, now: float) -> dict[str, Any]:
    """What the decision log keeps: the answer, its release and versions, and the facts that the rules looked at."""
    return {
        **{name: value for name, value in decision.items() if name not in {"explain", "variant"}},
        "workspace": live.settings.key,
        "user": ask.user,
        "session": _session(ask),
        "at": now,
        "evaluated_at": ask.at,
        "release": live.number,
        "facts": seen.read(),
        "degraded": list(degraded),
    }


def decision_id(now: float) -> UUID:
    """A version 7 UUID (RFC 9562): sorts by time, so that the archive's indexes grow at one end."""
    stamp = int(now * 1000).to_bytes(6, "big")
    tail = bytearray(os.urandom(10))
    tail[0] = 0x70 | (tail[0] & 0x0F)
    tail[2] = 0x80 | (tail[2] & 0x3F)
    return UUID(bytes=stamp + bytes(tail))


def timed(ask: Ask, live: Live, *, now: float) -> Answer:
    """`decide` with its duration on the metrics."""
    started = time.perf_counter()
    try:
        return decide(ask, live, now=now)
    finally:
        metrics.DECIDE_SECONDS.observe(time.perf_counter() - started)
