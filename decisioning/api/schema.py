"""The OpenAPI document's schemas, made from the structs that describe the wire, so that the two can't drift apart."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from decisioning.api.decided import ReplayRequest
from decisioning.api.decisions import BatchRequest, DecideRequest
from decisioning.api.privacy import ConsentRequest
from decisioning.reasons import Why
from rules.engine import Problem


class Error(msgspec.Struct):
    code: str
    message: str
    problems: list[Problem]


class ErrorReply(msgspec.Struct):
    error: Error


class Release(msgspec.Struct):
    number: int
    hash: str


class Reference(msgspec.Struct):
    key: str
    version: int | None


class Content(msgspec.Struct):
    type: Literal["html", "text", "fields"]
    body: str
    fields: dict[str, str]


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


class ItemError(msgspec.Struct, rename="camel"):
    index: int | None
    message_id: str | None
    code: str
    message: str


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


class TrackingMessage(msgspec.Struct, omit_defaults=True, rename="camel"):
    """Segment's message. At least one of userId and anonymousId; `event` with track. Other fields are passed over.

    An event from long before its user's newest one (24 hours, unless the operator says otherwise) is kept apart and not counted. One with
    `"historical": true` in its context is counted whenever it comes.

    With both ids, all that is known of the anonymousId becomes the userId's, for good. An alias says the same of its previousId, which
    with a secret key may be a known user's id too.
    """

    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    message_id: str | None = None
    type: Literal["track", "identify", "page", "screen", "group", "alias"] | None = None
    event: str | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    timestamp: str | None = None
    sent_at: str | None = None
    write_key: str | None = None


class TrackingBatch(msgspec.Struct, omit_defaults=True, rename="camel"):
    batch: list[TrackingMessage]
    sent_at: str | None = None
    context: dict[str, Any] = {}
    write_key: str | None = None


class TrackingReply(msgspec.Struct, omit_defaults=True):
    success: bool
    errors: list[ItemError] = []


class UserTag(msgspec.Struct, omit_defaults=True):
    """`value`: of a tag that counts each value by itself, the one that gave it."""

    key: str
    since: str
    expires: str | None
    because: str
    value: str = ""


class UserProgress(msgspec.Struct):
    """A tag that asks for more than one event, under way: `done` out of `of`, what comes `next`, and `until` when."""

    tag: str
    done: float
    of: float
    next: str
    until: str | None


class UserScore(msgspec.Struct):
    value: float
    band: str | None
    at: str | None


class UserMerge(msgspec.Struct):
    id: str
    at: str


class UserConflict(msgspec.Struct):
    """An id that two users came under (`with`: the other one), or, without `with`, one that could not be taken in at that moment."""

    id: str
    other: str | None = msgspec.field(name="with")
    at: str
    reason: str


class UserReply(msgspec.Struct):
    """`user_id` is the id that was asked for, `merged_into` the user it belongs to where that is another.

    `aliases` are the ids merged into this user (`a:` anonymous, `u:` known), `merges` when each was, `conflicts` what was refused. `ids`
    are the names it was seen under; `ignored` counts what was past a limit and not kept, by kind.

    `values` are by signal, aggregate and window; null where there is none.
    """

    user_id: str
    merged_into: str | None
    aliases: list[str]
    merges: list[UserMerge]
    conflicts: list[UserConflict]
    ids: list[str]
    first_seen: str | None
    last_seen: str | None
    page: dict[str, Any]
    ignored: dict[str, int]
    traits: dict[str, Any]
    tags: list[UserTag]
    progress: list[UserProgress]
    scores: dict[str, UserScore]
    counts: dict[str, dict[str, float]]
    values: dict[str, dict[str, dict[str, Any]]]
    session: dict[str, Any]
    consent: dict[str, Any]


class ConsentReply(msgspec.Struct):
    """`recorded`: whether the log of consent has it already. With 202 it follows; what was said is in effect either way."""

    user_id: str
    purposes: dict[str, bool]
    recorded: bool


class ConsentWord(msgspec.Struct):
    user: str
    purpose: str
    granted: bool
    at: str
    received: str
    source: str


class ConsentLog(msgspec.Struct):
    user_id: str
    log: list[ConsentWord]


class ErasedPlace(msgspec.Struct, omit_defaults=True):
    """`left` is what a new search found afterwards."""

    found: int
    removed: int
    left: int
    note: str = ""


class ErasureReply(msgspec.Struct, omit_defaults=True):
    """`running` with what it waits for, or `erased` with the proof: per place what was found, removed and left."""

    receipt: str
    status: Literal["running", "erased"]
    asked_at: str
    waits_for: str = ""
    pseudonym: str = ""
    finished_at: str = ""
    ids: int = 0
    places: dict[str, ErasedPlace] = {}


class HistoryFinding(msgspec.Struct):
    """`what` is a chain or a table, `first` the first bad row of it in words, such as `release 7`."""

    code: str
    what: str
    first: str
    message: str


class HistoryVerification(msgspec.Struct):
    """`anchors`: how many of them speak of this workspace; `anchored_at`: when the newest was signed. `findings`: the first ones."""

    status: Literal["whole", "broken", "not_verified_yet"]
    verified_at: str | None
    age_seconds: float | None
    stale: bool
    took_seconds: float | None
    releases: int
    versions: int
    approvals: int
    audit_events: int
    anchors: int
    anchored_at: str | None
    findings: list[HistoryFinding]


class Actor(msgspec.Struct):
    """An account's id and name as they were; 0 is the command line, -1 an API key."""

    id: int
    name: str


class AuditObject(msgspec.Struct):
    """`version`: the version's number, or the release's."""

    kind: str
    key: str
    version: int | None


class AuditEvent(msgspec.Struct):
    """`hash` is over everything here but itself, and the workspace's key, in RFC 8785 form; `prev_hash` that of the event before."""

    number: int
    at: str
    actor: Actor
    action: str
    object: AuditObject
    words: list[str]
    reason: str
    data: dict[str, Any]
    prev_hash: str
    hash: str


class AuditReply(msgspec.Struct):
    """`next`: where the next page begins, as `after`; null where there is none."""

    events: list[AuditEvent]
    next: int | None


class ReleaseBrief(msgspec.Struct):
    """`hash` is over everything here but itself, the workspace's key and the manifest, in RFC 8785 form; `digest` is the bundle's."""

    number: int
    reason: str
    publisher: Actor
    published_at: str
    effective_from: str
    four_eyes: bool
    rolled_back_to: int | None
    digest: str
    prev_hash: str
    hash: str


class ReleasesReply(msgspec.Struct):
    """`next`: where the next page begins, as `before`; null where there is none."""

    releases: list[ReleaseBrief]
    next: int | None


class Listed(msgspec.Struct):
    kind: str
    key: str
    version: int
    body_hash: str


class Review(msgspec.Struct):
    reviewer: Actor
    verdict: Literal["approved", "changes_asked"]
    comment: str
    at: str


class ReleasedVersion(msgspec.Struct):
    number: int
    removed: bool
    body_hash: str
    author: Actor
    reason: str
    created_at: str
    approvals: list[Review]


class ReleasedChange(msgspec.Struct):
    """`before`: the version that was live; null: none. `after`: the one that is; null: a roll-back to before there was one."""

    kind: str
    key: str
    before: int | None
    after: ReleasedVersion | None


class ReleaseReply(ReleaseBrief):
    """`at` only where a time was asked for."""

    manifest: list[Listed]
    changes: list[ReleasedChange]
    at: str = ""


class ChangeInWords(msgspec.Struct):
    path: str
    op: Literal["added", "removed", "changed", "moved"]
    words: str
    before: Any
    after: Any


class ReleaseDifference(msgspec.Struct):
    """`before` and `after` are the versions' numbers; null: not live there."""

    kind: str
    key: str
    before: int | None
    after: int | None
    changes: list[ChangeInWords]


class ReleasesCompared(msgspec.Struct, rename={"older": "from", "newer": "to"}):
    older: int
    newer: int
    differences: list[ReleaseDifference]


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


_SHOWN = [
    ReleasesReply,
    ReleaseReply,
    ReleasesCompared,
    AuditReply,
    DecisionReply,
    ReplayReply,
    ReplayRequest,
    HistoryVerification,
    ConsentRequest,
    ConsentReply,
    ConsentLog,
    ErasureReply,
    DecideRequest,
    DecideReply,
    BatchRequest,
    TrackingMessage,
    TrackingBatch,
    TrackingReply,
    UserReply,
    ErrorReply,
]


def components() -> dict[str, Any]:
    schemas = msgspec.json.schema_components([*_SHOWN], ref_template="#/components/schemas/{name}")[1]
    schemas["BatchReply"] = {
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": {"anyOf": [_ref("DecideReply"), _ref("ErrorReply")]}}},
    }
    return schemas


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def body_of(name: str) -> dict[str, Any]:
    return {"application/json": _ref(name)}


def reply_of(name: str) -> dict[str, str]:
    return _ref(name)


ERRORS = {status: reply_of("ErrorReply") for status in (400, 401, 403, 404, 405, 413, 415, 429, 503)}


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's last step: our components, the key as security scheme, the one server."""
    parts = result.setdefault("components", {})
    parts["schemas"] = components()
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, sk_... or pk_..."},
        "basic": {"type": "http", "scheme": "basic", "description": "The key as user name, as tracking clients send it."},
    }
    result["security"] = [{"bearer": []}, {"basic": []}]
    return result
