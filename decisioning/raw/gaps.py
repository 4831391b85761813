"""Gaps in a partition: the log numbers its entries one by one, so whoever reads them in order knows what is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from decisioning.streams import ids


class Gap(NamedTuple):
    """So many entries are not there between two ids. `before` is empty where nothing comes after them; a count of 0 is not known."""

    partition: int
    after: str
    before: str
    count: int

    def __str__(self) -> str:
        many = f"{self.count} entries are" if self.count > 1 else "1 entry is" if self.count else "nobody knows how many entries are"
        return f"partition {self.partition}: {many} missing after {self.after}, " + (
            f"before {self.before}" if self.before else "at the end"
        )


@dataclass(slots=True)
class Numbers:
    """What was read of one partition. Without a `last` to go on from, the first entry read is taken for the first there is."""

    partition: int
    last: str | None = ids.NEVER
    gaps: list[Gap] = field(default_factory=list)
    entries: int = 0
    unnumbered: int = 0
    """Entries of a Signpost that did not number them yet."""

    def see(self, entry_id: str) -> None:
        """The next entry, in the order of the log."""
        self.entries += 1
        number = ids.parts(entry_id)[1]
        if number == 0:
            self.unnumbered += 1
            return
        before = ids.parts(self.last)[1] if self.last is not None else number - 1
        if number <= before:
            # The count began anew: Redis had lost it, and what came between is not known.
            self.gaps.append(Gap(self.partition, self.last or "", entry_id, 0))
        elif number > before + 1:
            self.gaps.append(Gap(self.partition, self.last or "", entry_id, number - before - 1))
        self.last = entry_id

    def end(self, total: int) -> None:
        """So many entries were taken by the log in all."""
        number = ids.parts(self.last or ids.NEVER)[1]
        if total > number and self.last is not None:
            self.gaps.append(Gap(self.partition, self.last, "", total - number))

    def missing(self) -> int:
        return sum(gap.count for gap in self.gaps)
