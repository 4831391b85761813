"""The audit log tells of acts that somebody signed in was refused: who, what, on what and why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from rules import bundles, services
from rules.models import Approval, AuditEvent, Item, Release, Version, Workspace
from rules.services import refused
from tests.admin_ui.conftest import press
from tests.admin_ui.test_review_pages import four_eyes, submitted, submitted_template
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, ...]]:
    return [tuple(event.words) for event in AuditEvent.objects.filter(action="act.refused").order_by("id")]


@pytest.fixture
def auditor(client: Any, shop: dict[str, Any], django_user_model: Any) -> Any:
    """A client signed in as Ada, who may look and do nothing."""
    ada = django_user_model.objects.create_user("ada", first_name="Ada", is_staff=True)
    ada.groups.add(Group.objects.get(name="Auditor"))
    client.force_login(ada)
    return client


def test_approving_ones_own_version_is_told_though_nothing_of_it_stays(pages, anna):
    version = submitted_template(anna)
    pages.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "1"})

    event = AuditEvent.objects.get(action="act.refused")
    assert event.words == ["anna was not allowed to review template generic v2.", "anna wrote template generic v2."]
    assert (event.workspace.key, event.object_kind, event.object_key, event.object_version) == ("shop", "template", "generic", 2)
    assert event.data == {"doing": "review template generic v2", "code": "own_version"}
    assert event.hash == bundles.audit_hash(event)
    assert not Approval.objects.exists()


def test_one_of_several_that_are_approved_together_is_named_though_all_are_undone(pages, anna):
    four_eyes()
    theirs, mine = submitted(), submitted_template(anna)
    pages.post(f"/admin/rules/workspace/{Workspace.objects.get().pk}/approve/", {"version": [theirs.pk, mine.pk]})

    assert told() == [("anna was not allowed to review template generic v2.", "anna wrote template generic v2.")]
    assert not Approval.objects.exists()


def test_publishing_what_nobody_approved_is_told(pages):
    four_eyes()
    services.publish("shop", actor=BEN, reason="four eyes from now on", now=NOW)
    submitted()
    press(pages, f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/", publish="1", reason="now")

    assert told() == [
        ("anna was not allowed to publish workspace shop.", "No second person approved what waits there, and four eyes are on.")
    ]


def test_rolling_back_to_what_nobody_approved_is_told(pages):
    submitted()
    services.publish("shop", actor=BEN, reason="longer", now=NOW)
    four_eyes()
    pages.post(f"/admin/rules/release/{Release.objects.get(number=1).pk}/roll-back/", {"reason": "back"})

    [(first, why)] = told()
    assert first == "anna was not allowed to roll back to release 1 of The shop."
    assert why == "No second person approved threshold long v1, and four eyes are on."


def test_a_mistake_is_no_refusal(pages):
    press(pages, f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/", publish="1", reason="nothing new")

    assert told() == []


@pytest.mark.parametrize(
    ("there", "fields", "words"),
    [
        ("workspace/{workspace}/publish/", {"publish": "1"}, "publish workspace shop"),
        ("workspace/{workspace}/publish/", {"emergency": "1"}, "publish in an emergency workspace shop"),
        ("workspace/{workspace}/approve/", {}, "approve versions of workspace shop"),
        ("version/{version}/review/", {"approve": "1"}, "review threshold long v1"),
        ("release/{release}/roll-back/", {}, "roll back to release 1 of The shop"),
        ("threshold/{item}/change/", {}, "change threshold long"),
        ("release/999999999/roll-back/", {}, "roll back to a missing release"),
        ("apikey/add/", {}, "add any API key"),
    ],
)
def test_an_act_without_the_right_to_it_is_told(auditor, there, fields, words):
    rows = {
        "workspace": Workspace.objects.get().pk,
        "version": Version.objects.get(item__kind="threshold").pk,
        "release": Release.objects.get().pk,
        "item": Item.objects.get(kind="threshold").pk,
    }
    assert auditor.post(f"/admin/rules/{there.format(**rows)}", fields).status_code == 403

    assert told() == [(f"Ada was not allowed to {words}.", "The account has no right to do that.")]


def test_whoever_changes_accounts_without_the_right_is_told_in_the_chain_of_the_installation(auditor, anna):
    assert auditor.post(f"/admin/auth/user/{anna.pk}/change/", {}).status_code == 403

    event = AuditEvent.objects.get(action="act.refused")
    assert (event.workspace, event.object_kind, event.object_key) == (None, "account", "anna")
    assert event.words[0] == "Ada was not allowed to change the account anna."


def test_looking_and_what_scripts_ask_are_no_acts(auditor):
    auditor.get(f"/admin/rules/release/{Release.objects.get().pk}/roll-back/")
    auditor.post("/admin/editing/shop/threshold/keep/", {})
    auditor.post("/admin/rules/template/preview/", {})

    assert told() == []


@pytest.mark.parametrize("number", ["0", "999999999999999999", "9" * 40, "%00", "٣", "a/b"])
def test_a_number_that_nothing_has_is_a_refusal_too_and_no_failure(auditor, number):
    assert auditor.post(f"/admin/rules/threshold/{number}/change/", {}).status_code in {302, 400, 403, 404}


def test_the_same_again_is_told_once_in_a_while(auditor):
    there = f"/admin/rules/release/{Release.objects.get().pk}/roll-back/"
    for _ in range(3):
        auditor.post(there, {})
    assert len(told()) == 1

    event = AuditEvent.objects.get(action="act.refused")
    about = services.Act(event.action, event.object_kind, event.object_key, tuple(event.words), event.object_version, data=event.data)
    who = services.Person(event.actor_id, event.actor_name)
    services.tell_refusal(event.workspace, who, about, now=timezone.now() + refused.WINDOW + timedelta(seconds=1))
    assert len(told()) == 2


def test_a_flood_of_different_ones_ends_and_the_last_says_so(auditor):
    for item in range(1, refused.MOST + 10):
        services.tell_refusal(
            None, services.Person(7, "Ada"), services.Act("act.refused", "rule", str(item), ("Ada was not allowed.",)), now=timezone.now()
        )

    assert len(told()) == refused.MOST
    assert told()[-1][-1] == "Further refusals of Ada are not told until 10 minutes have passed."
    assert len(told()[-2]) == 1


def test_it_can_be_found_in_the_audit_log(pages, anna):
    version = submitted_template(anna)
    pages.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "1"})
    page = pages.get("/admin/rules/auditevent/?action=act.refused").content.decode()

    assert "anna was not allowed to review template generic v2." in page
    assert f'href="/admin/rules/version/{version.pk}/change/"' in page
