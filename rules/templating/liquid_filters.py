"""The filters Liquid templates may use, by their Liquid names."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from rules.templating import dates, list_filters, number_filters, text_filters

FILTERS: dict[str, Callable[..., object]] = {
    "abs": number_filters.absolute,
    "append": text_filters.append,
    "at_least": number_filters.at_least,
    "at_most": number_filters.at_most,
    "capitalize": text_filters.capitalize,
    "ceil": number_filters.ceil,
    "compact": list_filters.compact,
    "concat": list_filters.concat,
    "date": dates.formatted,
    "default": text_filters.default,
    "divided_by": number_filters.divided_by,
    "downcase": text_filters.downcase,
    "escape": text_filters.as_text,
    "escape_once": text_filters.escape_once,
    "find": list_filters.find,
    "first": list_filters.first,
    "floor": number_filters.floor,
    "has": list_filters.has,
    "join": text_filters.join,
    "last": list_filters.last,
    "lstrip": text_filters.lstrip,
    "map": list_filters.mapped,
    "minus": number_filters.minus,
    "modulo": number_filters.modulo,
    "newline_to_br": text_filters.newline_to_br,
    "plus": number_filters.plus,
    "prepend": text_filters.prepend,
    "reject": list_filters.reject,
    "remove": text_filters.remove,
    "remove_first": text_filters.remove_first,
    "remove_last": text_filters.remove_last,
    "replace": text_filters.replace,
    "replace_first": text_filters.replace_first,
    "replace_last": text_filters.replace_last,
    "reverse": list_filters.reverse,
    "round": number_filters.rounded,
    "rstrip": text_filters.rstrip,
    "size": list_filters.size,
    "slice": text_filters.cut,
    "sort": list_filters.ordered,
    "sort_natural": list_filters.ordered_naturally,
    "split": text_filters.split,
    "squish": text_filters.squish,
    "strip": text_filters.strip,
    "strip_html": text_filters.strip_html,
    "strip_newlines": text_filters.strip_newlines,
    "sum": list_filters.total,
    "times": number_filters.times,
    "truncate": text_filters.truncate,
    "truncatewords": text_filters.truncate_words,
    "uniq": list_filters.unique,
    "upcase": text_filters.upcase,
    "url_decode": text_filters.url_decode,
    "url_encode": text_filters.url_encode,
    "where": list_filters.where,
}

SIGNATURES = {name: inspect.signature(function) for name, function in FILTERS.items()}
