"""Things are called by the name that somebody gave them, with the key small beside it; what has no name is called by its key."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from rules import services
from rules.models import AuditEvent, Draft, Release, Version
from tests.admin_ui.conftest import address, change, said

pytestmark = pytest.mark.django_db
KEY = '<span class="key">buyer</span>'


def text(pages: Any, there: str) -> str:
    return pages.get(there, follow=True).content.decode()


@pytest.fixture
def renamed(pages: Any, anna: Any) -> Any:
    """Anna's draft gives the tag another name."""
    body = {**Version.objects.get(item__key="buyer").body, "name": "Buyers"}
    services.save_draft("shop", kind="tag", key="buyer", body=body, author=anna, now=timezone.now())
    return pages


def test_saving_says_the_name(pages):
    change(pages, "tag", "buyer", name="Buyers")
    assert "Your draft of tag Buyers (buyer) is saved." in said(pages.get("/admin/rules/tag/"))


def test_what_has_no_name_is_said_by_its_key(pages):
    change(pages, "threshold", "long", value="700")
    assert "Your draft of threshold long is saved." in said(pages.get("/admin/rules/threshold/"))


def test_the_list_of_drafts_and_a_draft_say_the_name_with_the_key(renamed):
    page = text(renamed, "/admin/rules/draft/")

    assert f">Buyers{KEY}</a>" in page
    assert "<h1>Buyers, by anna</h1>" in text(renamed, f"/admin/rules/draft/{Draft.objects.get().pk}/change/")


def test_a_draft_that_removes_a_thing_is_called_by_what_the_thing_says(pages, anna):
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=timezone.now())
    assert f">Bought lately{KEY}</a>" in text(pages, "/admin/rules/draft/")


def test_versions_say_the_name_and_keep_workspace_kind_and_key(pages):
    version = Version.objects.get(item__key="buyer")

    assert 'Bought lately v1<span class="key">shop › tag › buyer</span>' in text(pages, "/admin/rules/version/")  # noqa: RUF001
    page = text(pages, f"/admin/rules/version/{version.pk}/change/")
    assert "<h1>Bought lately v1</h1>" in page
    assert f'tag <a href="{address("tag", "buyer")}">Bought lately</a>{KEY}' in page


def test_releases_are_of_a_workspace_by_its_name(pages):
    release = Release.objects.get()

    assert 'Release 1 of The shop<span class="key">shop</span>' in text(pages, "/admin/rules/release/")
    page = text(pages, f"/admin/rules/release/{release.pk}/change/")
    assert "<h1>Release 1 of The shop</h1>" in page
    assert f">Bought lately</a>{KEY}" in page
    assert f"tag Bought lately{KEY}" in text(pages, f"/admin/rules/release/{release.pk}/versions/")


def test_the_audit_log_says_names_beside_keys_that_never_change(renamed):
    event = AuditEvent.objects.order_by("-id").first()

    assert event.words == ["anna began a draft of tag Buyers (buyer), from v1."]
    assert f">tag Bought lately</a>{KEY}" in text(renamed, "/admin/rules/auditevent/?q=buyer")


def test_approving_says_the_name(pages, django_user_model):
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    ben = django_user_model.objects.create_user("ben", id=55)
    services.save_draft("shop", kind="tag", key="buyer", body={"name": "Buyers"}, author=ben, now=timezone.now())
    [version] = services.submit("shop", reason="shorter", now=timezone.now(), author=ben)

    answer = pages.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "yes"}, follow=True)

    assert "Buyers v2: approved." in said(answer)


def test_before_an_emergency_and_a_discarding_names_are_said(renamed):
    draft = Draft.objects.get()

    asked = renamed.post("/admin/rules/draft/", {"action": "discard_selected", "_selected_action": [draft.pk]})
    assert "tag Buyers (buyer), by anna" in strip_tags(asked.content.decode())
    assert "Buyers, by anna" in strip_tags(text(renamed, f"/admin/rules/draft/{draft.pk}/delete/"))


def test_placements_are_chosen_by_name_in_the_table_of_rules(pages, anna):
    body = {**Version.objects.get(item__key="banner").body, "name": "The banner"}
    services.save_draft("shop", kind="placement", key="banner", body=body, author=anna, now=timezone.now())

    [filter_shown] = [one for one in pages.get("/admin/rules/rule/table/").context["cl"].filter_specs if one.title == "placement"]
    assert filter_shown.lookup_choices == [("banner", "The banner")]
