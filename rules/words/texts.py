"""What differs between two texts, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rules.words.change import Change

WHOLE = 300
"""Characters up to which a text is told in full."""
SHOWN = 120
"""Characters of a longer one that a sentence shows."""
LEAD = 20
"""Of these the ones before the first that differs, where it stands further on."""
MOST = 400
"""Lines up to which pairs are looked for; of longer texts all that lies between the same beginning and end is told as one."""


def text_changes(before: str, after: str, path: str, what: str) -> Iterator[Change]:
    """`what` names the text, such as Body. Always something where the texts differ."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        yield Change(path, "changed", f"{what}: changed only where lines end", before, after)
    elif not old:
        yield Change(path, "added", f"{what} added{_how_long(new)}: {quoted(new)}", before, after)
    elif not new:
        yield Change(path, "removed", f"{what} removed{_how_long(old)}: {quoted(old)}", before, after)
    else:
        for op, start, end, first, last in _steps(old, new):
            went, came = old[start:end], new[first:last]
            if op == "replace":
                where = "" if len(old) == len(new) == 1 else f", {_lines(first, last)}"
                yield Change(path, "changed", f"{what}{where}: {quoted(went, came)} became {quoted(came, went)}", went, came)
            elif op == "insert":
                yield Change(path, "added", f"{what}, {_lines(first, last)} added: {quoted(came)}", None, came)
            elif op == "delete":
                yield Change(path, "removed", f"{what}, {_lines(start, end)} removed: {quoted(went)}", went, None)


def _steps(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """As SequenceMatcher has them: what was done, the lines from and to of the older text, and of the newer one."""
    if max(len(old), len(new)) <= MOST:
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    first = _alike(old, new)
    last = _alike(old[first:][::-1], new[first:][::-1])
    end_of_old, end_of_new = len(old) - last, len(new) - last
    op = "insert" if first == end_of_old else "delete" if first == end_of_new else "replace"
    return [(op, first, end_of_old, first, end_of_new)]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines, or characters, are the same from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _lines(start: int, end: int) -> str:
    return f"line {start + 1}" if end - start == 1 else f"lines {start + 1} to {end}"


def _how_long(lines: list[str]) -> str:
    return f", {len(lines)} lines" if len(lines) > 1 else ""


def quoted(lines: list[str], beside: list[str] | None = None) -> str:
    """A short text in full. Of a longer one a piece that holds the first character in which it differs from the one beside it."""
    text, other = (" / ".join(map(str.strip, some)) for some in (lines, beside or []))
    if text == other:  # they differ in spaces alone
        text, other = " / ".join(lines), " / ".join(beside or [])
    if len(text) <= WHOLE:
        return f"“{text}”"
    start = max(_alike(text, other) - LEAD, 0)
    piece = text[start : start + SHOWN]
    return f"“{'…' if start else ''}{piece}{'…' if start + SHOWN < len(text) else ''}”"
