"""Filters over lists, shared by both engines. Elements are plain values, so a property is a key of an object and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from rules.templating.errors import RenderError
from rules.templating.number_filters import plus
from rules.templating.values import absent, items, number, text


def first(value: object) -> object:
    return value[0] if isinstance(value, str | list | tuple) and value else None


def last(value: object) -> object:
    return value[-1] if isinstance(value, str | list | tuple) and value else None


def size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


def as_list(value: object) -> list[object]:
    """Jinja's `list`: of a text its characters, of an object its keys."""
    return list(value) if isinstance(value, str | dict) else items(value)


def pairs(value: object) -> list[object]:
    """Jinja's `items`: key and value of each entry of an object."""
    return [[key, item] for key, item in value.items()] if isinstance(value, dict) else []


def sorted_pairs(value: object) -> list[object]:
    """Jinja's `dictsort`."""
    return [[key, item] for key, item in sorted(value.items())] if isinstance(value, dict) else []


def reverse(value: object) -> object:
    return value[::-1] if isinstance(value, str) else items(value)[::-1]


def compact(value: object, key: object = None) -> list[object]:
    return [item for item in items(value) if not absent(_of(item, key))]


def concat(value: object, other: object) -> list[object]:
    return items(value) + items(other)


def mapped(value: object, attribute: object) -> list[object]:
    """`map`: one property of each element."""
    return [_of(item, attribute) for item in items(value)]


def ordered(value: object, key: object = None) -> list[object]:
    """`sort`: upward; elements without a value come last."""
    return _sorted(items(value), key, lambda found: found)


def ordered_naturally(value: object, key: object = None) -> list[object]:
    """`sort_natural`: upward, capital letters or not."""
    return _sorted(items(value), key, lambda found: text(found).lower())


def ordered_for_jinja(value: object, reverse: object = False, case_sensitive: object = False, attribute: object = None) -> list[object]:
    """Jinja's `sort`."""
    found = _sorted(items(value), attribute, lambda item: item.lower() if isinstance(item, str) and not case_sensitive else item)
    return found[::-1] if reverse else found


def unique(value: object, key: object = None) -> list[object]:
    """`uniq`: the first of each. By how values read, since objects have no order or hash."""
    seen: dict[tuple[str, str], object] = {}
    for item in items(value):
        found = _of(item, key)
        seen.setdefault((type(found).__name__ if isinstance(found, str | bool) else "", text(found)), item)
    return list(seen.values())


def where(value: object, key: object, wanted: object = None) -> list[object]:
    """The elements whose property has the value; without a value, those where it is set and not false."""
    return [item for item in items(value) if _matches(item, key, wanted)]


def reject(value: object, key: object, wanted: object = None) -> list[object]:
    return [item for item in items(value) if not _matches(item, key, wanted)]


def find(value: object, key: object, wanted: object = None) -> object:
    return next((item for item in items(value) if _matches(item, key, wanted)), None)


def has(value: object, key: object, wanted: object = None) -> bool:
    return any(_matches(item, key, wanted) for item in items(value))


def total(value: object, key: object = None) -> int | float:
    """`sum`: of the numbers; everything else counts as 0."""
    found: int | float = 0
    for item in items(value):
        found = plus(found, _of(item, key))
    return found


def least(value: object) -> object:
    return min(map(number, items(value)), default=None)


def most(value: object) -> object:
    return max(map(number, items(value)), default=None)


def _of(item: object, key: object) -> object:
    if absent(key):
        return item
    return item.get(text(key)) if isinstance(item, dict) else None


def _matches(item: object, key: object, wanted: object) -> bool:
    found = _of(item, key)
    if absent(wanted):
        return not absent(found) and found is not False
    if isinstance(found, str) and isinstance(wanted, str):
        return text(found) == text(wanted)
    numbers = int | float | Decimal
    return (
        isinstance(found, numbers)
        and isinstance(wanted, numbers)
        and isinstance(found, bool) == isinstance(wanted, bool)
        and found == wanted
    )


def _sorted(found: list[object], key: object, read: Callable[..., object]) -> list[object]:
    present = [item for item in found if not absent(_of(item, key))]
    try:
        present.sort(key=lambda item: read(_of(item, key)))  # type: ignore[arg-type, return-value]  # what can't be compared raises
    except TypeError as error:
        raise RenderError("bad_value", "Only numbers with numbers and texts with texts can be sorted") from error
    return present + [item for item in found if absent(_of(item, key))]
