"""Folders by their paths, and what a document says of them. Pure: the engine and bundles never see any of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rules.bodies import KINDS, Identity, unstorable
from rules.engine import DocumentError, Problem
from rules.engine.strict import step

FIELD = "folders"
NAME = 80
"""Characters of one folder's name."""
DEPTH = 4
"""Levels of folders: what lies deeper is found by searching, not by opening."""
WITHIN = " / "

Path = tuple[str, ...]
"""The names from the top down."""
Folders = dict[Path, list[Identity]]
"""By path what lies in that folder itself; a folder that holds nothing has an empty list."""


def path_of(text: str) -> Path:
    """`Campaigns / Summer` as its names. Raises DocumentError for what is no path."""
    names = tuple(part.strip() for part in text.split(WITHIN.strip()))
    if problem := next(filter(None, map(name_problem, names)), None):
        raise DocumentError([problem])
    if len(names) > DEPTH:
        raise DocumentError([too_deep()])
    return names


def text_of(path: Path) -> str:
    return WITHIN.join(path)


def name_problem(name: str) -> Problem | None:
    """What keeps this from being a folder's name."""
    if not name:
        return Problem("bad_folder_name", "$", "A folder needs a name.", "Write one.")
    if len(name) > NAME:
        return Problem("bad_folder_name", "$", f"A folder's name has at most {NAME} characters.", "Write a shorter one.")
    if WITHIN.strip() in name or any(ord(character) < 32 for character in name):
        return Problem("bad_folder_name", "$", "A folder's name can't hold a / or a line break.", "Write it without.")
    return None


def too_deep() -> Problem:
    words = f"Folders stand at most {DEPTH} levels deep."
    return Problem("folders_too_deep", "$", words, "Choose a folder further up.")


def split(plain: object) -> tuple[object, Folders | None]:
    """A document without its folders, and what it says of them; None where it says nothing. Raises DocumentError with every problem."""
    if not isinstance(plain, dict) or FIELD not in plain:
        return plain, None
    told = plain[FIELD]
    problems = [Problem(one.code, one.path.replace("$", f"$.{FIELD}", 1), one.message, one.fix) for one in unstorable(told)]
    found: Folders = {}
    problems = problems or list(_read(told, found))
    if problems:
        raise DocumentError(problems)
    rest = {name: value for name, value in plain.items() if name != FIELD}
    return rest, found


def written(folders: Folders) -> dict[str, Any]:
    """As a document says them; `split` reads it back."""
    said: dict[str, Any] = {}
    for path, identities in sorted(folders.items()):
        within: dict[str, list[str]] = {}
        for kind, key in sorted(identities):
            within.setdefault(kind, []).append(key)
        said[text_of(path)] = within
    return said


def unknown(folders: Folders, there: Collection[Identity]) -> list[Problem]:
    """What a document puts into folders and has not."""
    return [
        Problem("unknown_item", _place(path, kind), f"There is no {kind} {key}.", "Correct the key, or leave it out.")
        for path, identities in folders.items()
        for kind, key in identities
        if (kind, key) not in there
    ]


def _read(told: object, found: Folders) -> Iterator[Problem]:
    """Fills `found`, and gives what is wrong."""
    if not isinstance(told, Mapping):
        yield _no_object(f"$.{FIELD}", 'Write {"Campaigns / Summer": {"rule": ["key", ...]}}.')
        return
    seen: set[Identity] = set()
    names: set[str] = set()
    for text, kinds in told.items():
        here = step(f"$.{FIELD}", text)
        try:
            path = path_of(text)
        except DocumentError as refused:
            yield from (Problem(one.code, here, one.message, one.fix) for one in refused.problems)
            continue
        if text_of(path).lower() in names:
            yield Problem("duplicate_folder", here, "This folder stands here more than once.", "Keep one of them.")
        names.add(text_of(path).lower())
        found[path] = []
        if not isinstance(kinds, Mapping):
            yield _no_object(here, 'Write {"rule": ["key", ...]}.')
            continue
        for kind, keys in kinds.items():
            if kind not in KINDS:
                yield Problem("unknown_field", step(here, kind), f"There is no kind {kind[:100]!r}.", f"Use one of: {', '.join(KINDS)}.")
            elif not isinstance(keys, list | tuple) or not all(isinstance(key, str) for key in keys):
                yield Problem("wrong_type", step(here, kind), "This is no list of keys.", 'Write ["key", ...].')
            else:
                identities = [(kind, key) for key in keys]
                twice = seen.intersection(identities) or len(set(identities)) < len(identities)
                if twice:
                    yield Problem("filed_twice", step(here, kind), "Something of this lies in a folder already.", "Name each thing once.")
                seen.update(identities)
                found[path] += identities


def _no_object(path: str, fix: str) -> Problem:
    return Problem("wrong_type", path, "This is no object.", fix)


def _place(path: Path, kind: str) -> str:
    return step(step(f"$.{FIELD}", text_of(path)), kind)
