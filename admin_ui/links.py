"""How pages of history write a hash, a state, a verdict, and the way to a release or version."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from admin_ui.moments import exactly
from rules import words
from rules.models import Release, Version
from rules.selectors import MEANINGS, VERSION_STATES


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
