"""What things are called in sentences: by the names their authors gave them, or else by their keys in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.engine.aggregates import AGGREGATES, fits, window_words
from rules.engine.aggregates import said as said_of
from rules.words.basics import humanised

MOMENTS = {
    "time.now": "now",
    "user.hour": "hour on the user's clock",
    "user.weekday": "weekday on the user's clock",
    "user.date": "date on the user's clock",
    "user.timezone": "the user's time zone",
    "session.page_seconds": "seconds on this page",
}
KINDS = {"traits": "trait", "context": "context"}


@dataclass(frozen=True, slots=True)
class Names:
    """`given`: the names by kind and key, such as ("tag", "left-cart"). Called with a name of the vocabulary, it says it for people."""

    given: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        """`counts.dwell.1h` is "dwell in the last 1h", or "Seconds on the page in the last 1h" where dwell has that name."""
        kind, _, rest = name.partition(".")
        key, _, last = rest.partition(".")
        match kind:
            case "counts":
                return f"{self.thing('signal', key)} {window_words(last) or last}"
            case "values":
                return valued(key, last, self.thing("signal", key))
            case "thresholds":
                return f"threshold {self.thing('threshold', rest)}"
            case "scores":
                return f"{self.thing('score', key)} {last or 'score'}"
            case "tags":
                return "user"
            case "segments":
                return f"segment {self.thing('segment', rest)}"
            case "traits" | "context":
                return self.thing(KINDS[kind], rest)
            case "properties" | "item":
                return humanised(rest)
            case _ if name in MOMENTS:
                return MOMENTS[name]
            case "time":
                return humanised(rest)
            case _:
                return humanised(name)

    def thing(self, kind: str, key: str) -> str:
        return self.given.get((kind, key)) or humanised(key)

    def quoted(self, kind: str, key: str, otherwise: str) -> str:
        """A thing in the middle of a sentence, in whose words its own name would be lost without marks."""
        name = self.given.get((kind, key))
        return f"“{name}”" if name else otherwise


spoken = Names()
"""By keys alone: where the workspace's names are not at hand."""


def valued(signal: str, rest: str, name: str = "") -> str:
    """What is read of a signal, for people: `average.1h` of dwell is "average of dwell in the last 1h"."""
    aggregate, _, part = rest.partition(".")
    if aggregate not in AGGREGATES or not fits(AGGREGATES[aggregate], part):
        return humanised(f"{signal} {rest}")
    return said_of(aggregate, part, name or humanised(signal))
