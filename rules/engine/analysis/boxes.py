"""Boxes: for each source that matters, the values it may have. Conditions are a few boxes; a user is in a box or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rules.engine.analysis.domains import Domain


class Box:
    """Everyone whose values lie in all of these domains. Where it is not `exact`, conditions were left out: only some of them."""

    __slots__ = ("domains", "exact", "weight")

    def __init__(self, domains: Mapping[int, Domain], exact: bool = True) -> None:
        self.domains = domains
        self.exact = exact
        self.weight = 1 + sum(domain.weight for domain in domains.values())

    def covers(self, other: Box) -> bool:
        """Whether everyone in the other is in this one."""
        theirs = other.domains
        return self.exact and all(key in theirs and domain.covers(theirs[key]) for key, domain in self.domains.items())


EVERYONE = Box({})
UNKNOWN = Box({}, exact=False)


def met(one: Box, two: Box) -> Box | None:
    """Who is in both; None: nobody."""
    if not two.domains:
        return one if two.exact or not one.exact else Box(one.domains, exact=False)
    domains = dict(one.domains)
    return Box(domains, one.exact and two.exact) if narrow(domains, two.domains.items()) else None


def narrow(domains: dict[int, Domain], more: Iterable[tuple[int, Domain]]) -> bool:
    """Takes what must be so besides into the domains. False: nobody is left, and the domains are of no more use."""
    for key, domain in more:
        known = domains.get(key)
        if known is not None and known is not domain:
            domain = known.meet(domain)
        if domain.empty:
            return False
        domains[key] = domain
    return True
