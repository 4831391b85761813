"""Every ceiling of templates, in one place: what an author may write and what one rendering may cost."""

from __future__ import annotations

SOURCE = 16_384
"""Characters of one body or field."""

TEMPLATE = 262_144
"""Characters of all bodies and fields of one template, in all languages."""

TAG = 1_000
"""Characters between `{{` and `}}`. The Liquid lexer takes time with the square of this: 16,000 blanks took it 6 seconds."""

TAGS = 1_000
"""`{{ ... }}` and `{% ... %}` of one text."""

NODES = 4_000
"""Parts of one text after parsing: outputs, names, filters, comparisons."""

EXPRESSION_DEPTH = 40
"""Parts inside each other in one expression."""

BLOCKS = 15
"""Blocks (`if`, `for` ...) inside each other."""

LOOPS = 4
"""Loops inside each other."""

FIELDS = 50
LOCALES = 100

STEPS = 40_000
"""Steps of one rendering, body and fields together. A step is one part evaluated, one element or STEP_CHARACTERS characters looked at."""

STEP_CHARACTERS = 64

ITERATIONS = 1_000
"""Elements of one loop; nested loops multiply."""

OUTPUT = 65_536
"""Bytes of one rendering as it comes out, body and fields together."""

TEXT = 16_384
"""Characters a filter or an operator takes or gives."""

ITEMS = 1_000
"""Elements of a list a filter takes or gives."""

VARIABLES = 20_000
"""Characters and elements held in variables the template itself assigns."""

NUMBER = 2**64
"""The largest number arithmetic takes or gives."""

EXPONENT = 64
"""The largest exponent."""

DECIMALS = 15
"""The most decimal places `round` keeps."""

DATE_FORMAT = 100
"""Characters of a date's format."""

DATA_VALUES = 20_000
"""Values under the names a template uses."""

DATA_DEPTH = 32
"""Lists and objects inside each other in those values."""
