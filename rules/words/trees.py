"""What differs between two trees of conditions, comparison by comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rules.words.change import Change, same
from rules.words.conditions import sentence, to_what
from rules.words.names import Names, spoken

Tree = Mapping[str, Any]
GROUPS = {"all": "all of", "any": "any of", "none": "none of", "not": "not"}


def tree_changes(before: Tree | None, after: Tree | None, path: str, name_in_words: Names = spoken) -> list[Change]:
    """Comparisons are paired by their `id` where both have one, else where they say the same, else by what they ask of."""
    if not before or not after:
        if before:
            return [Change(path, "removed", f"No conditions any more, it was: {sentence(before, name_in_words)}", before, after)]
        return [Change(path, "added", f"Conditions: {sentence(after, name_in_words)}", before, after)] if after else []
    if "name" not in before or "name" not in after:
        before, after = _grouped(before), _grouped(after)
    return list(_between(before, after, path, name_in_words))


def _between(before: Tree, after: Tree, path: str, name_in_words: Names) -> Iterator[Change]:
    if same(before, after):
        return
    old, new = _group(before), _group(after)
    if old is None and new is None:
        yield Change(path, "changed", _became(before, after, name_in_words), before, after)
    elif old is None or new is None:
        yield Change(path, "removed", f"Removed: {sentence(before, name_in_words)}", before)
        yield Change(path, "added", f"Added: {sentence(after, name_in_words)}", None, after)
    else:
        if old != new:
            whole = sentence(after, name_in_words)
            yield Change(path, "changed", f"Group changed from “{GROUPS[old]}” to “{GROUPS[new]}”: {whole}", old, new)
        yield from _parts(_children(before, old), _children(after, new), f"{path}.{new}", f"{path}.{old}", name_in_words)


def _parts(before: Sequence[Any], after: Sequence[Any], path: str, path_before: str, name_in_words: Names) -> Iterator[Change]:
    pairs = _paired(before, after)
    if [new for _, new in sorted(pairs)] != sorted(new for _, new in pairs):
        yield Change(path, "moved", "Conditions put in another order", before, after)
    of = {new: old for old, new in pairs}
    for index, part in enumerate(after):
        if index in of:
            yield from _between(before[of[index]], part, f"{path}[{index}]", name_in_words)
        else:
            yield Change(f"{path}[{index}]", "added", f"Added: {sentence(part, name_in_words)}", None, part)
    for index in sorted(set(range(len(before))) - set(of.values())):
        yield Change(f"{path_before}[{index}]", "removed", f"Removed: {sentence(before[index], name_in_words)}", before[index])


def _paired(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """Which part became which, the surest first; each is taken once."""
    ways: tuple[Callable[[Any, Any], bool], ...] = (
        lambda old, new: "id" in old and old["id"] == new.get("id"),
        same,
        lambda old, new: _asks(old) is not None and _asks(old) == _asks(new),
        lambda old, new: _group(old) is not None and _group(old) == _group(new),
        lambda old, new: "name" in old and old["name"] == new.get("name"),
        lambda old, new: _group(old) is not None and _group(new) is not None,
    )
    pairs: list[tuple[int, int]] = []
    old_left, new_left = list(range(len(before))), list(range(len(after)))
    for way in ways:
        for old in list(old_left):
            new = next((new for new in new_left if isinstance(before[old], Mapping) and way(before[old], after[new])), None)
            if new is not None:
                pairs.append((old, new))
                old_left.remove(old)
                new_left.remove(new)
    return pairs


def _became(before: Tree, after: Tree, name_in_words: Names) -> str:
    """`cart value is at least 100 became 80`, and of what differs in more than its operand the whole."""
    was = sentence(before, name_in_words)
    if {**before, "value": None} == {**after, "value": None}:
        return f"{was} became {to_what(after, name_in_words)}"
    return f"{was} became {sentence(after, name_in_words)}"


def _asks(part: Tree) -> tuple[Any, Any] | None:
    return (part["name"], part.get("operator")) if "name" in part else None


def _group(part: Tree) -> str | None:
    return next((word for word in GROUPS if word in part), None)


def _children(part: Tree, group: str) -> Sequence[Any]:
    inner = part[group]
    return [inner] if group == "not" else inner


def _grouped(part: Tree) -> Tree:
    """A lone comparison as the only one of a group, so that a second one beside it is one more."""
    return part if _group(part) is not None else {"all": [part]}
