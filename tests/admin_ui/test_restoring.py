"""An old version comes back as a draft from its own page: reviewed and published like any other change."""

from __future__ import annotations

from typing import Any

import pytest

from rules import services
from rules.models import AuditEvent, Draft, Item, Version
from tests.admin_ui.conftest import address, said
from tests.rules.conftest import BEN, CARA, NOW, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(shop: dict[str, Any]) -> Version:
    """The first of three versions of a threshold: 600, then 800 by Ben, then 900 by Cara, which is live."""
    submitted(800, BEN)
    submitted(900, CARA)
    publish()
    return Version.objects.get(item__kind="threshold", item__key="long", number=1)


def submitted(value: float, author: services.Person) -> Version:
    services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=author, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW)
    return version


def page_of(version: Version) -> str:
    return f"/admin/rules/version/{version.pk}/change/"


def restore(pages: Any, version: Version) -> Any:
    return pages.post(f"/admin/rules/version/{version.pk}/restore/", follow=True)


def test_an_old_version_becomes_a_draft_of_whoever_restores_it(pages, anna, first):
    assert "Restore as my draft" in pages.get(page_of(first)).content.decode()

    response = restore(pages, first)

    draft = Draft.objects.get()
    assert (draft.author_id, draft.body, draft.based_on) == (anna.pk, {"value": 600}, 3)
    assert response.redirect_chain[-1][0] == address("threshold", "long")
    assert "Your draft says what Long v1 said" in said(response)
    event = AuditEvent.objects.latest("id")
    assert event.words == ["anna began a draft of threshold long, from v3: it says again what v1 said."]
    assert event.data == {"based_on": 3, "restored": 1}


def test_a_restored_version_goes_live_as_a_new_one(pages, first):
    restore(pages, first)

    [version] = services.submit("shop", reason="as it was", now=NOW)

    assert (version.number, version.body_hash) == (4, first.body_hash)


def test_what_the_thing_says_now_has_nothing_to_restore(pages, first):
    newest = Version.objects.get(item=first.item_id, number=3)

    assert "Restore as my draft" not in pages.get(page_of(newest)).content.decode()
    assert "There is nothing to restore" in said(restore(pages, newest))
    assert not Draft.objects.exists()


def test_a_draft_that_is_there_is_not_written_over(pages, anna, first):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 7}, author=anna, now=NOW)

    assert "You have a draft of threshold long already" in said(restore(pages, first))
    assert Draft.objects.get().body == {"value": 7}


def test_a_version_that_says_only_that_it_was_removed_is_not_restored(pages, shop):
    services.save_draft("shop", kind="segment", key="regulars", body=None, author=BEN, now=NOW)
    [removal] = services.submit("shop", reason="unused", now=NOW)
    publish()

    assert "Restore a version from before that" in said(restore(pages, removal))
    restore(pages, Version.objects.get(item=removal.item_id, number=1))

    assert Draft.objects.get().item == Item.objects.get(kind="segment", key="regulars")


@pytest.mark.parametrize(("approved", "hands"), [(False, [BEN.id]), (True, [])])
def test_whoever_wrote_what_nobody_approved_has_a_hand_in_the_restored_draft(pages, first, approved, hands):
    version = submitted(1000, BEN)
    if approved:
        services.approve(version, reviewer=CARA, now=NOW)
    submitted(1100, CARA)

    restore(pages, version)

    assert Draft.objects.get().contributors == hands
