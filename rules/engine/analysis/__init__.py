"""Reasoning about conditions without any facts: which users can reach a rule at all, as boxes of values that can be compared."""
