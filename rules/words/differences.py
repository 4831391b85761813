"""Everything that differs between two bodies of one thing, each as a sentence with its place. Nothing differs where the hashes are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.words.basics import humanised, plain
from rules.words.change import Change, Op, same
from rules.words.labels import label
from rules.words.names import Names, spoken
from rules.words.summaries import changed, summand, summary
from rules.words.texts import quoted, text_changes
from rules.words.trees import tree_changes

Body = Mapping[str, Any]
TREES = frozenset({"when", "where"})
TEXTS = frozenset({"body", "description"})
PLACES = frozenset({"position", "parent", "placement"})


def differences(kind: str, before: Body | None, after: Body | None, name_in_words: Names = spoken) -> list[Change]:
    """In the order of the newer body's fields. None stands for a thing that was not there, or is gone."""
    if before is None or after is None:
        if before is None and after is None:
            return []
        made, body = ("Created", after) if before is None else ("Removed", before)
        return [Change("$", "added" if before is None else "removed", f"{made}: {summary(kind, body)}", before, after)]
    return [found for field in _fields(before, after) for found in _told(field, before, after, name_in_words)]


def changes(kind: str, before: Body | None, after: Body | None) -> str:
    """What differs between two bodies that are there, in a line."""
    if before is None or after is None:
        return ""
    return ", ".join(change.words[:1].lower() + change.words[1:] for change in differences(kind, before, after))


def _told(field: str, before: Body, after: Body, name_in_words: Names) -> list[Change]:
    """Never nothing: of what has no words of its own, as an empty list in place of none, it is told that it changed."""
    found = list(_field(field, before, after, "$", name_in_words))
    return found or [Change(f"$.{field}", "changed", f"{label(field)} changed", before.get(field), after.get(field))]


def _fields(before: Body, after: Body) -> list[str]:
    return [
        field
        for field in dict.fromkeys([*after, *before])
        if (field in before) is not (field in after) or not same(before[field], after[field])
    ]


def _are(kind: type, *values: object) -> bool:
    """At least one of them, and the others are not there."""
    return any(isinstance(value, kind) for value in values) and all(value is None or isinstance(value, kind) for value in values)


def _field(field: str, before: Body, after: Body, above: str, name_in_words: Names) -> Iterator[Change]:
    old, new, path = before.get(field), after.get(field), f"{above}.{field}"
    if field in TREES:
        yield from tree_changes(old, new, path, name_in_words)
    elif field in {"assign", "remove"} and old and new and set(_fields(old, new)) <= TREES:
        for inner in _fields(old, new):
            yield from _field(inner, old, new, path, name_in_words)
    elif field == "terms":
        yield from _terms(old or [], new or [], path)
    elif field in {"bands", "fields", "locales"} and _are(Mapping, old, new):
        yield from _named(field, old or {}, new or {}, path, name_in_words)
    elif field in TEXTS and _are(str, old, new):
        yield from text_changes(old or "", new or "", path, label(field))
    elif _are(list, old, new):
        yield from _listed(old or [], new or [], path, label(field))
    else:
        words = changed(field, before, after)
        yield Change(path, _op(old, new, moved=field in PLACES), words[:1].upper() + words[1:], old, new)


def _op(old: object, new: object, *, moved: bool = False) -> Op:
    return "moved" if moved else "added" if old is None else "removed" if new is None else "changed"


def _terms(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Change]:
    """A score's summands, paired by their signal and what is taken of it."""
    left = list(enumerate(before))
    for index, term in enumerate(after):
        of = next((entry for entry in left if all(entry[1].get(word) == term.get(word) for word in ("signal", "take"))), None)
        if of is None:
            yield Change(f"{path}[{index}]", "added", f"Added: {summand(term)}", None, term)
            continue
        left.remove(of)
        if not same(of[1], term):
            fields = [f"{_of_term(field, of[1])} became {_of_term(field, term)}" for field in _fields(of[1], term)]
            yield Change(f"{path}[{index}]", "changed", f"{humanised(term['signal'])}: {', '.join(fields)}", of[1], term)
    for index, term in left:
        yield Change(f"{path}[{index}]", "removed", f"Removed: {summand(term)}", term)
    kept = [term for term in after if any(same(term, one) for one in before)]
    if [term for term in before if any(same(term, one) for one in after)] != kept:
        yield Change(path, "moved", "Summands put in another order", before, after)


def _of_term(field: str, term: Body) -> str:
    if field == "boosts":
        said = [f"{plain(one.get('factor'))} times from {one.get('from')} until {one.get('until')}" for one in term.get(field, [])]
        return f"boosted {', '.join(said)}" if said else "not boosted"
    usual = {"weight": 1, "gain": 1, "per": 1, "take": "sum"}
    return f"{humanised(field)} {plain(term.get(field, usual.get(field, 'not bounded')))}"


def _named(field: str, before: Body, after: Body, path: str, name_in_words: Names) -> Iterator[Change]:
    """Bands by their name, fields by theirs, texts by their language."""
    for key in _fields(before, after):
        old, new, here = before.get(key), after.get(key), f"{path}.{key}"
        one = {"bands": "Band", "fields": "Field", "locales": "Language"}[field]
        if old is None or new is None:
            shown = old if new is None else new
            op = _op(old, new)
            yield Change(here, op, f"{one} {key} {op}{_told_of(field, shown)}", old, new)
        elif field == "bands":
            yield Change(here, "changed", f"Band {key} from {plain(old)} became from {plain(new)}", old, new)
        elif field == "fields":
            yield from text_changes(old, new, here, f"Field {key}")
        else:
            for inner in _fields(old, new):
                for found in _field(inner, old, new, here, name_in_words):
                    yield Change(found.path, found.op, f"{key}: {found.words}", found.before, found.after)


def _told_of(field: str, value: Any) -> str:
    """What came or went, after its name."""
    if field == "bands":
        return f" from {plain(value)}"
    said = quoted(value.splitlines()) if field == "fields" and isinstance(value, str) else summary("template", value) if value else ""
    return f": {said}" if said else ""


def _listed(before: Sequence[Any], after: Sequence[Any], path: str, what: str) -> Iterator[Change]:
    """Plain lists, such as the values of a trait: what came, what went, or another order."""
    came = [part for part in after if not any(same(part, one) for one in before)]
    went = [part for part in before if not any(same(part, one) for one in after)]
    if came:
        yield Change(path, "added", f"{what}: {', '.join(map(plain, came))} added", None, came)
    if went:
        yield Change(path, "removed", f"{what}: {', '.join(map(plain, went))} removed", went, None)
    if not came and not went:
        yield Change(path, "moved", f"{what}: put in another order", before, after)
