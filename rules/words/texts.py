"""What differs between two texts, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from rules.words.change import Change

SHOWN = 120
"""Characters of a line that a sentence shows."""
MOST = 400
"""Lines up to which pairs are looked for; of longer texts all that lies between the same beginning and end is told as one."""


def text_changes(before: str, after: str, path: str, what: str) -> Iterator[Change]:
    """`what` names the text, such as Body. Always something where the texts differ."""
    old, new = before.splitlines(), after.splitlines()
    if old == new or not old or not new:
        words = "changed only where lines end" if old == new else f"{len(new)} lines written" if new else f"all {len(old)} lines removed"
        yield Change(path, "changed" if old == new else "added" if new else "removed", f"{what}: {words}", before, after)
        return
    if max(len(old), len(new)) > MOST:
        yield Change(path, "changed", f"{what}: {len(old)} lines became {len(new)}", before, after)
        return
    for op, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        went, came = old[start:end], new[first:last]
        if op == "replace":
            yield Change(path, "changed", f"{what}, {_lines(first, last)}: {_shown(went)} became {_shown(came)}", went, came)
        elif op == "insert":
            yield Change(path, "added", f"{what}, {_lines(first, last)} added: {_shown(came)}", None, came)
        elif op == "delete":
            yield Change(path, "removed", f"{what}, {_lines(start, end)} removed: {_shown(went)}", went, None)


def _lines(start: int, end: int) -> str:
    return f"line {start + 1}" if end - start == 1 else f"lines {start + 1} to {end}"


def _shown(lines: list[str]) -> str:
    text = " / ".join(line.strip() for line in lines)
    return f"“{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}”"
