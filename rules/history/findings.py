"""What a verification found wrong."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """`what` is the chain or table, `first` the first bad row in words (`release 7`), `message` says what is wrong with it."""

    code: str
    what: str
    first: str
    message: str
