"""Rules and users for the engines to meet, made from a seed: in business-rules' own conditions, which every engine here can be told."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["broad", "targeted"]
Shape = Literal["flat", "tree"]
Condition = dict[str, Any]
User = dict[str, Any]

COUNTRIES, STORES = 50, 400
TAGS, TAGS_OF_A_USER = 60, 20
INTERESTS, INTERESTS_OF_A_USER = 20, 5
PLANS = ("free", "silver", "gold", "platinum")
DEVICES = ("phone", "tablet", "desktop")
BOOLEANS = ("member", "newsletter", "app", "returning")
WHOLE, FRACTIONS = ("visits", "orders", "age"), ("spent", "cart", "intent")
NUMBERS = WHOLE + FRACTIONS
COMPARISONS = ("greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to")
LARGEST, STEP = 1_000, 10
"""Numbers of users are below LARGEST, those of rules multiples of STEP; of FRACTIONS both are hundredths of that (a price, a score)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A rule. One with children has no outcome of its own, so the leaves of a tree are what can match."""

    key: str
    conditions: tuple[Condition, ...]
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """Rules (as many leaves as `size` says) and the users who are asked about."""

    size: int
    kind: Kind
    shape: Shape
    nodes: tuple[Node, ...]
    users: tuple[User, ...]

    def flattened(self) -> list[tuple[str, tuple[Condition, ...]]]:
        """Every leaf with its parents' conditions before its own, for engines that know no trees."""
        return list(_leaves(self.nodes, ()))


def _leaves(nodes: tuple[Node, ...], above: tuple[Condition, ...]) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    for node in nodes:
        conditions = above + node.conditions
        if node.children:
            yield from _leaves(node.children, conditions)
        else:
            yield node.key, conditions


def make(
    size: int, kind: Kind, shape: Shape, *, users: int, stores: int = STORES, countries: int = COUNTRIES, whole: bool = False, seed: int = 1
) -> Case:
    """`whole`: without fractions, each of which costs business-rules a conversion to Decimal whenever it is looked at."""
    rng = random.Random(f"{seed} {size} {kind} {shape} {stores} {countries}")
    maker = _Maker(rng, kind, stores, countries, whole=whole)
    nodes = maker.branches(size, frozenset()) if shape == "tree" else maker.leaves(size, frozenset())
    return Case(size, kind, shape, nodes, tuple(_user(rng, stores, countries, whole=whole) for _ in range(users)))


def _one(name: str, operator: str, value: Any) -> Condition:
    return {"name": name, "operator": operator, "value": value}


def _plan(rng: random.Random) -> Condition:
    return _one("traits.plan", "equal_to", rng.choice(PLANS))


def _device(rng: random.Random) -> Condition:
    return _one("context.device", "equal_to", rng.choice(DEVICES))


def _tag(rng: random.Random) -> Condition:
    return _one("tags", "contains", f"tag-{rng.randrange(TAGS)}")


def _interests(rng: random.Random) -> Condition:
    wanted = [f"interest-{number}" for number in rng.sample(range(INTERESTS), 2)]
    return _one("traits.interests", "shares_at_least_one_element_with", wanted)


def _boolean(key: str) -> Callable[[random.Random], Condition]:
    # An operator without a value has one all the same: business-rules looks for it.
    return lambda rng: _one(f"traits.{key}", rng.choice(("is_true", "is_false")), "")


def _number(key: str, *, whole: bool) -> Callable[[random.Random], Condition]:
    return lambda rng: _one(f"traits.{key}", rng.choice(COMPARISONS), _amount(rng.randrange(STEP, LARGEST, STEP), key, whole=whole))


def _amount(number: int, key: str, *, whole: bool) -> float:
    return number if whole or key in WHOLE else number / 100


def _broad(*, whole: bool) -> dict[str, Callable[[random.Random], Condition]]:
    """What a condition may be about when it is true for many: a quarter to a half of the users."""
    return {
        "plan": _plan,
        "device": _device,
        "tag": _tag,
        "interests": _interests,
        **{key: _boolean(key) for key in BOOLEANS},
        **{key: _number(key, whole=whole) for key in NUMBERS},
    }


class _Maker:
    """Gives rules 3 to 5 conditions, those of their parents counted, each about something else; so none contradicts another."""

    def __init__(self, rng: random.Random, kind: Kind, stores: int, countries: int, *, whole: bool) -> None:
        self._rng, self._kind, self._stores, self._countries = rng, kind, stores, countries
        self._broad = _broad(whole=whole)
        self._made = 0

    def leaves(self, count: int, above: frozenset[str]) -> tuple[Node, ...]:
        return tuple(Node(self._key("rule"), tuple(self._conditions(above))) for _ in range(count))

    def branches(self, count: int, above: frozenset[str]) -> tuple[Node, ...]:
        """Ten parents on each level, or two where there are only ten leaves; ten leaves under each of the lowest."""
        parents = min(10, max(2, count // 5))
        return tuple(self._branch(count // parents + (number < count % parents), above) for number in range(parents))

    def _branch(self, count: int, above: frozenset[str]) -> Node:
        about = self._rng.choice([word for word in self._broad if word not in above])
        condition, known = self._broad[about](self._rng), above | {about}
        return Node(self._key("parent"), (condition,), self.branches(count, known) if count > 10 else self.leaves(count, known))

    def _conditions(self, above: frozenset[str]) -> list[Condition]:
        wanted = max(1, self._rng.randint(3, 5) - len(above))
        conditions = [self._targeted()] if self._kind == "targeted" else []
        broad = max(1, wanted - len(conditions))
        conditions += [
            self._broad[about](self._rng) for about in self._rng.sample([word for word in self._broad if word not in above], broad)
        ]
        self._rng.shuffle(conditions)  # people don't write the most selective one first
        return conditions

    def _targeted(self) -> Condition:
        if self._rng.random() < 0.5:
            return _one("context.store", "equal_to", f"store-{self._rng.randrange(self._stores)}")
        return _one("context.country", "equal_to", f"country-{self._rng.randrange(self._countries)}")

    def _key(self, word: str) -> str:
        self._made += 1
        return f"{word}-{self._made}"


def _user(rng: random.Random, stores: int, countries: int, *, whole: bool) -> User:
    """Well typed and complete: a missing number ends a run of business-rules."""
    return {
        "tags": [f"tag-{number}" for number in rng.sample(range(TAGS), TAGS_OF_A_USER)],
        "traits.interests": [f"interest-{number}" for number in rng.sample(range(INTERESTS), INTERESTS_OF_A_USER)],
        "traits.plan": rng.choice(PLANS),
        **{f"traits.{key}": rng.random() < 0.5 for key in BOOLEANS},
        **{f"traits.{key}": _amount(rng.randrange(LARGEST), key, whole=whole) for key in NUMBERS},
        "context.device": rng.choice(DEVICES),
        "context.country": f"country-{rng.randrange(countries)}",
        "context.store": f"store-{rng.randrange(stores)}",
    }


def named(case: Case, name: str) -> int:
    """How many different values the rules compare `name` with."""
    return len({condition["value"] for _, conditions in case.flattened() for condition in conditions if condition["name"] == name})
