"""Use case: what would this user get, by my draft, by what is live, or by any release? Nothing is recorded and no cap is counted."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import msgspec
from django.utils import timezone as clock

from decisioning import identities
from decisioning.caps import Capped, Periods, Wins
from decisioning.choose import Ask, Case, Decision, choose
from decisioning.decide import UNNAMED, of_session
from decisioning.populations import populations
from decisioning.redis import worker_client
from decisioning.releases import ReleaseDamaged, releases
from decisioning.rulesets import Live, activate
from decisioning.tagging import Facts, UserState, facts, supposed, template_data
from decisioning.tagging.state import Trait
from rules import bodies, given, selectors
from rules.bodies import Body, Identity
from rules.bundles import LiveBundle, build
from rules.engine import DocumentError, Problem, Vocabulary
from rules.engine.workspace import Workspace as Document
from rules.models import SampleUser, Workspace

DRAFT, LIVE = "draft", "live"
KEPT = 16
"""Compiled drafts in a process, each of one placement with what it needs."""
HIDDEN = "•••"
"""Instead of a personal trait of a real user."""
NOBODY: Mapping[Identity, Body | None] = {}


class CantTry(ValueError):
    """There is nothing to try by. `problems` say why, and what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)


class UnknownUser(LookupError):
    """Nothing is known of a user of this id."""


@dataclass(frozen=True, slots=True)
class Under:
    """What decides: the compiled rules, the names they know, and what people call it."""

    live: Live
    vocabulary: Vocabulary
    words: str


@dataclass(frozen=True, slots=True)
class Tried:
    """`decisions` are as the API answers them, each with `explain`. `read` are the facts that rules looked at."""

    under: Under
    user: str
    at: float
    decisions: list[Decision]
    read: Mapping[str, Any]
    data: Mapping[str, Any]
    degraded: list[str] = field(default_factory=list)
    mistyped: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Of the facts given, those that this version does not know."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sample user's expectation of a placement and what became of it. Rule keys; "" is the fallback."""

    sample: SampleUser
    placement: str
    expected: str
    got: str
    problem: str = ""

    @property
    def met(self) -> bool:
        return not self.problem and self.got == self.expected


def under(
    workspace: Workspace,
    version: str,
    *,
    reader_id: int,
    placements: Sequence[str] | None = None,
    change: Mapping[Identity, Body | None] = NOBODY,
) -> Under:
    """`version` is `draft` (the reader's working copy, with a `change` that is not saved), `live`, or a release's number.

    Of a draft only the `placements` asked for are compiled, so that what is wrong elsewhere is in nobody's way. Raises CantTry.
    """
    if version == DRAFT:
        return _drafts.get(workspace, reader_id, placements, change)
    try:
        if version == LIVE:
            release = selectors.live_release(workspace, clock.now())
            if release is None:
                words = f"Nothing was ever published in {workspace.key}."
                raise CantTry([Problem("never_published", "$", words, "Try your draft.")])
            number = release.number
        elif version.isdecimal() and len(version) < 10:
            number = int(version)
        else:
            raise CantTry(
                [Problem("unknown_version", "$", f"There is no version {version[:40]!r}.", "Write draft, live or a release's number.")]
            )
        live = releases.get(workspace.key, number)
    except ReleaseDamaged as error:
        raise CantTry([Problem("release_damaged", "$", str(error), "Tell an administrator.")]) from error
    if live is None:
        raise CantTry([Problem("unknown_release", "$", f"There is no release {number} in {workspace.key}.", "Choose another.")])
    words = f"what is live (release {number})" if version == LIVE else f"release {number}"
    return Under(live, _vocabulary(live.bundle.document), words)


@lru_cache(maxsize=KEPT)
def _vocabulary(document: bytes) -> Vocabulary:
    return Vocabulary.of(msgspec.json.decode(document, type=Document))


class _Drafts:
    """Compiled working copies, the one asked for longest ago goes first."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[Any, ...], Under] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, workspace: Workspace, reader_id: int, placements: Sequence[str] | None, change: Mapping[Identity, Body | None]) -> Under:
        token = selectors.desk_token(workspace, reader_id)
        wanted = None if placements is None else tuple(sorted(placements))
        changed = hashlib.sha256(msgspec.json.encode(sorted(change.items()))).digest() if change else b""
        place = workspace.pk, reader_id, token, wanted, changed
        with self._lock:
            found = self._found.get(place)
            if found is None:
                found = self._found[place] = _compiled(workspace, selectors.kept_desk(workspace, reader_id).bodies, wanted, change)
            self._found.move_to_end(place)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found


_drafts = _Drafts()


@lru_cache(maxsize=4)
def _waiting(workspace_id: int, token: str) -> Under:
    """`token` differs whenever a release made now could hold something else."""
    workspace = Workspace.objects.get(pk=workspace_id)
    document, problems = selectors.candidate(workspace)
    if problems:
        raise CantTry(problems)
    return _of_document(workspace, document, "what would go live")


def expectations(workspace: Workspace, token: str, *, at: float) -> list[Outcome]:
    """What sample users would get if all that may were published now, beside what they should. `token`: of selectors.proposal.

    Nothing is compiled where nobody expects anything. Raises CantTry.
    """
    samples = list(SampleUser.objects.filter(workspace=workspace).exclude(expects={}))
    return list(outcomes(_waiting(workspace.pk, token), samples, at=at)) if samples else []


def _compiled(
    workspace: Workspace, held: Mapping[Identity, Body], placements: Sequence[str] | None, change: Mapping[Identity, Body | None]
) -> Under:
    wanted = {identity: body for identity, body in {**held, **change}.items() if body is not None}
    return of_bodies(workspace, _needed(wanted, placements), "your draft")


def of_bodies(workspace: Workspace, held: Mapping[Identity, Body], words: str) -> Under:
    """All these things and nothing else, compiled. Raises CantTry where they don't go together."""
    document, problems = bodies.nest(workspace.settings, held)
    if problems:
        raise CantTry(problems)
    return _of_document(workspace, document, words)


def _of_document(workspace: Workspace, document: Body, words: str) -> Under:
    try:
        data, digest = build(document)
        live = activate(LiveBundle(workspace.key, 0, digest, digest, data, 0.0), source="database", now=0.0)
    except DocumentError as error:
        raise CantTry(error.problems) from error
    return Under(live, Vocabulary.of(msgspec.convert(document, Document)), words)


def _needed(held: Mapping[Identity, Body], placements: Sequence[str] | None) -> dict[Identity, Body]:
    """Without other placements, their rules, and the templates that only those show."""
    if placements is None:
        return dict(held)
    own = {
        identity: body
        for identity, body in held.items()
        if (identity[0] != "placement" or identity[1] in placements) and (identity[0] != "rule" or body["placement"] in placements)
    }
    shown = {
        (body.get(part) or {}).get("template")
        for (kind, _), body in own.items()
        for part in ("then", "fallback")
        if kind in {"rule", "placement"}
    }
    return {identity: body for identity, body in own.items() if identity[0] != "template" or identity[1] in shown}


def try_given(
    by: Under,
    known: Mapping[str, Any],
    placements: Sequence[str],
    *,
    at: float,
    name: str = "sample",
    locale: str | None = None,
    explain: bool = True,
) -> Tried:
    """For a user who is made up of facts by the vocabulary's names. Who is not said to be anonymous is a known user of the id `name`."""
    started = time.perf_counter()
    live = by.live
    kind = "a" if known.get("user.known") is False else "u"
    user = f"{kind}:{known.get('user.id') or name}"
    made_up = supposed(known, at=at)
    ask = Ask(user, placements, at, context=made_up.context, locale=locale, explain=explain)
    seen, data = _seen(live, made_up.state, ask)
    seen = made_up.over(seen)
    case = Case(ask, live, at, seen, made_up.shown(live.definitions, seen, data), [])
    tried = _tried(by, case, Capped(live.ruleset.caps, Wins(UNNAMED, {}, {}), Periods(seen, made_up.state, at)))
    return replace(tried, unknown=given.unknown(known, by.vocabulary), seconds=time.perf_counter() - started)


def try_user(
    by: Under,
    user_id: str,
    placements: Sequence[str],
    *,
    at: float,
    locale: str | None = None,
    context: Mapping[str, Any] | None = None,
    caps: bool = True,
    personal: bool = False,
) -> Tried:
    """For a real user, as the stream workers know them now: a known one of this id, else an anonymous one.

    `caps`: whether caps that are used up bar their rules, as they would. Without `personal`, personal traits decide as they are but are
    shown hidden. Raises UnknownUser, and profiles.Unavailable where Redis does not answer.
    """
    started = time.perf_counter()
    live, workspace = by.live, by.live.settings.key
    ids = [user_id] if user_id.startswith(("u:", "a:")) else [f"u:{user_id}", f"a:{user_id}"]
    found = (identities.known(worker_client(), workspace, each, live.definitions, now=at) for each in ids)
    person = next((one for one in found if one is not None), None)
    if person is None:
        raise UnknownUser(user_id)
    ask = Ask(person.user, placements, at, context=context or {}, locale=locale, explain=True)
    hides = live.definitions.personal if not personal else frozenset()
    seen, _ = _seen(live, person.state, ask)
    _, data = _seen(live, _without(person.state, hides), ask)
    case = Case(ask, live, at, seen, data, [])
    wins, since = of_session(case, person.profile.wins, person.state) if caps else (Wins(UNNAMED, {}, {}), 0.0)
    tried = _tried(by, case, Capped(live.ruleset.caps, wins, Periods(seen, person.state, at, since)))
    told = {name: HIDDEN if _is_of(name, hides) and value is not None else value for name, value in tried.read.items()}
    for decision in tried.decisions:
        _hide(decision.get("explain"), hides)
    return replace(tried, read=told, seconds=time.perf_counter() - started)


def outcomes(by: Under, samples: Sequence[SampleUser], *, at: float) -> Iterator[Outcome]:
    """Every expectation of the sample users, tried."""
    for sample in samples:
        there = [key for key in sample.expects if key in by.live.ruleset.placements]
        decisions = try_given(by, sample.facts, there, at=at, name=sample.key, explain=False).decisions if there else []
        won: dict[str, list[str]] = {}
        for decision in decisions:
            won.setdefault(decision["placement"], []).append(winner(decision))
        for placement, expected in sorted(sample.expects.items()):
            if placement not in won:
                yield Outcome(sample, placement, expected, "", "there is no such placement")
            else:
                found = won[placement]
                yield Outcome(sample, placement, expected, expected if expected in found else found[0])


def winner(decision: Decision) -> str:
    """The rule whose content is shown; "" for the fallback."""
    return decision["rule"]["key"] if decision["outcome"] == "matched" else ""


def _seen(live: Live, state: UserState, ask: Ask) -> tuple[Facts, Mapping[str, Any]]:
    common: dict[str, Any] = {"now": ask.at, "context": ask.context, "user": ask.user, "thresholds": populations.of(live.settings.key)}
    seen = facts(live.definitions, state, timezone=live.settings.timezone, **common)
    return seen, template_data(live.definitions, state, locale=ask.locale, **common)


def _tried(by: Under, case: Case, capped: Capped) -> Tried:
    decisions = choose(case, capped)
    return Tried(by, case.ask.user, case.ask.at, decisions, case.facts.read(), case.data, case.degraded, sorted(case.mistyped))


def _without(state: UserState, hides: frozenset[str]) -> UserState:
    if hides.isdisjoint(state.traits):
        return state
    copy = state.draft()
    copy.traits = {key: Trait(HIDDEN, trait.at) if key in hides else trait for key, trait in state.traits.items()}
    return copy


def _is_of(name: str, hides: frozenset[str]) -> bool:
    return name.startswith("traits.") and not hides.isdisjoint({name[7:], name[7:].partition(".")[0]})


def _hide(told: Any, hides: frozenset[str]) -> None:
    """In an explanation, wherever it is: what a personal trait is, and the sentence that says so."""
    if not hides:
        return
    if isinstance(told, dict):
        if isinstance(told.get("name"), str) and _is_of(told["name"], hides):
            told["actual"] = HIDDEN
            if "needs" in told:
                told["needs"] = f"needs another value of {told['name']}"
        if "needs" in told and isinstance(told["needs"], list):
            told["needs"] = []
        for part in told.values():
            _hide(part, hides)
    elif isinstance(told, list):
        for part in told:
            _hide(part, hides)
