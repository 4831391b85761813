"""How pages name what is authored and lead to it; and how those of history write a hash, a state, a verdict."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst

from admin_ui.moments import exactly
from rules import words
from rules.bodies import Body
from rules.models import PROXIES, Item, Release, Version
from rules.selectors import MEANINGS, VERSION_STATES


def item_address(item: Item) -> str:
    return reverse(f"admin:rules_{PROXIES[item.kind].__name__.lower()}_change", args=[item.pk])


def item_link(item: Item, *bodies: Body | None) -> str:
    """`bodies`: what it says or said, the one to be named by first; removals say nothing."""
    return with_key(format_html('{} <a href="{}">{}</a>', item.kind, item_address(item), name_of(item, *bodies)), item.key)


def name_of(item: Item, *bodies: Body | None) -> str:
    """Its name in the first body that has one, or its key in words."""
    return words.given_name(*bodies) or capfirst(words.humanised(item.key))


def version_name(version: Version, *before: Body | None) -> str:
    """`before`: what the thing said earlier, for a version that removes it."""
    return f"{name_of(version.item, version.body, *before)} v{version.number}"


def with_key(name: Any, key: str) -> str:
    """A name with the key small beneath it; the key alone where that is the name."""
    return format_html('{}<span class="key">{}</span>', name, key) if str(name) != key else key


def hash_shown(digest: str) -> str:
    return format_html('<code class="hash">{}</code>', digest or words.NOTHING)


def release_link(release: Release) -> str:
    return format_html('<a href="{}">release {}</a>', reverse("admin:rules_release_change", args=[release.pk]), release.number)


def version_link(version: Version | None) -> str:
    if version is None:
        return words.NOTHING
    return format_html('<a href="{}">v{}</a>', reverse("admin:rules_version_change", args=[version.pk]), version.number)


def state_shown(state: str) -> str:
    return format_html('<span class="state state-{}" title="{}">{}</span>', state, MEANINGS[state], VERSION_STATES[state])


def approvals_shown(version: Version) -> str:
    """Each verdict with who gave it, when, and their words; `nobody` where there is none."""
    lines = (
        (
            given.get_verdict_display(),
            given.reviewer_name,
            f": “{given.comment}”" if given.comment else "",
            exactly(given.created_at),
        )
        for given in version.approvals.all()
    )
    said = format_html_join(mark_safe("<br>"), '{} by {}{} <span class="quiet">{}</span>', lines)
    return said or mark_safe('<span class="quiet">nobody</span>')
