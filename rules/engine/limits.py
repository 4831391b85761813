"""Every ceiling of the rule language, in one place: what a document may be before it costs a process more than it is worth."""

from __future__ import annotations

DOCUMENT_BYTES = 16 * 1024 * 1024
"""A workspace document as JSON text: about 30,000 rules."""

NESTING = 200
"""Arrays and objects inside each other, counted before anything recursive reads the document."""

VALUES = 2_000_000
"""Values in a document handed over as Python objects, where sharing could make a small one endless to walk."""

PROBLEMS = 1_000
"""Findings reported at once; one more says that the rest was left out."""

SUGGESTIONS = 20
"""Findings that look for the name that was meant: comparing words is slow, and a hostile document has thousands of wrong ones."""

SIMILAR = 200
"""Names compared with a wrong one."""

CONDITION_DEPTH = 32
CONDITION_NODES = 5_000
"""Groups and comparisons in the conditions of one rule, signal or tag."""

RULE_DEPTH = 16
RULES = 30_000
"""Rules of one workspace."""

LIST = 1_000
"""Elements of a list to compare with."""

TEXT = 1_000
"""Characters of a text to compare with."""

PATTERN = 512
"""Characters of a regular expression."""

PATTERNS = 100
"""Different regular expressions of one workspace: each may use PATTERN_MEMORY, in every process."""

PATTERN_MEMORY = 8 * 1024 * 1024
"""RE2's max_mem: an expression that would compile to more is refused, one that needs more while matching is matched more slowly."""

ITEMS = 1_000
"""Elements looked at of a list of objects."""

SEGMENT_DEPTH = 8
"""Segments that use segments, one after another."""

SEQUENCE_STEPS = 10
"""Steps of a tag's sequence, parts of one that needs several things, events that take one away."""

SEQUENCE_EVENTS = 20
"""Events that the steps of one sequence wait for, each as often as it must come."""

VALUES_APART = 20
"""Repeats of a tag that counts each value by itself."""

GROUP = 20
"""Tags of a group of which a user has one at a time."""

ANY_EVENT = 20
"""Tags given or taken away by any event at all: each is looked at for every event."""

COLLECTED = 100
"""Rules that a placement which collects answers with, where it names no lower limit."""

EXPLAINED = 300
"""Rules that an explanation tells of, beside those that won."""

NEAREST = 3
"""Rules that nearly matched, of which an explanation says what they lacked."""

NAME = 200
"""Characters of a name in a condition."""

INTEGER = 2**53 - 1
"""The largest whole number every JSON reader and the canonical form (RFC 8785) agree on."""

TABLE_CHARACTERS = 4 * 1024 * 1024
"""Of a decision table as CSV."""

TABLE_ROWS = 5_000
"""Rows of a decision table, its heads not counted: each is a rule."""

TABLE_COLUMNS = 200
"""Columns of a decision table."""

TABLE_CELL = 32_767
"""Characters of a decision table's cell: what spreadsheets hold."""

ALTERNATIVES = 64
"""Boxes that the checks of meaning make of one rule's conditions, with those above it; beyond, they leave conditions out."""

EFFORT = 1_000_000
"""Comparisons that the checks of meaning make of one workspace: some seconds. Beyond, they look no further and say so."""

LATEST_VALUES = 50
"""Values that a moving average over the latest ones looks at."""

ADAPTIVE = 50
"""Adaptive thresholds of a workspace: each event of their signals is a sample."""

PURPOSES = 12
"""Purposes of a workspace. Definitions are kept for each set of them that users have granted."""
