"""What a person is told in one line, without a traceback, when something on their machine stands in the way."""

from __future__ import annotations


class LocalError(Exception):
    """The message says what is wrong and what to do next."""
