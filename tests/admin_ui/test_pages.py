"""Every page of the admin opens, for everything there is, in a constant number of queries."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from decisioning.models import ConsentRecord, DecisionRecord, DryRun, ErasureJob, ErasureRecord, HourlyResult, Response
from rules import services
from rules.models import PROXIES, Approval, Autosave, Draft, Filed, Folder, Item, Release, ReleaseChange, Version
from tests.admin_ui.conftest import address
from tests.rules.conftest import BEN, NOW, SHOP, load

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
SHOWN_ELSEWHERE = {
    Item: "as its proxies, one for each kind",
    Autosave: "to its person, on the form it was typed in",
    Folder: "on the page of a workspace's folders, and beside lists",
    Filed: "as the folder of a thing",
    ReleaseChange: "within its release",
    ConsentRecord: "to servers with a key for it",
    ErasureJob: "to servers with a key for it",
    ErasureRecord: "to servers with a key for it",
    DryRun: "from the page of publishing",
    HourlyResult: "as sums, on the results of a rule or placement",
    Response: "counted, on the results of a rule or placement",
}


def list_address(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def everything(pages, anna):
    """At least one row of every model."""
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)
    [version] = services.submit("shop", reason="x", now=NOW)
    services.approve(version, reviewer=anna, now=NOW, comment="fine")
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    emergency = services.publish("shop", actor=BEN, reason="the shop is on fire", now=NOW, emergency=True)
    services.review_emergency(emergency, reviewer=anna, comment="it was", now=NOW)
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=BEN, now=NOW)
    services.save_draft("shop", kind="event", key="viewed", body={"event": "Product Viewed"}, author=BEN, now=NOW)
    services.save_draft("shop", kind="purpose", key="ads", body={"description": "Advertising"}, author=BEN, now=NOW)
    Group.objects.create(name="marketers")
    services.save_sample_user("shop", key="ada", facts={"tags": ["buyer"]}, now=NOW)
    services.issue_key("shop", kind="secret", label="server", now=NOW)
    DecisionRecord.objects.create(
        decision_id="00000000-0000-0000-0000-000000000001",
        at=timezone.now(),
        evaluated_at=timezone.now(),
        workspace="shop",
        user="u:alice",
        placement="banner",
        release=1,
        outcome="matched",
        reason="rule",
    )
    return pages


def test_every_model_of_ours_has_a_page():
    ours = {model for label in ("rules", "decisioning") for model in apps.get_app_config(label).get_models()}

    assert ours - set(admin.site._registry) == set(SHOWN_ELSEWHERE)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_each_list_opens(everything, model):
    assert everything.get(list_address(model)).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_each_list_can_be_searched(everything, model):
    assert everything.get(list_address(model), {"q": "buyer"}).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
def test_each_form_opens(everything, model):
    row = model._default_manager.first()

    response = everything.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]))

    assert response.status_code == 200


@pytest.mark.parametrize("kind", PROXIES)
def test_each_kind_can_be_added(pages, kind):
    assert b"Save draft" in pages.get(reverse(f"admin:rules_{PROXIES[kind]._meta.model_name}_add")).content


@pytest.mark.parametrize("model", [Draft, Version, Approval], ids=lambda model: model.__name__)
def test_history_can_be_neither_added_nor_changed(everything, model):
    there = list_address(model)

    assert everything.get(f"{there}add/").status_code == 403
    assert everything.post(f"{there}{model.objects.first().pk}/change/", {}).status_code == 403


@pytest.mark.parametrize("model", ["version", "approval", "release", "workspace", "apikey"])
def test_nothing_that_must_stay_can_be_deleted(everything, model):
    row = apps.get_model("rules", model).objects.first()

    assert everything.post(f"/admin/rules/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("kind", PROXIES)
def test_no_list_of_things_offers_to_delete_them(everything, kind):
    there = "/admin/rules/rule/table/" if kind == "rule" else list_address(PROXIES[kind])
    page = everything.get(there).content.decode()

    assert "delete_selected" not in page
    assert "remove_selected" in page


def test_deleting_things_by_a_form_of_ones_own_deletes_nothing(pages):
    chosen = Item.objects.filter(kind="tag").values_list("pk", flat=True)

    answer = pages.post("/admin/rules/tag/", {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert answer.status_code == 302
    assert (Item.objects.filter(kind="tag").count(), Draft.objects.count()) == (1, 0)


def test_the_chosen_things_of_a_list_are_drafted_to_be_removed(pages):
    chosen = Item.objects.filter(kind="tag").values_list("pk", flat=True)

    sent = {"action": "remove_selected", "_selected_action": chosen}
    asked = pages.post("/admin/rules/tag/", sent).content.decode()
    before = Draft.objects.count()
    pages.post("/admin/rules/tag/", {**sent, "sure": "yes"})

    assert "Nothing changes for users until it is published" in asked
    assert before == 0
    assert [(draft.item.key, draft.body) for draft in Draft.objects.all()] == [("buyer", None)]


@pytest.mark.parametrize("number", ["abc", "0", "9" * 30])
def test_there_is_no_draft_to_discard_of_what_is_not_there(pages, number):
    assert pages.post(f"/admin/rules/rule/{number}/discard/").status_code in {302, 404}


def test_a_draft_is_discarded_from_its_things_page(pages, anna):
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=NOW)
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=BEN, now=NOW)

    pages.post(f"/admin/rules/tag/{Item.objects.get(key='buyer').pk}/discard/")

    assert [draft.author_name for draft in Draft.objects.all()] == ["Ben"]


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
@pytest.mark.parametrize("question", ["workspace=%00", "placement=a%00b", "q=%00", "x%00=1", "author_name=%00"])
def test_a_list_asked_for_a_nul_character_refuses(pages, model, question):
    assert pages.get(f"{list_address(model)}?{question}").status_code == 400


@pytest.mark.parametrize("state", ["all", "live", "draft", "removing", "submitted", "changes_asked", "approved", "upcoming", "removed"])
def test_lists_can_be_filtered_by_state(everything, state):
    keys = {item.key for item in everything.get("/admin/rules/tag/", {"state": state}).context["cl"].result_list}

    assert ("buyer" in keys) == (state in {"all", "removing"})


def test_rules_can_be_filtered_by_placement(everything):
    response = everything.get("/admin/rules/rule/table/", {"placement": "banner"})

    assert len(response.context["cl"].result_list) == 3


def test_rules_are_listed_as_they_are_tried(everything):
    response = everything.get("/admin/rules/rule/table/")

    assert [rule.key for rule in response.context["cl"].result_list] == ["bought", "lingering", "gold"]


def test_a_list_is_searched_by_name_too(everything):
    response = everything.get("/admin/rules/tag/", {"q": "lately"})

    assert [tag.key for tag in response.context["cl"].result_list] == ["buyer"]


def test_a_list_says_state_live_version_and_meaning(pages):
    page = pages.get("/admin/rules/rule/table/").content.decode()

    assert "user has buyer → loyal" in page
    assert ">Live<" in page
    assert ">v1<" in page


def test_what_was_removed_is_out_of_sight_until_asked_for(pages, anna):
    services.save_draft("shop", kind="context", key="device", body=None, author=anna, now=NOW)
    services.publish("shop", actor=anna, reason="unused", now=NOW)

    present = pages.get("/admin/rules/contextattribute/").context["cl"].result_list
    removed = pages.get("/admin/rules/contextattribute/", {"state": "removed"}).context["cl"].result_list

    assert ([item.key for item in present], [item.key for item in removed]) == ([], ["device"])


@pytest.mark.parametrize(
    "there", ["/admin/", "/admin/rules/rule/", "/admin/rules/draft/", "/admin/rules/version/", "/admin/rules/release/"]
)
def test_a_page_costs_as_many_queries_for_much_as_for_little(pages, anna, there):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert pages.get(there).status_code == 200
        return len(captured)

    pages.get(there)
    before = queries()
    for number in range(3):
        other = deepcopy(SHOP)
        other["workspace"]["key"] = f"shop-{number}"
        load(other, author=BEN)
        services.publish(f"shop-{number}", actor=BEN, reason="more", now=NOW)
        services.save_draft(f"shop-{number}", kind="tag", key="new", body={}, author=BEN, now=NOW)

    assert queries() == before


def test_the_pages_are_signposts(pages):
    page = pages.get("/admin/").content.decode()

    assert "<title>Today | Signpost</title>" in page
    assert "The shop" in page
    assert "Release 1" in page


def test_the_first_page_groups_models_by_the_work(pages):
    sections = [section["name"] for section in pages.get("/admin/").context["app_list"]]

    assert sections == ["What users see", "What is known of users", "Going live", "Served", "Access"]


@pytest.mark.parametrize("there", ["/admin/", "/admin/login/", "/admin/rules/rule/", "/admin/rules/rule/add/", "/admin/rules/apikey/add/"])
def test_pages_have_neither_inline_script_nor_inline_style(client, pages, there):
    response = pages.get(there) if "login" not in there else type(client)().get(there)
    page = response.content.decode()

    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert " style=" not in page
    assert "<style" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:] if "application/json" not in tag.split(">")[0])


def test_somebody_without_rights_sees_nothing(client, django_user_model, shop):
    client.force_login(django_user_model.objects.create_user("visitor", is_staff=True))

    assert client.get("/admin/rules/rule/").status_code == 403
    assert "The shop" not in client.get("/admin/").content.decode()


def test_an_auditor_who_may_only_look_sees_the_body_and_no_button(client, django_user_model, shop):
    auditor = django_user_model.objects.create_user("auditor", is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(auditor)

    page = client.get(f"/admin/rules/rule/{Item.objects.get(key='bought').pk}/change/").content.decode()

    assert "&quot;operator&quot;: &quot;contains&quot;" in page
    assert "Save draft" not in page


def test_the_page_of_one_application_is_the_overview(pages):
    assert pages.get("/admin/rules/").headers["Location"] == "/admin/"


def test_a_version_names_the_releases_it_was_live_in(pages, anna):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)
    services.publish("shop", actor=anna, reason="shorter", now=NOW)
    first = Version.objects.get(item__key="long", number=1)

    page = strip_tags(pages.get(f"/admin/rules/version/{first.pk}/change/").content.decode())

    assert "release 1 from 15 Jan 2026, 12:00:00.000000 UTC until release 2 at 15 Jan 2026, 12:00:00.000000 UTC" in page


def test_a_decision_links_the_release_and_the_versions_it_served(pages):
    rule, template = Version.objects.get(item__key="bought"), Version.objects.get(item__key="loyal")
    DecisionRecord.objects.create(
        decision_id="00000000-0000-0000-0000-000000000002",
        at=NOW,
        evaluated_at=NOW,
        workspace="shop",
        user="u:alice",
        placement="banner",
        release=1,
        outcome="matched",
        reason="rule",
        rule="bought",
        rule_version=1,
        template="loyal",
        template_version=1,
    )

    page = pages.get("/admin/decisioning/decisionrecord/00000000-0000-0000-0000-000000000002/change/").content.decode()

    assert f'/admin/rules/version/{rule.pk}/change/">bought v1</a>' in page
    assert f'/admin/rules/version/{template.pk}/change/">loyal v1</a>' in page
    assert f'/admin/rules/release/{Release.objects.get().pk}/change/">release 1</a>' in page
    assert "12:00:00 UTC" in page


@pytest.mark.parametrize("model", ["release", "workspace"])
def test_four_eyes_that_are_off_are_no_alarm(everything, model):
    services.create_workspace("plain")

    page = everything.get(f"/admin/rules/{model}/").content.decode()

    assert "icon-no" not in page
    assert "not needed" in page


def test_before_a_removal_it_is_said_what_breaks(pages):
    tag = Item.objects.get(kind="tag", key="buyer")

    one = pages.get(address("tag", "buyer", "delete")).content.decode()
    several = pages.post("/admin/rules/tag/", {"action": "remove_selected", "_selected_action": [tag.pk]}).content.decode()

    for page in (one, several):
        assert "It breaks 2 other things" in page
        assert "segment Regulars" in page
        assert address("segment", "regulars", "change") in page
