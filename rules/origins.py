"""Origins as API keys list them: one normal spelling, the one browsers send, and whether a list allows one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

ANY = "*"
ANY_PORT = ":*"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SHAPE = re.compile(r"(https?)://(\[[0-9a-f:.]*\]|[^\[\]:/?#@\\\s]+)(?::(\*|[0-9]{1,6}))?/?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def normalised(text: str) -> str:
    """The origin as a browser writes it: lower case, without its scheme's own port. Raises ValueError with words for people.

    `*` stands for every origin and the port `*` for every port. A list is compared letter by letter with what browsers send,
    so what no browser could send is refused here instead of being kept and never matching.
    """
    if text == ANY:
        return ANY
    if not text.isascii():
        raise ValueError(f"{text!r} is not an origin: browsers send such names in their xn-- form.")
    match = _SHAPE.fullmatch(text.lower())
    if match is None:
        raise ValueError(f"{text!r} is not an origin: it is http:// or https://, a host, and a port where it is not the usual one.")
    scheme, host, port = match.groups()
    return f"{scheme}://{_host(host, text)}{_port(scheme, port, text)}"


def allows(patterns: Iterable[str], origin: str) -> bool:
    """Whether a browser's Origin is on a list of normal origins. Takes nothing apart, so no text is too strange for it."""
    return any(_matches(pattern, origin) for pattern in patterns)


def _matches(pattern: str, origin: str) -> bool:
    if not pattern.endswith(ANY_PORT):
        return pattern in (ANY, origin)
    base = pattern.removesuffix(ANY_PORT)
    port = origin.removeprefix(f"{base}:")
    return origin == base or (port != origin and port.isascii() and port.isdigit())


def _host(host: str, text: str) -> str:
    try:
        if host.startswith("["):
            return f"[{IPv6Address(host[1:-1]).compressed}]"
        if host.rpartition(".")[2].isdigit():  # browsers take a name that ends in a number for an address
            return str(IPv4Address(host))
    except ValueError as error:
        raise ValueError(f"{text!r} is not an origin: {host} is not an IP address.") from error
    if "*" in host:
        raise ValueError(f"{text!r} is not an origin: a part of a host can't be *, so list each host by itself.")
    if not _NAME.fullmatch(host):
        raise ValueError(f"{text!r} is not an origin: {host!r} is not the name of a host.")
    return host


def _port(scheme: str, port: str | None, text: str) -> str:
    if port is None:
        return ""
    if port == "*":
        return ANY_PORT
    if not 0 < int(port) < 65_536:
        raise ValueError(f"{text!r} is not an origin: ports go from 1 to 65535.")
    return "" if int(port) == _DEFAULT_PORTS[scheme] else f":{int(port)}"
