"""Network addresses and ranges of them, IPv4 and IPv6."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def address(text: str) -> Address | None:
    """None for what is no address. An IPv4 address told as IPv6 (::ffff:192.0.2.1) is the IPv4 one."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def network(text: str) -> Network:
    """`192.0.2.0/24`, `2001:db8::/32`, or one address; told as IPv6 (::ffff:192.0.2.0/120) it is the IPv4 one. Raises ValueError."""
    found = ip_network(text, strict=False)
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) and found.prefixlen >= 96 else None
    return IPv4Network((mapped, found.prefixlen - 96)) if mapped is not None else found
