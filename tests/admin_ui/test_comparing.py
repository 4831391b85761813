"""An auditor lays two releases side by side, and asks what was live at a moment or made a decision."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from decisioning.models import DecisionRecord
from rules import services
from rules.models import Release
from tests.rules.conftest import BEN, NOW, SHOP, load, publish

LIVE_AT = "/admin/rules/release/live-at/"
DECISION = "01990000-0000-7000-8000-000000000001"


@pytest.fixture
def two(pages):
    """The second release changes a threshold."""
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=BEN, now=NOW)
    return publish(reason="longer", now=NOW + timedelta(hours=1))


def page_of(release: Release) -> str:
    return reverse("admin:rules_release_change", args=[release.pk])


def decided(*, release: int) -> None:
    DecisionRecord.objects.create(
        decision_id=DECISION, at=timezone.now(), evaluated_at=timezone.now(), workspace="shop", user="u:a", placement="banner",
        release=release, outcome="matched", reason="rule",
    )  # fmt: skip


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

    assert answer.context["original"].number == number


def test_the_release_that_made_a_decision_is_shown(pages, two):
    decided(release=1)

    answer = pages.get(LIVE_AT, {"workspace": two.workspace_id, "decision": DECISION})

    assert answer.context["original"] == Release.objects.get(workspace=two.workspace, number=1)


def test_a_decision_is_found_in_whatever_workspace_it_was_made(pages, two):
    blog = services.create_workspace("blog", name="Blog", timezone="UTC", four_eyes=False, actor=BEN)
    decided(release=1)

    answer = pages.get(LIVE_AT, {"workspace": blog.pk, "decision": DECISION})

    assert answer.context["original"] == Release.objects.get(workspace=two.workspace, number=1)


def test_a_decision_whose_release_is_gone_says_which_it_was(pages, two):
    decided(release=7)

    assert "It was decided by shop release 7" in pages.get(LIVE_AT, {"workspace": two.workspace_id, "decision": DECISION}).content.decode()


def test_who_may_not_view_decisions_finds_none(client, two, django_user_model):
    decided(release=1)
    reader = django_user_model.objects.create_user("rita", id=104, is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=("view_release", "view_version")))
    client.force_login(reader)

    assert "You may not look" in client.get(LIVE_AT, {"workspace": two.workspace_id, "decision": DECISION}).content.decode()


@pytest.fixture
def thick(pages):
    """Two more releases within one second, which is not that of the first."""
    second = NOW + timedelta(hours=1)
    for value, part in ((700, 250_000), (800, 250_400)):
        services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=BEN, now=NOW)
        release = publish(reason="longer", now=second + timedelta(microseconds=part))
    return release


@pytest.mark.parametrize(
    ("at", "number", "note"),
    [
        ("2026-01-15T13:00", 1, "2 more releases within this minute"),
        ("2026-01-15T13:00:00", 1, "2 more releases within this second"),
        ("2026-01-15T13:00:00.250", 2, "1 more release within this millisecond"),
        ("2026-01-15T13:00:00.250399", 2, None),
        ("2026-01-15T13:00:00.250400", 3, None),
        ("2026-01-15T13:00:01", 3, None),
        ("9999-12-31T23:59:59", 3, None),
    ],
)
def test_a_moment_tells_releases_of_one_second_apart_and_says_what_it_leaves_open(pages, thick, at, number, note):
    answer = pages.get(LIVE_AT, {"workspace": thick.workspace_id, "at": at})

    assert answer.context["original"].number == number
    [message] = answer.context["messages"]
    assert note in str(message) if note else "within" not in str(message)


def test_where_nothing_was_live_yet_the_releases_of_that_second_are_said(client, anna, db):
    client.force_login(anna)
    load(deepcopy(SHOP))
    release = publish(now=NOW + timedelta(milliseconds=400))

    text = client.get(LIVE_AT, {"workspace": release.workspace_id, "at": f"{NOW:%Y-%m-%dT%H:%M:%S}"}).content.decode()

    assert f'No release was live then. 1 release within this second: <a href="{page_of(release)}">release 1</a> from' in text


def test_a_releases_bundle_is_shown_to_the_byte_by_itself(pages, two):
    address = f"{page_of(two).removesuffix('change/')}bundle/"

    page, bundle = pages.get(page_of(two)).content.decode(), pages.get(address)

    assert f'<a href="{address}">{len(bundle.content)} bytes, canonical JSON</a>' in page
    assert f"sha256:{hashlib.sha256(bundle.content).hexdigest()}" == two.digest
    assert bundle["Content-Type"] == "application/json"


def test_a_releases_page_has_its_moments_to_the_microsecond(pages, thick):
    text = pages.get(page_of(thick)).content.decode()

    assert text.count("15 Jan 2026, 13:00:00.250400 UTC") >= 2


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
