"""The live release of each workspace, compiled and in process. A new one is verified and compiled first, then one reference is swapped."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec
from django.conf import settings

from decisioning import codec
from decisioning.caps import limits
from decisioning.inputs import Reads, reads
from decisioning.metrics import RELEASES_REFUSED
from decisioning.tagging import Definitions, compile_definitions
from rules.bundles import LiveBundle
from rules.engine import Ruleset, compile_ruleset, parse_workspace
from rules.engine.workspace import Settings, Template, Workspace
from rules.schemas import Compiled as Schema
from rules.schemas import compile_schemas
from rules.templating import Compiled, compile_template

logger = logging.getLogger(__name__)


class BadBundle(ValueError):
    """A bundle whose bytes are not what its digest says. It is refused and the last good one stays."""


@dataclass(frozen=True, slots=True)
class Text:
    template: Template
    compiled: Compiled
    reads: Reads
    given: Reads
    """The whole objects that it is given to read in."""


@dataclass(frozen=True, slots=True)
class Live:
    """Everything a decision needs of one release. Immutable: a request that holds it is served by it to the end."""

    bundle: LiveBundle
    settings: Settings
    ruleset: Ruleset
    definitions: Definitions
    templates: Mapping[str, Text]
    schemas: Mapping[str, Schema]
    """By the event's name."""
    cap_kinds: frozenset[str]
    """The kinds of caps that some rule has."""
    source: Literal["database", "disk"]
    activated_at: float

    @property
    def number(self) -> int:
        return self.bundle.number

    @property
    def hash(self) -> str:
        return self.bundle.hash


def activate(bundle: LiveBundle, *, source: Literal["database", "disk"], now: float) -> Live:
    """Verifies the digest and compiles. Raises BadBundle or rules.engine.DocumentError; nothing is swapped."""
    digest = "sha256:" + hashlib.sha256(bundle.document).hexdigest()
    if digest != bundle.digest:
        raise BadBundle(f"release {bundle.number} of {bundle.workspace}: the bundle's digest is {digest}, the release says {bundle.digest}")
    workspace = parse_workspace(bundle.document)
    ruleset = compile_ruleset(workspace)
    compiled = {template.key: compile_template(template) for template in workspace.templates}
    names = set(ruleset.names).union(*(text.names for text in compiled.values()))
    definitions = define(workspace, names)
    templates = {template.key: _text(template, compiled[template.key], definitions) for template in workspace.templates}
    kinds = frozenset(kind for cap in ruleset.caps.values() for kind, _ in limits(cap))
    return Live(bundle, workspace.workspace, ruleset, definitions, templates, compile_schemas(workspace.events), kinds, source, now)


def _text(template: Template, compiled: Compiled, definitions: Definitions) -> Text:
    given = {path[:1] for path in compiled.paths}
    return Text(template, compiled, reads(compiled.paths, definitions.personal), reads(given, definitions.personal))


def define(workspace: Workspace, names: Iterable[str] = ()) -> Definitions:
    """What a workspace says about tagging, under this installation's settings: every process must fold alike."""
    return compile_definitions(workspace, names, lateness=settings.ALLOWED_LATENESS)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: what compiling makes stays, and to look through it again and again doubles the time of 10,000 rules."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class Rulesets:
    """The live releases by workspace, and what went wrong with the last attempt of each."""

    def __init__(self) -> None:
        self._live: dict[str, Live] = {}
        self._refused: dict[str, tuple[int, str]] = {}
        self.errors: dict[str, str] = {}

    def get(self, workspace: str) -> Live | None:
        return self._live.get(workspace)

    def all(self) -> dict[str, Live]:
        return dict(self._live)

    def known(self) -> dict[str, tuple[int, str]]:
        """What `rules.bundles.live_bundles` need not send again: what is live, and what was refused after it.

        A copy from disk is asked for again: the database may know better.
        """
        live = {key: (live.number, live.hash) for key, live in self._live.items() if live.source == "database"}
        return live | self._refused

    def swap(self, bundle: LiveBundle, *, source: Literal["database", "disk"], now: float) -> bool:
        """Makes a bundle live where it is good; else keeps what there was and remembers why. Compiling takes its time after `now`."""
        started = time.perf_counter()
        try:
            with _uncollected():
                live = activate(bundle, source=source, now=now)
        except ValueError as error:
            self.refuse(bundle.workspace, source, str(error))
            if source == "database":  # what the disk has is no word on what the database has under the same number
                self._refused[bundle.workspace] = bundle.number, bundle.hash
            return False
        live = replace(live, activated_at=now + time.perf_counter() - started)
        self._live = {**self._live, bundle.workspace: live}
        codec.personal_traits[bundle.workspace] = live.definitions.personal
        if source == "database":
            self._refused.pop(bundle.workspace, None)
        if bundle.workspace not in self._refused:
            self.errors.pop(bundle.workspace, None)
        return True

    def refuse(self, workspace: str, source: Literal["database", "disk"], why: str) -> None:
        """Counted, and told in /statusz and on every page of the admin, until a good one is live."""
        self.errors[workspace] = why
        RELEASES_REFUSED.labels(workspace, source).inc()
        logger.error("a release of %s from the %s is refused: %s", workspace, source, why)


def save(folder: Path, bundle: LiveBundle) -> None:
    """Keeps the last good bundle on disk, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{bundle.workspace}.{os.getpid()}"
    scratch.write_bytes(msgspec.json.encode(bundle))
    scratch.replace(folder / f"{bundle.workspace}.json")


def restore(folder: Path, workspace: str = "*") -> list[LiveBundle]:
    """The bundles on disk that can be read, or the one of a workspace; the caller verifies their digests as always."""
    found = []
    for path in sorted(folder.glob(f"{workspace}.json")):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=LiveBundle))
        except (OSError, msgspec.DecodeError) as error:
            rulesets.refuse(path.stem, "disk", f"{path.name} can't be read: {error}")
    return found


rulesets = Rulesets()


def live(workspace: str) -> Live | None:
    return rulesets.get(workspace)
