"""Settings, names, tags and scores that contradict themselves or name what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import clock, limits, moments
from rules.engine import durations as lengths
from rules.engine.checks import tags
from rules.engine.errors import Problem
from rules.engine.vocabulary import Vocabulary, meant
from rules.engine.workspace import Term, Workspace

KEPT_FOR_SCORES = ("sum", "last", "max")
"""What a term takes of all values there ever were, decayed by the score's half-life."""


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


def merging(workspace: Workspace) -> Iterator[Problem]:
    """How two users' traits become one's: only numbers have a sum, only lists a union."""
    for index, trait in enumerate(workspace.traits):
        needed = {"sum": "number", "union": "many_of"}.get(trait.merge, trait.type)
        if trait.type != needed:
            words = f"{trait.key!r} is of type {trait.type!r}, of which there is no {trait.merge}"
            yield Problem("bad_merge", f"$.traits[{index}].merge", words, f'Write "latest" or "first", or make the type "{needed}".')


def durations(workspace: Workspace) -> Iterator[Problem]:
    """The pattern of a duration was checked with the structure; here its length."""
    found = list(tags.durations(workspace))
    found += [(score.half_life, f"$.scores[{index}].half_life") for index, score in enumerate(workspace.scores)]
    for index, threshold in enumerate(workspace.thresholds):
        if threshold.adaptive is not None:
            found.append((threshold.adaptive.half_life, f"$.thresholds[{index}].adaptive.half_life"))
    for length, path in found:
        try:
            lengths.seconds(length or "1s")
        except ValueError as error:
            yield Problem("bad_duration", path, str(error), "Write at most 400d.")


def signals(workspace: Workspace) -> Iterator[Problem]:
    for index, signal in enumerate(workspace.signals):
        if signal.type == "text" and signal.value is None:
            words = f"signal {signal.key!r} reads text, but not where it stands"
            yield Problem("values_missing", f"$.signals[{index}].value", words, "Write a path such as properties.category.")


def scores(workspace: Workspace) -> Iterator[Problem]:
    signals, vocabulary = {signal.key: signal for signal in workspace.signals}, Vocabulary.of(workspace)
    for index, score in enumerate(workspace.scores):
        for number, term in enumerate(score.terms):
            if term.signal not in signals:
                path = f"$.scores[{index}].terms[{number}].signal"
                yield Problem("unknown_signal", path, f"there is no signal {term.signal!r}", meant(term.signal, signals))
            elif (problem := _taken(vocabulary, term, f"$.scores[{index}].terms[{number}].take")) is not None:
                yield problem
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


def adaptive(workspace: Workspace) -> Iterator[Problem]:
    """Thresholds that follow a signal: one that there is, with numbers, by one of the two measures, between bounds in order."""
    signals = {signal.key: signal for signal in workspace.signals}
    found = [(index, one.key, one.adaptive) for index, one in enumerate(workspace.thresholds) if one.adaptive is not None]
    for index, key, follows in found:
        path = f"$.thresholds[{index}].adaptive"
        if follows.signal not in signals:
            words = f"there is no signal {follows.signal!r}"
            yield Problem("unknown_signal", f"{path}.signal", words, meant(follows.signal, signals))
        elif signals[follows.signal].type == "text":
            words = f"threshold {key!r} can't follow signal {follows.signal!r}, which reads text"
            yield Problem("aggregate_wrong_for_signal", f"{path}.signal", words, "Choose a signal that reads numbers.")
        if (follows.k is None) is (follows.percentile is None):
            words = f"threshold {key!r} needs one measure: so many deviations above the mean, or a percentile"
            yield Problem("unclear_adaptive", path, words, "Write `k`, such as 2, or `percentile`, such as 90, and not both.")
        if follows.min is not None and follows.max is not None and follows.min > follows.max:
            yield Problem("empty_range", path, f"nothing is at least {follows.min} and at most {follows.max}", "Write `min` below `max`.")
    for index, key, _ in found[limits.ADAPTIVE :]:
        words = f"there are more than {limits.ADAPTIVE} adaptive thresholds before {key!r}"
        yield Problem("too_many_adaptive", f"$.thresholds[{index}].adaptive", words, "Give some of them a fixed value.")


def _taken(vocabulary: Vocabulary, term: Term, path: str) -> Problem | None:
    """What is wrong with `take`: as with the name of a value, which it is the rest of."""
    if term.take == "sum" or (term.take in KEPT_FOR_SCORES and term.signal not in vocabulary.texts):
        return None
    name = f"values.{term.signal}.{term.take}"
    found = vocabulary.get(name)
    if found is None and "." not in term.take:
        fix = "Write sum, last or max, or an aggregate with its window such as average.10m or smoothed.1h."
        return Problem("unknown_aggregate", path, f"a term can't take {term.take[:40]!r} of signal {term.signal!r}", fix)
    if found is None:
        return vocabulary.unknown(name, path)
    if found.type != "number":
        words = f"{term.take} of signal {term.signal!r} is text, and a score adds up numbers"
        return Problem("aggregate_wrong_for_signal", path, words, "Take unique or count with a window, such as unique.1h.")
    return None
