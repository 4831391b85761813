"""Filters for the admin's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from rules import words

register = template.Library()


@register.filter
def says(body: Mapping[str, Any] | None, kind: str) -> str:
    """One line on what a body says."""
    return words.summary(kind, body)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.simple_tag
def changes(kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two bodies, for people."""
    return words.changes(kind, before, after)
