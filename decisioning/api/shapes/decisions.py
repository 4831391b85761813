"""Decisions on the wire, as they are made and as they are looked up and made again."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from decisioning.api.shapes.replies import Content, ItemError, Reference
from decisioning.reasons import Why


class Release(msgspec.Struct):
    number: int
    hash: str


class PlacementError(msgspec.Struct):
    code: str
    message: str


class Decision(msgspec.Struct, omit_defaults=True):
    """A placement's answer, or one of several where it collects; only with `error` where the live release has no such placement."""

    placement: str
    decision_id: str = ""
    outcome: Literal["", "matched", "fallback", "capped", "holdout", "no_consent", "degraded"] = ""
    reason: str = ""
    rule: Reference | None = None
    template: Reference | None = None
    variant: str | None = None
    content: Content | None = None
    path: list[str] = []
    explain: dict[str, Any] | None = None
    error: PlacementError | None = None


class EventsReport(msgspec.Struct):
    accepted: int
    errors: list[ItemError]


class UserTags(msgspec.Struct):
    tags: list[str]


class DecideReply(msgspec.Struct, omit_defaults=True):
    """`user` is there for secret keys only, `events` where events were sent along, `degraded_reasons` where degraded."""

    release: Release
    degraded: bool
    decisions: list[Decision]
    degraded_reasons: list[str] = []
    user: UserTags | None = None
    events: EventsReport | None = None


class DecisionReply(msgspec.Struct):
    """A decision that was made. `facts` are what rules looked at, without the request's context; sealed ones stay sealed."""

    decision_id: str
    at: str
    evaluated_at: str
    user: str
    session: str
    placement: str
    release: int
    outcome: str
    reason: str
    rule: Reference | None
    template: Reference | None
    path: list[str]
    content: Content
    facts: dict[str, Any]
    degraded: list[str]
    replayable: bool


class ReplayAnswer(msgspec.Struct):
    """`content` is null where nobody can say it: that release's template shows what the decision did not read."""

    outcome: str
    reason: str
    rule: Reference | None
    template: Reference | None
    path: list[str]
    content: Content | None


class ReplayDifference(msgspec.Struct):
    field: Literal["placement", "outcome", "reason", "rule", "template", "path", "content"]
    was: Any
    now: Any
    words: str


class ReplayReply(msgspec.Struct):
    """`decided_by` is the release that decided, `release` the one that was asked now; `answer` is null where it lacks the
    placement, or where the rule surely would not win and what the decision read does not tell which would."""

    decision_id: str
    decided_by: int
    release: int
    same: bool
    answer: ReplayAnswer | None
    differences: list[ReplayDifference]
    why: list[Why]
