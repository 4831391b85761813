"""Settings, names, tags and scores that contradict themselves or name what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import clock, moments
from rules.engine import durations as lengths
from rules.engine.checks import tags
from rules.engine.errors import Problem
from rules.engine.vocabulary import meant
from rules.engine.workspace import Workspace


def time_zone(workspace: Workspace) -> Iterator[Problem]:
    name = workspace.workspace.timezone
    if clock.zone(name) is None:
        fix = "Write a name such as Europe/Berlin or UTC."
        yield Problem("bad_timezone", "$.workspace.timezone", f"there is no time zone {name[:100]!r}", fix)


def attributes(workspace: Workspace) -> Iterator[Problem]:
    for kind, declared in (("traits", workspace.traits), ("context", workspace.context)):
        for index, attribute in enumerate(declared):
            path = f"$.{kind}[{index}].values"
            if attribute.type == "one_of" and not attribute.values:
                words = f"{attribute.key!r} is one of its values, but has none"
                yield Problem("values_missing", path, words, 'List the values, or make the type "text".')
            if attribute.values and attribute.type not in {"one_of", "many_of"}:
                words = f"values say nothing about a name of type {attribute.type!r}"
                yield Problem("values_unused", path, words, 'Remove them, or make the type "one_of" or "many_of".')
            if len(set(attribute.values)) < len(attribute.values):
                yield Problem("duplicate_value", path, f"a value of {attribute.key!r} stands there twice", "Remove one of them.")


def events(workspace: Workspace) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for index, one in enumerate(workspace.events):
        if one.event in first:
            words = f"the event {one.event!r} has a schema already, {first[one.event]}"
            yield Problem("duplicate_event", f"$.events[{index}].event", words, "Keep one of them.")
        first.setdefault(one.event, one.key)


def durations(workspace: Workspace) -> Iterator[Problem]:
    """The pattern of a duration was checked with the structure; here its length."""
    found = list(tags.durations(workspace))
    found += [(score.half_life, f"$.scores[{index}].half_life") for index, score in enumerate(workspace.scores)]
    for length, path in found:
        try:
            lengths.seconds(length or "1s")
        except ValueError as error:
            yield Problem("bad_duration", path, str(error), "Write at most 400d.")


def scores(workspace: Workspace) -> Iterator[Problem]:
    signals = {signal.key: signal for signal in workspace.signals}
    for index, score in enumerate(workspace.scores):
        for number, term in enumerate(score.terms):
            if term.signal not in signals:
                path = f"$.scores[{index}].terms[{number}].signal"
                yield Problem("unknown_signal", path, f"there is no signal {term.signal!r}", meant(term.signal, signals))
        if len(set(score.bands.values())) < len(score.bands):
            words = f"two bands of {score.key!r} begin at the same number, so one of them is never reached"
            yield Problem("duplicate_band", f"$.scores[{index}].bands", words, "Give each band its own lower bound.")


def boosts(workspace: Workspace) -> Iterator[Problem]:
    for index, score in enumerate(workspace.scores):
        for number, term in enumerate(score.terms):
            for place, boost in enumerate(term.boosts):
                path = f"$.scores[{index}].terms[{number}].boosts[{place}]"
                bounds = {}
                for word, text in (("from", boost.start), ("until", boost.until)):
                    try:
                        bounds[word] = moments.seconds(text)
                    except ValueError as error:
                        yield Problem("bad_date", f"{path}.{word}", str(error), "Write the date in that form.")
                if len(bounds) == 2 and bounds["from"] >= bounds["until"]:
                    yield Problem("empty_period", path, "the boost ends before it begins", "Write `from` before `until`.")
