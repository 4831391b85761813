"""The rule engine, pure: a workspace document in, decisions and their reasons out. No clock, no I/O, no randomness."""

from __future__ import annotations

from rules.engine.check import advice, check, obstacles
from rules.engine.compile import compile_conditions, compile_ruleset, compile_user_conditions
from rules.engine.conditions import read_conditions, write_conditions
from rules.engine.document import parse_workspace
from rules.engine.errors import Advice, DocumentError, Problem
from rules.engine.ruleset import Choice, Conditions, Ruleset
from rules.engine.values import MISSING
from rules.engine.vocabulary import Variable, Vocabulary

__all__ = [
    "MISSING",
    "Advice",
    "Choice",
    "Conditions",
    "DocumentError",
    "Problem",
    "Ruleset",
    "Variable",
    "Vocabulary",
    "advice",
    "check",
    "compile_conditions",
    "compile_ruleset",
    "compile_user_conditions",
    "obstacles",
    "parse_workspace",
    "read_conditions",
    "write_conditions",
]
