"""From a release and what is seen of a user to each placement's decisions: rule, content, and what the log keeps of it. No Redis here."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from decisioning import metrics, sealing
from decisioning.caps import Capped
from decisioning.rulesets import Live, Text
from decisioning.tagging import Facts
from decisioning.tagging.event import Event
from rules.engine import Choice, limits
from rules.templating import RenderError

Decision = dict[str, Any]
"""As the API answers it. One with `error` names a placement that the release does not have."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: who, where, in what context. `user` is `u:..` or `a:..`; `at` is the time the rules see, in seconds.

    `also` is the anonymous id that a known user is named with. `events` are theirs and count in this very answer; `others` came along and
    are only kept.
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
    also: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A request while it is decided: by which release, when, and what is seen of the user.

    What it lacks gathers in `degraded`; the names whose values had a wrong type, and so counted as missing, in `mistyped`.
    """

    ask: Ask
    live: Live
    now: float
    facts: Facts
    data: Mapping[str, Any]
    degraded: list[str]
    mistyped: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Content:
    """What is shown; `failed` says which template could not be rendered, and why."""

    template: Text | None
    body: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] | None = None


def choose(case: Case, capped: Capped) -> list[Decision]:
    """The decisions of every placement in order: one each, or several of one that collects. `capped` counts the wins."""
    return [decision for key in case.ask.placements for decision in _placement(case, key, capped)]


def _placement(case: Case, key: str, capped: Capped) -> list[Decision]:
    live, workspace = case.live, case.live.settings.key
    if key not in live.ruleset.placements:
        message = f"The live release of {workspace} has no placement {key[:100]!r}."
        return [{"placement": key, "error": {"code": "unknown_placement", "message": message}}]
    purpose = live.ruleset.placements[key].purpose
    if purpose is not None and not case.facts.get(f"consent.{purpose}"):
        return [_withheld(case, key, purpose)]
    choices = live.ruleset.choices(key, case.facts, capped=capped, explain=case.ask.explain, mistyped=case.mistyped)
    rendered = [(choice, _content(case, key, choice.template)) for choice in choices[: limits.COLLECTED]]
    failed = next((content.failed for _, content in rendered if content.failed), None)
    if failed and "template_fallback" not in case.degraded:
        case.degraded.append("template_fallback")
    # Among others that can be shown, one that can't is left out: the fallback in its place would stand beside what it stands in for.
    shown = [(choice, content) for choice, content in rendered if not content.failed] or rendered[:1]
    return [_decision(case, key, choice, *_outcome(choice, content, capped), content, failed) for choice, content in shown]


def _withheld(case: Case, key: str, purpose: str) -> Decision:
    """The fallback, for who has not agreed to what the placement is for. No rule is looked at."""
    told = {"rules": [], "consent": {"purpose": purpose, "granted": False}} if case.ask.explain else None
    choice = Choice(outcome="fallback", reason="no_match", rule=None, template=None, path=(), explain=told)
    content = _content(case, key, None)
    return _decision(case, key, choice, "no_consent", "no_consent", content, content.failed)


def _outcome(choice: Choice, content: Content, capped: Capped) -> tuple[str, str]:
    """What the answer says of it, and why; a win is counted."""
    if content.failed:
        return "fallback", "template_error"
    if choice.outcome == "capped" and not capped.known:
        return "degraded", "caps_unknown"
    if choice.outcome == "matched" and choice.rule is not None:
        capped.count(choice.rule.key)
    return choice.outcome, choice.reason


def _content(case: Case, placement: str, template: str | None) -> Content:
    """The template's content; where it fails, the placement's fallback; where that fails too, nothing."""
    live = case.live
    fallback = live.ruleset.placements[placement].fallback
    failed: dict[str, str] | None = None
    for key in (template, fallback.template if fallback else None):
        text = live.templates.get(key) if key else None
        if text is None:
            continue
        try:
            rendered = text.compiled.render(case.ask.locale, case.data)
        except RenderError as error:
            metrics.TEMPLATE_ERRORS.labels(live.settings.key, text.template.key).inc()
            failed = failed or {"template": text.template.key, "code": error.code, "message": error.message}
            continue
        return Content(text, rendered.body, rendered.fields, failed)
    return Content(None, failed=failed)


def _decision(
    case: Case, key: str, choice: Choice, outcome: str, reason: str, content: Content, failed: Mapping[str, str] | None
) -> Decision:
    template = content.template
    decision: Decision = {
        "decision_id": str(decision_id(case.now)),
        "placement": key,
        "outcome": outcome,
        "reason": reason,
        "rule": {"key": choice.rule.key, "version": choice.rule.version} if choice.rule else None,
        "template": {"key": template.template.key, "version": template.template.version} if template else None,
        "variant": None,
        "content": {"type": case.live.ruleset.placements[key].content, "body": content.body, "fields": dict(content.fields)},
        "path": list(choice.path),
    }
    if case.ask.explain:
        decision["explain"] = {**(choice.explain or {}), **({"template_error": failed} if failed else {})}
    return decision


def record(case: Case, decision: Decision, session: str) -> dict[str, Any]:
    """What the decision log keeps: the answer, its release and versions, and the facts that the rules looked at.

    Less those of the request's context, which the API promises never to store.
    """
    return {
        **{name: value for name, value in decision.items() if name not in {"explain", "variant"}},
        "workspace": case.live.settings.key,
        "user": case.ask.user,
        "session": session,
        "at": case.now,
        "evaluated_at": case.ask.at,
        "release": case.live.number,
        "facts": _sealed(case),
        "degraded": list(case.degraded),
    }


def _sealed(case: Case) -> dict[str, Any]:
    """The facts with those of personal traits sealed, as they are wherever else they are kept."""
    personal, workspace = case.live.definitions.personal, case.live.settings.key
    facts = case.facts.kept()
    for name in facts:
        if personal and name.startswith("traits.") and not personal.isdisjoint({name[7:], name[7:].partition(".")[0]}):
            facts[name] = sealing.ring().seal(facts[name], workspace, case.ask.user, name)
    return facts


def decision_id(now: float) -> UUID:
    """A version 7 UUID (RFC 9562): sorts by time, so that the archive's indexes grow at one end."""
    stamp = int(now * 1000).to_bytes(6, "big")
    tail = bytearray(os.urandom(10))
    tail[0] = 0x70 | (tail[0] & 0x0F)
    tail[2] = 0x80 | (tail[2] & 0x3F)
    return UUID(bytes=stamp + bytes(tail))
