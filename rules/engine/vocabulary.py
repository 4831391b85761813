"""Every name a condition may use, with its type. A name that is not here is never looked up."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rules.engine import aggregates, limits
from rules.engine.clock import WEEKDAYS
from rules.engine.errors import Problem
from rules.engine.values import MISSING, Type
from rules.engine.workspace import Attribute, Workspace

CONTEXT = ("device", "connection", "locale", "country", "timezone", "ip", "page.path", "page.url", "page.title", "page.referrer")
"""What is read from a request without being declared; a declaration of the same name decides its type."""

OF_EVENTS = ("properties", "context", "traits")
OF_ITEMS = ("item",)
_PATH = re.compile(r"([a-z]+)(?:\.[A-Za-z0-9_-]{1,100}){1,8}")


@dataclass(frozen=True, slots=True)
class Variable:
    """One name. `values` are the ones it can hold, when declared; `default` stands in where there is no value."""

    name: str
    type: Type
    label: str
    values: frozenset[str] | None = None
    unknown: str = "unknown_value"
    default: object = MISSING

    def holds(self, value: object, *, any_case: bool) -> bool:
        """Whether the name can ever have this value."""
        if self.values is None or value in self.values:
            return True
        return any_case and isinstance(value, str) and value.lower() in _lowered(self.values)


NOW = Variable("time.now", "datetime", "the time now")
USER_ID = Variable("user.id", "text", "id of the user")
ZONE = Variable("user.timezone", "text", "time zone of the user")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of one workspace. Those of signals are computed by rule, since each may be asked in any window."""

    variables: Mapping[str, Variable]
    signals: Mapping[str, str] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()
    """The signals that read text."""
    roots: tuple[str, ...] = ()
    """What names without a type begin with."""

    @classmethod
    def of(cls, workspace: Workspace) -> Vocabulary:
        """What the conditions of rules may read."""
        variables = {variable.name: variable for variable in _variables(workspace)}
        texts = frozenset(signal.key for signal in workspace.signals if signal.type == "text")
        return cls(variables, {signal.key: signal.name or _spoken(signal.key) for signal in workspace.signals}, texts)

    @classmethod
    def of_events(cls) -> Vocabulary:
        """What `where` of signals and tags may read: the event's own properties, context and traits, without a type."""
        return cls(dict(_GIVEN), roots=OF_EVENTS)

    @classmethod
    def of_items(cls) -> Vocabulary:
        """What the conditions on each item of a list may read: the item's own values, without a type."""
        return cls(dict(_GIVEN), roots=OF_ITEMS)

    def get(self, name: str) -> Variable | None:
        found = self.variables.get(name)
        if found is None and self.roots and (path := _PATH.fullmatch(name)) and path[1] in self.roots:
            return Variable(name, "untyped", _spoken(name.partition(".")[2]))
        if found is None and name.startswith("counts."):
            return self._count(name)
        if found is None and name.startswith("values."):
            return self._value(name)
        return found

    def _count(self, name: str) -> Variable | None:
        _, signal, window = (*name.split(".", 2), "", "")[:3]
        when = aggregates.window_words(window)
        return Variable(name, "number", f"{self.signals[signal]} {when}") if signal in self.signals and when else None

    def _value(self, name: str) -> Variable | None:
        signal, word, part = aggregates.split(name)
        aggregate = aggregates.AGGREGATES.get(word)
        if signal not in self.signals or aggregate is None or not aggregates.fits(aggregate, part):
            return None
        reads_text = signal in self.texts
        if reads_text and not aggregate.of_text:
            return None
        gives: Type = "text" if reads_text and aggregate.gives == "same" else "number"
        return Variable(name, gives, aggregates.said(word, part, self.signals[signal]))

    def unknown(self, name: str, path: str, *, suggest: bool = True) -> Problem:
        """Why a name is not here, as exactly as can be told."""
        kind, _, rest = name.partition(".")
        key = rest.partition(".")[0]
        shown = name[: limits.NAME]
        if self.roots == OF_ITEMS:
            fix = "Write item. and a path, such as item.price."
            return Problem("unknown_name", path, f"an item of a list has no {shown!r}", fix)
        if self.roots:
            fix = "Write properties., context. or traits. and a path, such as properties.category."
            return Problem("unknown_name", path, f"an event has no {shown!r}", fix)
        if kind == "counts" and key in self.signals:
            return Problem("bad_window", path, f"{shown!r} does not end in a time window", aggregates.FITTING["window"])
        if kind == "values" and key in self.signals:
            return self._no_value(name, path, suggest=suggest)
        if kind in {"counts", "values"}:
            return Problem("unknown_signal", path, f"there is no signal for {shown!r}", meant(key, self.signals) if suggest else "")
        fix = meant(name, self.variables) if suggest else ""
        if kind == "consent":
            return Problem("unknown_purpose", path, f"there is no purpose for {shown!r}", fix)
        if kind == "thresholds":
            return Problem("unknown_threshold", path, f"there is no adaptive threshold for {shown!r}", fix)
        if kind == "scores":
            return Problem("unknown_score", path, f"there is no score for {shown!r}", fix)
        if kind == "segments":
            return Problem("unknown_segment", path, f"there is no segment for {shown!r}", fix)
        return Problem("unknown_name", path, f"this workspace has no name {shown!r}", fix)

    def _no_value(self, name: str, path: str, *, suggest: bool) -> Problem:
        """What is wrong with the name of a value whose signal there is."""
        signal, word, _ = aggregates.split(name)
        aggregate = aggregates.AGGREGATES.get(word)
        if aggregate is None:
            fix = meant(word, aggregates.AGGREGATES) if suggest else ""
            fix = fix if fix.startswith("Did") else f"Write one of {', '.join(aggregates.AGGREGATES)}."
            return Problem("unknown_aggregate", path, f"nothing called {word[: limits.NAME]!r} is kept of a signal", fix)
        if signal in self.texts and not aggregate.of_text:
            offered = ", ".join(word for word, one in aggregates.AGGREGATES.items() if one.of_text)
            return Problem(
                "aggregate_wrong_for_signal", path, f"signal {signal!r} reads text, which has no {word}", f"Use one of: {offered}."
            )
        words = f"{name[: limits.NAME]!r} does not end in {'a time window' if aggregate.after == 'window' else 'what fits'}"
        return Problem("bad_window", path, words, aggregates.FITTING[aggregate.after])


def _variables(workspace: Workspace) -> Iterator[Variable]:
    tags = frozenset(tag.key for tag in workspace.tags)
    # A user without tags has none of them: that is known, not missing.
    yield Variable("tags", "many_of", "tags", tags, "unknown_tag", frozenset())
    for name in CONTEXT:
        yield Variable(f"context.{name}", "text", _spoken(name))
    for purpose in workspace.purposes:
        # Who was never asked has not granted it: that is known, not missing.
        label = f"consent to {purpose.name or _spoken(purpose.key)}"
        yield Variable(f"consent.{purpose.key}", "boolean", label, default=False)
    yield from (_attribute("traits", attribute) for attribute in workspace.traits)
    yield from (_attribute("context", attribute) for attribute in workspace.context)
    for score in workspace.scores:
        label = score.name or f"{_spoken(score.key)} score"
        yield Variable(f"scores.{score.key}", "number", label)
        yield Variable(f"scores.{score.key}.band", "one_of", f"band of {label}", frozenset(score.bands), "unknown_band")
    for segment in workspace.segments:
        yield Variable(f"segments.{segment.key}", "boolean", segment.name or f"segment {_spoken(segment.key)}")
    for threshold in workspace.thresholds:
        if threshold.adaptive is not None:
            yield Variable(f"thresholds.{threshold.key}", "number", threshold.name or f"threshold {_spoken(threshold.key)}")
    yield NOW
    yield Variable("time.hour", "number", "hour of the day")
    yield Variable("time.weekday", "one_of", "day of the week", frozenset(WEEKDAYS))
    yield Variable("time.date", "text", "date")
    yield Variable("session.seconds", "number", "seconds in this session")
    yield Variable("session.events", "number", "events in this session")
    yield Variable("session.page_seconds", "number", "seconds on this page")
    yield Variable("user.known", "boolean", "known user")
    yield USER_ID
    yield ZONE
    yield Variable("user.hour", "number", "hour of the user's day")
    yield Variable("user.weekday", "one_of", "day of the user's week", frozenset(WEEKDAYS))
    yield Variable("user.date", "text", "date where the user is")


_GIVEN = {variable.name: variable for variable in (NOW, ZONE)}


def _attribute(kind: str, attribute: Attribute) -> Variable:
    values = frozenset(attribute.values) if attribute.values else None
    return Variable(f"{kind}.{attribute.key}", attribute.type, attribute.name or _spoken(attribute.key), values)


@lru_cache(maxsize=256)
def _lowered(values: frozenset[str]) -> frozenset[str]:
    return frozenset(map(str.lower, values))


def _spoken(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").replace(".", " ")


def meant(word: str, known: Iterable[str]) -> str:
    """The next step for a name that is not there: the nearest one that is. Few are compared, since comparing is slow."""
    similar = [other for other in known if abs(len(other) - len(word)) <= 3]
    close = difflib.get_close_matches(word[: limits.NAME], similar[: limits.SIMILAR], n=1)
    return f"Did you mean {close[0]}?" if close else "Add it to the workspace first, or choose another."
