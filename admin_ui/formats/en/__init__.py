"""Dates in English, short and the same everywhere."""
