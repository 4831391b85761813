"""From tests to domains: each test is about a source, or about itself where nothing can be said of what it is true of."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from rules.engine.analysis import lists
from rules.engine.analysis.domains import Domain, Numbers, Values
from rules.engine.linked import Linked, Test
from rules.engine.nodes import Compare
from rules.engine.operators.shapes import Among, Constant, Holds
from rules.engine.spans import EVERYWHERE, spans_of
from rules.engine.values import MISSING, Reading
from rules.engine.work import Work
from rules.engine.workspace import Rule

BOTH = frozenset({True, False})
SHARE = ((0.0, 100.0),)
"""Where the bucket of a user lies."""


def tests(linked: Linked) -> Iterator[Test]:
    """From left to right. Depth was limited when the conditions were read."""
    if isinstance(linked, Test):
        yield linked
    else:
        for part in linked.parts:
            yield from tests(part)


class Atoms:
    """Keys are numbers of sources, and beyond those numbers dealt to what is no source: a split, or a test that is only itself."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._readings: dict[int, Reading] = {number: reading for (_, reading), number in work.numbers.items()}
        # A name read as text and as one of several texts is read the same way: what is said of the one holds for the other.
        alike: dict[Hashable, int] = {}
        self._first = [alike.setdefault((source.name, source.read), number) for number, source in enumerate(work.table)]
        self._whole: dict[int, Domain] = {}
        self._dealt: dict[Hashable, int] = {}
        self._leaves: dict[int, Compare] = {}
        self._gates: dict[int, Rule] = {}
        for site in work.sites:
            if site.linked is not None:
                self._leaves |= zip(map(id, tests(site.linked)), site.leaves, strict=True)
            if site.rule is not None:
                self._gates |= {id(gate): site.rule for gate in site.gates}

    def leaf(self, test: Test) -> Compare | None:
        """The comparison a test was made of; None of a gate."""
        return self._leaves.get(id(test))

    def parts(self, test: Test, wanted: bool) -> Iterator[tuple[int, Domain]]:
        """What must be so for the test to come out as wanted; together exactly that."""
        missing = test.missing is wanted
        way = test.ways[0]
        source = self.source(test)
        alone = len(test.ways) == 1
        if alone and way.shape is not None and not way.extra:
            yield source, self._domain(source, test, wanted, missing)
            return
        if alone and not missing:
            # Without a value it would come out the other way.
            yield source, self._domain_of_any(source)
        share = self._share(test) if alone else None
        if share is None:
            key = self._key(("test", *self._same(test)), Values(BOTH, True, False))
            yield key, Values(frozenset({wanted}), True, False)
        else:
            salt, low, high = share
            key = self._key(("split", source, salt), Numbers(SHARE, True))
            inside = Numbers(((low, high),) if low < high else (), missing)
            outside = Numbers(tuple(span for span in ((0.0, low), (high, 100.0)) if span[0] < span[1]), missing)
            yield key, inside if wanted else outside

    def source(self, test: Test) -> int:
        return self._first[test.ways[0].source]

    def whole(self, key: int) -> Domain:
        """All there can be."""
        if key not in self._whole:
            source = self._work.table[key]
            missing = source.segment is None and source.default is MISSING
            match self._readings[key]:
                case "number" | "datetime" | "duration":
                    self._whole[key] = Numbers(tuple(EVERYWHERE), missing)
                case "many_of":
                    self._whole[key] = lists.lists((), frozenset(), (), missing)
                case "boolean":
                    self._whole[key] = Values(BOTH, True, missing)
                case _:
                    self._whole[key] = Values(frozenset(), False, missing)
        return self._whole[key]

    def _domain(self, key: int, test: Test, wanted: bool, missing: bool) -> Domain:
        shape, whole = test.ways[0].shape, self.whole(key)
        if isinstance(shape, Constant) and shape.answer is wanted:
            return whole if missing else self._domain_of_any(key)
        if isinstance(whole, Numbers) and shape is not None:
            return whole.meet(Numbers(tuple(spans_of(shape, wanted)), missing))
        if isinstance(whole, lists.Lists):
            return whole.meet(lists.of(shape, wanted, missing) if isinstance(shape, Holds) else lists.nothing(missing))
        found = Values(shape.values, shape.inside is wanted, missing) if isinstance(shape, Among) else Values(frozenset(), True, missing)
        return whole.meet(found)

    def _domain_of_any(self, key: int) -> Domain:
        """Any value, but one."""
        match self.whole(key):
            case Numbers(spans, _):
                return Numbers(spans, False)
            case Values(values, inside, _):
                return Values(values, inside, False)
        return lists.lists((), frozenset(), (), False)

    def _share(self, test: Test) -> tuple[str, float, float] | None:
        rule, operand = self._gates.get(id(test)), test.ways[0].operand
        if test.operator == "rollout" and rule is not None and rule.rollout is not None:
            return rule.rollout.salt or rule.key, 0.0, rule.rollout.percent
        return operand if test.operator == "in_split" and isinstance(operand, tuple) else None

    def _same(self, test: Test) -> tuple[Hashable, ...]:
        """Equal for tests that must come out alike."""
        leaf = self.leaf(test)
        written = id(test) if leaf is None and test.operator != "schedule" else leaf.value if leaf else repr(test.expected)
        return test.variable.name, test.operator, written, test.missing

    def _key(self, thing: Hashable, whole: Domain) -> int:
        key = self._dealt.setdefault(thing, len(self._work.table) + len(self._dealt))
        self._whole.setdefault(key, whole)
        return key
