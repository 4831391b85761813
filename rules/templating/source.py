"""What is refused before an engine sees a text: too much of it, bytes that are no text, and `{{` or `{%` that never end.

The engines' own lexers need time with the square of an unclosed `{{ ...`, so what they get is bounded here, in linear time.
"""

from __future__ import annotations

import re

from rules.templating import limits
from rules.templating.errors import Finding, Places
from rules.templating.values import UNSTORABLE

CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_RAW = re.compile(r"-?\s{0,100}raw\s{0,100}-?%\}")
_ENDRAW = re.compile(r"\{%-?\s{0,100}endraw\s{0,100}-?%\}")


def refusal(source: str, engine: str) -> Finding | None:
    """What keeps the text from being parsed, if anything does."""
    places = Places(source[: limits.SOURCE + 1])
    if len(source) > limits.SOURCE:
        message = f"The text has {len(source)} characters; {limits.SOURCE} is the most"
        return Finding("template_too_long", places.at(limits.SOURCE), message, "Move parts of it to fields, or to another template.")
    odd = UNSTORABLE.search(source)
    if odd:
        message = "There is a character here that can't be stored"
        return Finding("template_syntax", places.at(odd.start()), message, "Delete it and type it again.")
    opener = re.compile(r"\{[{%#]" if engine == "jinja" else r"\{[{%]")
    found, count = opener.search(source), 0
    while found:
        where, opened, count = places.at(found.start()), found[0], count + 1
        if count > limits.TAGS:
            message = f"There are more than {limits.TAGS} `{{{{ ... }}}}` and `{{% ... %}}`"
            return Finding("template_too_long", where, message, "Use a loop, or split the text into fields.")
        end = source.find(CLOSERS[opened], found.end())
        if end < 0:
            fix = f"Write `{CLOSERS[opened]}` where it ends, or take the `{opened}` away."
            return Finding("template_syntax", where, f"`{opened}` is never closed", fix)
        if end - found.start() > limits.TAG and opened != "{#":
            message = f"`{opened} ... {CLOSERS[opened]}` is longer than {limits.TAG} characters"
            return Finding("template_too_long", where, message, f"Close it with `{CLOSERS[opened]}`, or split it into several.")
        if opened == "{%" and _RAW.match(source, found.end()):
            closing = _ENDRAW.search(source, end)
            if closing is None:
                return Finding("template_syntax", where, "`raw` is never closed", "Write {% endraw %} where it ends.")
            end = closing.end() - 2
        found = opener.search(source, end + 2)
    return None
