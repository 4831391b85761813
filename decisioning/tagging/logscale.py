"""Numbers to buckets whose bounds grow by a constant factor, so that a bucket's middle is within a stated share of all it holds.

With the accuracy a and g = (1 + a) / (1 - a), bucket i > 0 holds the numbers in (least * g^(i - 1), least * g^i] and stands for
2 * least * g^i / (g + 1), which is at most a share a off. Negative numbers have the buckets below 0; magnitudes below `least` are bucket 0.
Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", PVLDB 12 (2019).
"""

from __future__ import annotations

from math import ceil, log

import msgspec


class LogScale(msgspec.Struct, frozen=True):
    accuracy: float
    least: float
    """Magnitudes below it count as 0."""
    most: float
    """Magnitudes above it count as it."""

    @property
    def growth(self) -> float:
        return (1 + self.accuracy) / (1 - self.accuracy)

    def index(self, value: float) -> int:
        """The number's bucket. A greater number never has a lower one."""
        size = min(abs(value), self.most)
        if size < self.least:
            return 0
        bucket = max(1, ceil(log(size / self.least) / log(self.growth)))
        return bucket if value > 0 else -bucket

    def value(self, index: int) -> float:
        """What the bucket stands for."""
        if index == 0:
            return 0.0
        size = 2 * self.least * self.growth ** abs(index) / (self.growth + 1)
        return size if index > 0 else -size
