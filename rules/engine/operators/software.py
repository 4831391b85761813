"""Operators on texts that are versions of software or network addresses. A text that is neither counts as missing."""

from __future__ import annotations

from typing import Any

from rules.engine import networks, versions
from rules.engine.operators.base import Predicate, operator
from rules.engine.operators.operands import Operand, Refused, texts
from rules.engine.values import Type, in_words

TYPES: tuple[Type, ...] = ("text", "one_of")


def _version(value: object) -> versions.Version:
    found = versions.parse(value) if isinstance(value, str) else None
    if found is None:
        raise Refused("wrong_value", f"the value must be a version, not {in_words(value)}", "Write a version such as 2.10.3.")
    return found


def _networks(value: object) -> tuple[networks.Network, ...]:
    try:
        return tuple(networks.network(str(one)) for one in texts([value] if isinstance(value, str) else value))
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        raise Refused("wrong_value", f"{in_words(value)} is no network", "Write 192.0.2.0/24, 2001:db8::/32 or one address.") from error


VERSION = Operand("version", "a version such as 2.10.3", _version, other="version")
NETWORKS = Operand("networks", "a network such as 192.0.2.0/24, or a list of them", _networks)


@operator("version_equal_to", TYPES, reads="version", operand=VERSION, missing=False, needs="to be version {}", origin="signpost")
def version_equal_to(expected: Any) -> Predicate:
    return lambda value: value == expected


@operator("version_greater_than", TYPES, reads="version", operand=VERSION, missing=False, needs="to be after version {}", origin="signpost")
def version_greater_than(expected: Any) -> Predicate:
    return lambda value: value > expected


@operator(
    "version_greater_than_or_equal_to",
    TYPES,
    reads="version",
    operand=VERSION,
    missing=False,
    needs="to be version {} or later",
    origin="signpost",
)
def version_greater_than_or_equal_to(expected: Any) -> Predicate:
    return lambda value: value >= expected


@operator("version_less_than", TYPES, reads="version", operand=VERSION, missing=False, needs="to be before version {}", origin="signpost")
def version_less_than(expected: Any) -> Predicate:
    return lambda value: value < expected


@operator(
    "version_less_than_or_equal_to",
    TYPES,
    reads="version",
    operand=VERSION,
    missing=False,
    needs="to be version {} or earlier",
    origin="signpost",
)
def version_less_than_or_equal_to(expected: Any) -> Predicate:
    return lambda value: value <= expected


@operator("in_network", TYPES, reads="address", operand=NETWORKS, missing=False, needs="to be in {}", origin="signpost")
def in_network(expected: tuple[networks.Network, ...]) -> Predicate:
    return lambda value: any(value in network for network in expected)
