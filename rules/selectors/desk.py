"""What one person has before them while they edit: their working copy of a workspace, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import msgspec

from rules import bodies, bundles, words
from rules.bodies import Body, Identity
from rules.engine import Problem, advice
from rules.engine.workspace import Workspace as Document
from rules.models import Workspace
from rules.selectors.things import Thing, things, working_bodies

UNFINISHED = frozenset(
    {
        "aggregate_wrong_for_signal",
        "else_never",
        "field_not_in_placement",
        "rule_without_effect",
        "segment_circle",
        "segments_too_deep",
        "threshold_not_allowed",
        "unknown_band",
        "unknown_name",
        "unknown_parent",
        "unknown_placement",
        "unknown_purpose",
        "unknown_score",
        "unknown_segment",
        "unknown_signal",
        "unknown_tag",
        "unknown_template",
        "unknown_threshold",
        "unknown_value",
        "unreachable_outcome",
        "unreachable_rule",
    }
)
"""What another draft can put right. A draft may have such problems; a release can't."""


KEPT = 16
"""So many working copies' problems are kept in a process: a page is often loaded again, or shown after an act that looked for them."""
HOUR = 3600
LARGE = 400
"""Things in a working copy: looking through more takes longer than a page may."""


@lru_cache(maxsize=KEPT)
def _inspected(document: bytes) -> tuple[Problem, ...]:
    return tuple(bundles.inspect(msgspec.json.decode(document)))


@lru_cache(maxsize=KEPT)
def _advised(document: bytes, now: float) -> tuple[Problem, ...]:
    """Schedules are judged by the beginning of the hour, so that an hour's pages share one answer."""
    return tuple(advice(msgspec.json.decode(document, type=Document), now=now))


def _encoded(document: Body) -> bytes:
    """With keys in order, since PostgreSQL gives back another one: what was found while a form was saved counts for the next page."""
    return msgspec.json.encode(document, order="deterministic")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with whose it is and where in that thing's body."""

    identity: Identity | None
    path: str
    problem: Problem

    @property
    def unfinished(self) -> bool:
        return self.problem.code in UNFINISHED


class Desk:
    """One author's working copy of one workspace, read once."""

    def __init__(self, workspace: Workspace, author_id: int) -> None:
        self.workspace = workspace
        self.author_id = author_id
        self._found: tuple[float, list[Finding]] | None = None

    @cached_property
    def things(self) -> dict[Identity, Thing]:
        return things(self.workspace)

    def read(self) -> None:
        """Now, and not when something is first asked of it."""
        _ = self.bodies

    @cached_property
    def bodies(self) -> dict[Identity, Body]:
        return working_bodies(self.things, self.author_id)

    @cached_property
    def names(self) -> words.Names:
        """What its things are called in sentences."""
        return words.Names({identity: body["name"] for identity, body in self.bodies.items() if body.get("name")})

    def document(self, change: Mapping[Identity, Body | None] | None = None) -> tuple[Body, list[Problem]]:
        """The working copy with a change that is not saved, and the rules that would have no place in it."""
        if not change:
            return self._saved
        wanted = {**self.bodies, **change}
        return bodies.nest(self.workspace.settings, {identity: body for identity, body in wanted.items() if body is not None})

    @cached_property
    def _saved(self) -> tuple[Body, list[Problem]]:
        return bodies.nest(self.workspace.settings, self.bodies)

    @cached_property
    def struct(self) -> Document:
        """The working copy as the engine reads it."""
        return msgspec.convert(self.document()[0], Document)

    def findings(self, change: Mapping[Identity, Body | None] | None = None) -> list[Finding]:
        """Everything that would keep the working copy, with the change, from going live."""
        document, problems = self.document(change)
        return [Finding(*bodies.whose(document, problem.path), problem) for problem in [*problems, *_inspected(_encoded(document))]]

    def advice(self, now: float, change: Mapping[Identity, Body | None] | None = None) -> list[Finding]:
        """What is worth a look in a working copy that nothing keeps from going live. `now`: the moment to judge schedules by."""
        document, _ = self.document(change)
        found = _advised(_encoded(document), now // HOUR * HOUR)
        return [Finding(*bodies.whose(document, one.path), one) for one in found]

    def found(self, now: float) -> list[Finding]:
        """All findings; where nothing keeps it from going live, all advice. Looked for once an hour."""
        hour = now // HOUR
        if self._found is None or self._found[0] != hour:
            self._found = hour, self.findings() or self.advice(now)
        return self._found[1]

    @property
    def large(self) -> bool:
        """Whether looking through all of it takes longer than a page may."""
        return len(self.bodies) > LARGE

    def waits(self, now: float) -> bool:
        """Whether looking for findings would take so long that a page had better be shown before."""
        return self.large and (self._found is None or self._found[0] != now // HOUR)

    def caused(self, change: Mapping[Identity, Body | None]) -> list[Finding]:
        """What a change would break elsewhere: findings in other things that are not there without it."""
        before = {(found.identity, found.problem.code, found.problem.message) for found in self.findings()}
        return [
            found
            for found in self.findings(change)
            if found.identity not in change and (found.identity, found.problem.code, found.problem.message) not in before
        ]
