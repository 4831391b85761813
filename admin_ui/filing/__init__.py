"""Folders of authored things: found by them, moved between them, and the page where the folders themselves are kept."""
