"""Publishing, approving and rolling back from the pages; workspaces and keys."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from rules import apikeys, services
from rules.bundles import api_keys
from rules.models import ApiKey, Approval, Draft, Release, Version, Workspace
from tests.admin_ui.conftest import change, said
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish_page(shop) -> str:
    return f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/"


def test_the_publish_page_shows_what_would_go_live_and_whose_it_is(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    services.save_draft("shop", kind="context", key="device", body=None, author=BEN, now=NOW)

    page = pages.get(publish_page).content.decode()

    assert "threshold long" in page
    assert "900" in page
    assert "<em>removed</em>" in page
    assert "Ben" in page


def test_publishing_needs_a_reason(pages, publish_page):
    change(pages, "threshold", "long", value="900")

    pages.post(publish_page, {"reason": "", "publish": "Publish"})

    assert Release.objects.count() == 1


def test_publishing_what_is_broken_says_every_problem_in_words(pages, publish_page, anna):
    services.save_draft("shop", kind="template", key="generic", body=None, author=anna, now=NOW)
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=NOW)

    response = pages.post(publish_page, {"reason": "oops", "publish": "Publish"})

    assert said(response).count("There is no template 'generic'") == 2
    assert "buyer" in said(response)
    assert Release.objects.count() == 1


def test_publishing_only_ones_own_drafts_leaves_the_others(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    services.save_draft("shop", kind="context", key="device", body=None, author=BEN, now=NOW)

    pages.post(publish_page, {"reason": "mine", "only_mine": "on", "publish": "Publish"})

    assert Release.objects.count() == 2
    assert Draft.objects.get().author_name == "Ben"


def test_publishing_needs_the_right_to(client, django_user_model, publish_page):
    marketer = django_user_model.objects.create_user("marketer", is_staff=True)
    marketer.user_permissions.set(Permission.objects.exclude(codename="publish_workspace"))
    client.force_login(marketer)

    assert client.get(publish_page).status_code == 403


def test_with_four_eyes_drafts_are_sent_for_approval_approved_by_another_and_published(pages, publish_page, client, django_user_model):
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    change(pages, "threshold", "long", value="900")
    pages.post(publish_page, {"reason": "longer", "submit": "Send"})
    version = Version.objects.get(number=2)
    own = pages.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "Approve"}, follow=True)

    client.force_login(django_user_model.objects.create_superuser("boss"))
    client.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "Approve", "comment": "fine"})
    client.post(publish_page, {"reason": "approved", "publish": "Publish"})

    assert "Somebody else has to look at it" in said(own)
    assert Approval.objects.get().reviewer_name == "boss"
    assert Release.objects.get(number=2).four_eyes is True


def test_rolling_back_from_a_releases_page_makes_a_new_release(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    pages.post(publish_page, {"reason": "longer", "publish": "Publish"})
    first = Release.objects.get(number=1)

    response = pages.post(f"/admin/rules/release/{first.pk}/roll-back/", {"reason": "too long"}, follow=True)

    assert "Release 3 is live" in said(response)
    assert Release.objects.get(number=3).digest == first.digest


def test_a_workspace_is_made_and_changed_from_its_form(pages):
    pages.post("/admin/rules/workspace/add/", {"key": "blog", "name": "The blog", "timezone": "Europe/Oslo"})
    made = Workspace.objects.get(key="blog")

    pages.post(f"/admin/rules/workspace/{made.pk}/change/", {"key": "other", "name": "Blog", "timezone": "UTC", "four_eyes": "on"})

    made.refresh_from_db()
    assert (made.key, made.name, made.timezone, made.four_eyes) == ("blog", "Blog", "UTC", True)


def issue(pages, **options):
    return pages.post("/admin/rules/apikey/add/", {"workspace": Workspace.objects.get().pk, "kind": "secret", "label": "server", **options})


def test_an_issued_key_is_shown_once_and_works(pages):
    response = issue(pages)

    text = response.context["text"]
    assert apikeys.well_formed(text)
    assert text in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert api_keys()[0].digest == apikeys.digest(text)
    assert text not in pages.get("/admin/rules/apikey/").content.decode()
    assert text not in pages.get(f"/admin/rules/apikey/{ApiKey.objects.get().pk}/change/").content.decode()


def test_a_key_that_could_not_be_used_is_not_issued_and_the_page_says_why(pages):
    response = pages.post(
        "/admin/rules/apikey/add/",
        {"workspace": Workspace.objects.get().pk, "kind": "publishable", "label": "x", "scopes": ["users:read"], "origins": "shop"},
        follow=True,
    )

    assert "has no scope users:read" in said(response)
    assert "'shop' is not an origin" in said(response)
    assert not ApiKey.objects.exists()


def test_a_keys_digest_is_neither_shown_nor_changed(pages):
    issue(pages)
    key = ApiKey.objects.get()
    there = f"/admin/rules/apikey/{key.pk}/change/"

    page = pages.get(there).content.decode()
    answer = pages.post(there, {"digest": "0" * 64, "label": "other"})

    assert key.digest not in page
    assert answer.status_code == 403
    assert ApiKey.objects.get().digest == key.digest


def test_a_key_is_revoked_from_its_page(pages):
    issue(pages)

    pages.post(f"/admin/rules/apikey/{ApiKey.objects.get().pk}/revoke/")

    assert api_keys() == []


def test_keys_are_revoked_from_the_list(pages):
    issue(pages)
    issue(pages)

    pages.post("/admin/rules/apikey/", {"action": "revoke", "_selected_action": list(ApiKey.objects.values_list("pk", flat=True))})

    assert api_keys() == []
