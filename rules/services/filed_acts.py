"""How acts on folders are told in the audit log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from rules.filing import Path, text_of
from rules.models import PROXIES, Item
from rules.services.audit import Act
from rules.services.people import Person

TOP = "the top"
LISTED = 100
"""So many things stand in the words of one event; all of them are in its data."""


def made(path: Path, who: Person) -> Act:
    return _act("made", path, f"{who.name} made the folder {text_of(path)}.")


def renamed(path: Path, name: str, who: Person) -> Act:
    new = (*path[:-1], name)
    return _act("renamed", new, f"{who.name} renamed the folder {text_of(path)}: it is {text_of(new)} now.", was=list(path))


def moved(path: Path, above: Path, who: Person) -> Act:
    words = f"{who.name} moved the folder {text_of(path)} to {text_of(above) or TOP}."
    return _act("moved", (*above, path[-1]), words, was=list(path))


def ordered(path: Path, who: Person, *, up: bool) -> Act:
    return _act("ordered", path, f"{who.name} moved the folder {text_of(path)} one place {'up' if up else 'down'}.")


def removed(path: Path, count: int, folders: Sequence[str], who: Person) -> Act:
    words = f"{who.name} removed the folder {text_of(path)}."
    held = [f"{n} {one if n == 1 else f'{one}s'}" for n, one in ((count, "thing"), (len(folders), "folder")) if n]
    if held:
        words = f"{words[:-1]}; {' and '.join(held)} in it went up to {text_of(path[:-1]) or TOP}."
    return _act("removed", path, words, things=count, folders=list(folders))


def filed(items: Collection[Item], path: Path | None, who: Person) -> Act:
    """`path` None: out of their folders."""
    where = f"to {text_of(path)}" if path else f"out of {'its' if len(items) == 1 else 'their'} folder{'' if len(items) == 1 else 's'}"
    told = [f"{who.name} moved {counted(items)} {where}."]
    names = [f"{item.kind} {item.key}" for item in items]
    if len(names) > 1:
        told.append(f"{', '.join(names[:LISTED])}{f' and {len(names) - LISTED} more' if len(names) > LISTED else ''}.")
    data = {"folder": list(path or ()), "items": [{"kind": item.kind, "key": item.key} for item in items]}
    one = next(iter(items))
    kind, key = (one.kind, one.key) if len(items) == 1 else ("folder", path[-1] if path else "")
    return Act("folder.filed", kind, key, tuple(told), data=data)


def counted(items: Collection[Item]) -> str:
    """`3 rules and 1 template`; a single one by its key."""
    if len(items) == 1:
        [item] = items
        return f"{PROXIES[item.kind]._meta.verbose_name} {item.key}"  # noqa: SLF001  Django's public word
    kinds = Counter(item.kind for item in items)
    metas = {kind: PROXIES[kind]._meta for kind in kinds}  # noqa: SLF001
    said = [f"{n} {metas[kind].verbose_name if n == 1 else metas[kind].verbose_name_plural}" for kind, n in kinds.items()]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _act(done: str, path: Path, words: str, **data: object) -> Act:
    return Act(f"folder.{done}", "folder", path[-1], (words,), data={"folder": list(path), **data})
