"""The workspace document: everything a workspace authors, as one JSON document (import, export, examples, bundle)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from rules.engine import limits

Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$(?!\n)", description="lower-case letters, digits, - and _")]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Duration = Annotated[
    str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,6}[smhdw]$(?!\n)", description="a whole number and s, m, h, d or w, such as 10m")
]
Conditions = dict[str, Any]
ANY = "*"
"""Any event, where a tag names one."""
Moment = Annotated[str, msgspec.Meta(max_length=40, description="a date such as 2026-11-27, or with a time: 2026-11-27T09:00")]
Clock = Annotated[
    str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)|^24:00$(?!\n)", description="hours and minutes, such as 09:00")
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Version = int | None
"""Set in a bundle, absent in what people write: the number of the version this body came from."""


class Authored(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True, kw_only=True):
    """What every authored thing has: a key that never changes, and words for people."""

    key: Key
    name: Name = ""
    description: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    version: Version = None


class Attribute(Authored, frozen=True):
    """A request-only name under `context`, where its key may be a dotted path, or a trait."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$(?!\n)")]
    type: Literal["number", "text", "boolean", "one_of", "many_of", "datetime", "duration", "objects"] = "text"
    values: list[str] = []


class Purpose(Authored, frozen=True):
    """What personal data is used for, such as analytics. What names a purpose works for users who have granted it, and for no others.

    `events`: without this purpose a user's events are not used at all, whatever else was granted.
    """

    events: bool = False


class EventSchema(Authored, frozen=True):
    """What an event's properties must be like, as JSON Schema (2020-12). `enforce` refuses others, `warn` takes and counts them."""

    event: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    schema: dict[str, Any] = {}
    mode: Literal["warn", "enforce"] = "warn"


class Trait(Attribute, frozen=True):
    """What the app tells of a user by `identify`.

    `merge` says what becomes of two values when two ids turn out to be one user: the one told latest counts, the one told first, their
    sum (numbers), or the elements of both (lists). A `personal` one is encrypted wherever it is kept, where the operator has set a key.
    """

    merge: Literal["latest", "first", "sum", "union"] = "latest"
    purpose: Key | None = None
    personal: bool = False


class Signal(Authored, frozen=True):
    """A number read off an event: the value at `value` (a path such as `properties.seconds`), or 1 per event.

    With type `text` what stands at `value` is text, such as a category, and each event counts 1.
    """

    event: Name
    where: Conditions | None = None
    value: Annotated[str, msgspec.Meta(pattern=r"^properties(\.[A-Za-z0-9_-]+)+$(?!\n)")] | None = None
    type: Literal["number", "text"] = "number"
    purpose: Key | None = None


Property = Annotated[str, msgspec.Meta(pattern=r"^properties(\.[A-Za-z0-9_-]+)+$(?!\n)", description="a path such as properties.category")]
Repeats = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Count(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """How often an event must come. With `by`, as often with the same value there: three clicks in one category."""

    at_least: Repeats
    within: Duration | None = None
    by: Property | None = None


class Amount(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What a number in the events must add up to."""

    of: Property
    at_least: Annotated[float, msgspec.Meta(gt=0, le=1e15)]


class Sum(Amount, frozen=True):
    within: Duration | None = None
    by: Property | None = None


class Step(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True, rename={"negative": "not"}):
    """One step of a sequence: an event so often, within a time since the step before; or, with `not`, one that must not come."""

    event: Name
    where: Conditions | None = None
    negative: bool = False
    times: Annotated[int, msgspec.Meta(ge=1, le=limits.SEQUENCE_EVENTS)] = 1
    within: Duration | None = None


class Need(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One of several things that must all have come: an event so often, or adding up to so much."""

    event: Name
    where: Conditions | None = None
    times: Repeats = 1
    sum: Amount | None = None


class Assign(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What gives a tag, one of three: an `event` (`*`: any), `steps` in their order, or `all` of several in any order.

    An event may have to come often (`count`), add up (`sum`), or stay away for a time (`inactive`). `within` bounds `steps` and `all`.
    `when` are conditions on the user, as rules have them, that must hold besides, with the event counted in.
    """

    event: Name | None = None
    where: Conditions | None = None
    count: Count | None = None
    sum: Sum | None = None
    inactive: Duration | None = None
    steps: Annotated[list[Step], msgspec.Meta(max_length=limits.SEQUENCE_STEPS)] = []
    all: Annotated[list[Need], msgspec.Meta(max_length=limits.SEQUENCE_STEPS)] = []
    within: Duration | None = None
    when: Conditions | None = None


class Remove(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What takes a tag away: `event` (`*`: any) or one of `events`, if its own conditions and those on the user hold."""

    event: Name | None = None
    events: Annotated[list[Name], msgspec.Meta(max_length=limits.SEQUENCE_STEPS)] = []
    where: Conditions | None = None
    when: Conditions | None = None


class Tag(Authored, frozen=True):
    """A label on a user, assigned by events; without `ttl` it stays until removed. Of a `group` a user has one tag at a time."""

    ttl: Duration | None = None
    assign: Assign | None = None
    remove: Remove | None = None
    group: Key | None = None
    purpose: Key | None = None


class Boost(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True, rename={"start": "from"}):
    """A weight multiplied for its dates only: from <= now < until, UTC."""

    factor: Annotated[float, msgspec.Meta(ge=0, le=100)]
    start: str
    until: str


class Term(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """One summand `weight * gain * min(max, x / per)`.

    x is what `take` makes of the signal: `sum`, `last` or `max` of all its values, decayed by the score's half-life; or, just as it is
    now, an aggregate with its window such as `average.10m`, `smoothed.1h`, `moving_average.5`, `percentile.session`.
    """

    signal: Key
    weight: float = 1.0
    gain: float = 1.0
    per: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    max: Annotated[float, msgspec.Meta(gt=0)] | None = None
    take: Annotated[str, msgspec.Meta(max_length=40)] = "sum"
    boosts: list[Boost] = []


class Score(Authored, frozen=True):
    """A number computed from signals, with named bands by their lower bounds: the highest bound reached names the band."""

    terms: Annotated[list[Term], msgspec.Meta(min_length=1, max_length=50)]
    half_life: Duration | None = None
    bands: dict[Key, float] = {}


class Segment(Authored, frozen=True):
    """Conditions with a name, for any rule to use: `segments.<key>` is true for whom they hold."""

    when: Conditions


class Adaptive(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A threshold that follows all users' values of a signal: their mean and `k` deviations, or their `percentile`.

    A value's weight halves with each `half_life` (without one: 7d). Until the weights come to `at_least` (without it: 100) the
    threshold's own value holds. It never goes below `min` or above `max`.
    """

    signal: Key
    k: Annotated[float, msgspec.Meta(ge=-10, le=10)] | None = None
    percentile: Annotated[float, msgspec.Meta(ge=1, le=99)] | None = None
    half_life: Duration | None = None
    at_least: Annotated[int, msgspec.Meta(ge=2, le=1_000_000)] | None = None
    min: float | None = None
    max: float | None = None


class Threshold(Authored, frozen=True):
    """A named number that conditions refer to by `{"threshold": key}`; where it is adaptive, what it is until enough was seen."""

    value: float
    adaptive: Adaptive | None = None


class Text(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What a template says in one language: a body, and fields of the placement's content schema."""

    body: Annotated[str, msgspec.Meta(max_length=16_384)] = ""
    fields: dict[Key, Annotated[str, msgspec.Meta(max_length=16_384)]] = {}


class Template(Authored, frozen=True):
    """Liquid or Jinja text; `locales` holds what differs by language, `de` also answers for `de-AT`."""

    engine: Literal["liquid", "jinja"] = "liquid"
    body: Annotated[str, msgspec.Meta(max_length=16_384)] = ""
    fields: dict[Key, Annotated[str, msgspec.Meta(max_length=16_384)]] = {}
    locales: dict[Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)")], Text] = {}


class Outcome(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    template: Key


Times = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Cap(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """How often a rule may win for one user: in a session, ever, on a day, in a week (the user's calendar), between two of their events."""

    session: Times | None = None
    user: Times | None = None
    day: Times | None = None
    week: Times | None = None
    action: Times | None = None


class Schedule(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True, rename={"start": "from"}):
    """When a rule may win: from <= now < until, on these weekdays, in these hours (two clock times; the second may be on the next day).

    Read on the clocks of `timezone`: a zone's name, `user` for the user's own, or the workspace's where it is absent.
    """

    start: Moment | None = None
    until: Moment | None = None
    weekdays: list[Weekday] = []
    hours: Annotated[list[Clock], msgspec.Meta(max_length=2)] = []
    timezone: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class Rollout(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The share of users a rule is for: always the same ones. Rules with one `salt` share them; without it the rule's key is the salt."""

    percent: Annotated[float, msgspec.Meta(ge=0, le=100)]
    salt: Key | None = None


class Rule(Authored, frozen=True):
    """An if-then node. Children are tried first; then its own outcome; with neither, the next sibling.

    A child of the `else` branch is tried when the conditions of its parent do not hold. `group` and `priority` are for placements that
    collect: of a group only the first wins, and the highest priority comes first.
    """

    when: Conditions | None = None
    then: Outcome | None = None
    branch: Literal["then", "else"] = "then"
    schedule: Schedule | None = None
    rollout: Rollout | None = None
    cap: Cap | None = None
    group: Key | None = None
    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0
    enabled: bool = True
    children: list[Rule] = []


class Placement(Authored, frozen=True):
    """A slot in an app, its tree of rules and what it says when none matches.

    `first`: the first match wins. `collect`: every match does, by priority, at most `limit`. With a `purpose` the rules are for users who
    have granted it; all others get the fallback.
    """

    content: Literal["html", "text", "fields"] = "html"
    fields: list[Key] = []
    mode: Literal["first", "collect"] = "first"
    limit: Annotated[int, msgspec.Meta(ge=1, le=limits.COLLECTED)] | None = None
    fallback: Outcome | None = None
    purpose: Key | None = None
    rules: list[Rule] = []


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    key: Key
    name: Name = ""
    timezone: str = "UTC"
    four_eyes: bool = False


class Workspace(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The whole document. Field names are the kinds' plural words."""

    workspace: Settings
    schema: Literal[1] = 1
    purposes: list[Purpose] = []
    traits: list[Trait] = []
    context: list[Attribute] = []
    events: list[EventSchema] = []
    signals: list[Signal] = []
    tags: list[Tag] = []
    scores: list[Score] = []
    segments: list[Segment] = []
    thresholds: list[Threshold] = []
    templates: list[Template] = []
    placements: list[Placement] = []
