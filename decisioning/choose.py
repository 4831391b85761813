"""From a release and what is seen of a user to each placement's decisions: rule, content, and what the log keeps of it. No Redis here."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from decisioning import inputs, sealing
from decisioning.caps import Capped
from decisioning.inputs import Looked
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
    failed: list[str] = field(default_factory=list)
    """The templates that could not be rendered."""
    looked: dict[str, Looked] = field(default_factory=dict)
    """By decision, what it looked at beside facts."""
    only: str | None = None
    """In a placement that collects, the rule whose decision alone is wanted, if it has one."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is shown; `failed` says which template could not be rendered, and why."""

    template: Text | None
    body: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] | None = None
    tried: tuple[Text, ...] = ()


def choose(case: Case, capped: Capped) -> list[Decision]:
    """The decisions of every placement in order: one each, or several of one that collects. `capped` counts the wins."""
    return [decision for key in case.ask.placements for decision in _placement(case, key, capped)]


def _placement(case: Case, key: str, capped: Capped) -> list[Decision]:
    live, workspace = case.live, case.live.settings.key
    if key not in live.ruleset.placements:
        message = f"The live release of {workspace} has no placement {key[:100]!r}."
        return [{"placement": key, "error": {"code": "unknown_placement", "message": message}}]
    choices = chosen(case, key, capped)
    passed = capped.passed()
    if choices is None:
        return [_withheld(case, key)]
    rendered = [(choice, _content(case, key, choice.template)) for choice in choices]
    failed = next((content.failed for _, content in rendered if content.failed), None)
    if failed and "template_fallback" not in case.degraded:
        case.degraded.append("template_fallback")
    # Among others that can be shown, one that can't is left out: the fallback in its place would stand beside what it stands in for.
    shown = [(choice, content) for choice, content in rendered if not content.failed] or rendered[:1]
    return [_decision(case, key, choice, *outcome(choice, content, capped), content, failed, passed) for choice, content in shown]


def chosen(case: Case, key: str, capped: Container[str]) -> list[Choice] | None:
    """What the placement's rules choose; None where the user has not agreed to what it is for."""
    purpose = case.live.ruleset.placements[key].purpose
    if purpose is not None and not case.facts.get(f"consent.{purpose}"):
        return None
    choices = case.live.ruleset.choices(key, case.facts, capped=capped, explain=case.ask.explain, mistyped=case.mistyped)
    choices = choices[: limits.COLLECTED]
    if case.only is not None and len(choices) > 1:
        return [choice for choice in choices if choice.rule is not None and choice.rule.key == case.only] or choices[:1]
    return choices


def _withheld(case: Case, key: str) -> Decision:
    """The fallback, for who has not agreed to what the placement is for. No rule is looked at."""
    purpose = case.live.ruleset.placements[key].purpose
    told = {"rules": [], "consent": {"purpose": purpose, "granted": False}} if case.ask.explain else None
    choice = Choice(outcome="fallback", reason="no_match", rule=None, template=None, path=(), explain=told)
    content = _content(case, key, None)
    return _decision(case, key, choice, "no_consent", "no_consent", content, content.failed, ())


def outcome(choice: Choice, content: Content, capped: Capped) -> tuple[str, str]:
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
    tried: tuple[Text, ...] = ()
    for key in (template, fallback.template if fallback else None):
        text = live.templates.get(key) if key else None
        if text is None:
            continue
        tried = (*tried, text)
        try:
            rendered = text.compiled.render(case.ask.locale, case.data)
        except RenderError as error:
            case.failed.append(text.template.key)
            failed = failed or {"template": text.template.key, "code": error.code, "message": error.message}
            continue
        return Content(text, rendered.body, rendered.fields, failed, tried)
    return Content(None, failed=failed, tried=tried)


def _decision(
    case: Case,
    key: str,
    choice: Choice,
    outcome: str,
    reason: str,
    content: Content,
    failed: Mapping[str, str] | None,
    passed: Sequence[str],
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
    failing = content.failed is not None
    read = [text.given if failing else text.reads for text in content.tried]
    case.looked[decision["decision_id"]] = Looked(passed, read, failing)
    return decision


def records(case: Case, decisions: Sequence[Decision], session: str) -> list[dict[str, Any]]:
    """What the decision log keeps of a request: each answer, its release and versions, the facts that the rules looked at, and what else
    it takes to decide again.

    What the request's context said, which the API promises never to store, is in it only sealed.
    """
    workspace, ask = case.live.settings.key, case.ask
    facts, told = _sealed(case), case.facts.of_context()
    context = inputs.OfContext(told, workspace, ask.user) if told else None
    common = {"release": case.live.hash, "locale": ask.locale, "workspace": workspace, "user": ask.user}
    return [
        {
            **_record(case, decision, session, facts),
            "inputs": inputs.written(case.looked[decision["decision_id"]], context, case.data, **common),
        }
        for decision in decisions
        if "error" not in decision
    ]


def _record(case: Case, decision: Decision, session: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: value for name, value in decision.items() if name not in {"explain", "variant"}},
        "workspace": case.live.settings.key,
        "user": case.ask.user,
        "session": session,
        "at": case.now,
        "evaluated_at": case.ask.at,
        "release": case.live.number,
        "facts": facts,
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
