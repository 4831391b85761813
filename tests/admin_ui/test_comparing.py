"""An auditor lays two releases side by side, and asks what was live at a moment or made a decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from decisioning.models import DecisionRecord
from rules import services
from rules.models import Release
from tests.rules.conftest import BEN, NOW, publish

LIVE_AT = "/admin/rules/release/live-at/"


@pytest.fixture
def two(pages):
    """The second release changes a threshold."""
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=BEN, now=NOW)
    return publish(reason="longer", now=NOW + timedelta(hours=1))


def page_of(release: Release) -> str:
    return reverse("admin:rules_release_change", args=[release.pk])


def test_two_releases_are_compared_in_words(pages, two):
    text = pages.get(reverse("admin:rules_release_compare", args=[two.pk])).content.decode()

    assert "threshold long" in text
    assert "Value 600 became 700" in text


def test_a_release_beside_itself_or_beside_none_says_so(pages, two):
    nothing = pages.get(reverse("admin:rules_release_compare", args=[two.pk]) + "?with=99").content.decode()

    assert "no other release of that number" in nothing


@pytest.mark.parametrize(("after", "number"), [(timedelta(minutes=1), 1), (timedelta(hours=2), 2)])
def test_what_was_live_at_a_moment_is_shown(pages, two, after, number):
    answer = pages.get(LIVE_AT, {"workspace": two.workspace_id, "at": f"{NOW + after:%Y-%m-%dT%H:%M:%S}"})

    assert answer.url == page_of(Release.objects.get(workspace=two.workspace, number=number))


def test_the_release_that_made_a_decision_is_shown(pages, two):
    decision = "01990000-0000-7000-8000-000000000001"
    DecisionRecord.objects.create(
        decision_id=decision, at=timezone.now(), evaluated_at=timezone.now(), workspace="shop", user="u:a", placement="banner", release=1,
        outcome="matched", reason="rule",
    )  # fmt: skip

    answer = pages.get(LIVE_AT, {"workspace": two.workspace_id, "decision": decision})

    assert answer.url == page_of(Release.objects.get(workspace=two.workspace, number=1))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Give a moment or a decision"),
        ({"at": "1999-01-01T00:00:00"}, "No release was live then."),
        ({"decision": "01990000-0000-7000-8000-00000000000f"}, "There is no such decision in the archive."),
        ({"at": "noon"}, "Enter a valid date/time."),
    ],
)
def test_what_can_not_be_found_is_said(pages, two, given, said):
    text = pages.get(LIVE_AT, {"workspace": two.workspace_id, **given}).content.decode()

    assert said in text
