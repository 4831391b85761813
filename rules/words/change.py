"""One difference between two bodies, and when two JSON values are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import rfc8785

Op = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """`path` is the JSON path in the newer body, of what was removed that in the older one; `words` a sentence for people."""

    path: str
    op: Op
    words: str
    before: Any = None
    after: Any = None


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are hashed alike: 1 and 1.0 are, 1 and true are not."""
    return bool(one == other) and bool(rfc8785.dumps(one) == rfc8785.dumps(other))
