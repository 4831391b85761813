"""Words for what is authored: labels and help for fields, and sentences for rules and other bodies."""

from rules.words.basics import APART, NOTHING, TIMES, WITHIN, asked_for, called, given_name, humanised, plain
from rules.words.bounds import capped, rolled_out, scheduled
from rules.words.change import Change
from rules.words.conditions import operator_words, sentence
from rules.words.differences import changes, differences
from rules.words.labels import choices, help_text, label
from rules.words.names import Names, spoken
from rules.words.summaries import summary

__all__ = [
    "APART",
    "NOTHING",
    "TIMES",
    "WITHIN",
    "Change",
    "Names",
    "asked_for",
    "called",
    "capped",
    "changes",
    "choices",
    "differences",
    "given_name",
    "help_text",
    "humanised",
    "label",
    "operator_words",
    "plain",
    "rolled_out",
    "scheduled",
    "sentence",
    "spoken",
    "summary",
]
