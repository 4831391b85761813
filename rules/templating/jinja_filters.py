"""The filters and tests Jinja templates may use, by their Jinja names."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from rules.templating import dates, list_filters, number_filters, text_filters
from rules.templating.values import absent, number


def _truncate(value: object, length: object = 255, killwords: object = False, end: object = "...") -> str:
    short = text_filters.truncate(value, length, end)
    if killwords or short == text_filters.as_text(value):
        return short
    ending = text_filters.as_text(end)
    return short[: len(short) - len(ending)].rsplit(" ", 1)[0] + ending


def _join(value: object, d: object = "") -> str:
    return text_filters.join(value, d)


def _map(value: object, attribute: object) -> list[object]:
    return list_filters.mapped(value, attribute)


def _sum(value: object, attribute: object = None, start: object = 0) -> int | float:
    return number_filters.plus(list_filters.total(value, attribute), start)


def _unique(value: object, case_sensitive: object = False, attribute: object = None) -> list[object]:
    return list_filters.unique(value, attribute)


def _size(value: object) -> int:
    return list_filters.size(value)


FILTERS: dict[str, Callable[..., object]] = {
    "abs": number_filters.absolute,
    "capitalize": text_filters.capitalize,
    "count": _size,
    "d": text_filters.default_if_missing,
    "date": dates.formatted,
    "default": text_filters.default_if_missing,
    "dictsort": list_filters.sorted_pairs,
    "e": text_filters.as_text,
    "escape": text_filters.as_text,
    "first": list_filters.first,
    "float": number_filters.to_number,
    "int": number_filters.to_whole,
    "items": list_filters.pairs,
    "join": _join,
    "last": list_filters.last,
    "length": _size,
    "list": list_filters.as_list,
    "lower": text_filters.downcase,
    "map": _map,
    "max": list_filters.most,
    "min": list_filters.least,
    "rejectattr": list_filters.reject,
    "replace": text_filters.replace,
    "reverse": list_filters.reverse,
    "round": number_filters.rounded,
    "selectattr": list_filters.where,
    "sort": list_filters.ordered_for_jinja,
    "string": text_filters.as_text,
    "striptags": text_filters.strip_html,
    "sum": _sum,
    "title": text_filters.title,
    "trim": text_filters.strip,
    "truncate": _truncate,
    "unique": _unique,
    "upper": text_filters.upcase,
    "urlencode": text_filters.url_encode,
    "wordcount": text_filters.word_count,
}
SIGNATURES = {name: inspect.signature(function) for name, function in FILTERS.items()}

TESTS: dict[str, Callable[..., bool]] = {
    "defined": lambda value: not absent(value),
    "undefined": absent,
    "none": absent,
    "true": lambda value: value is True,
    "false": lambda value: value is False,
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "mapping": lambda value: isinstance(value, dict),
    "sequence": lambda value: isinstance(value, list | str),
    # Jinja's own would format a text: '%999999999d' is even.
    "even": lambda value: number(value) % 2 == 0,
    "odd": lambda value: number(value) % 2 == 1,
    "divisibleby": lambda value, by: number_filters.modulo(value, by) == 0,
}
