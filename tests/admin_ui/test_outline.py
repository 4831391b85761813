"""The outline of rules: what it says of each, and what its buttons draft, refuse and undo."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from decisioning import presence
from decisioning.redis import decision_client
from rules import selectors, services
from rules.models import AuditEvent, Draft, Item, Workspace
from tests.admin_ui.conftest import address, said
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db
TREE, ARRANGE = "/admin/rules/rule/?workspace=shop", "/admin/rules/rule/arrange/"


def press(pages: Any, act: str, *chosen: str, **fields: str) -> Any:
    there = "/admin/undo/" if act == "undo" else ARRANGE
    return pages.post(there, {"workspace": "shop", "back": TREE, "act": act, "chosen": chosen, **fields}, follow=True)


def drafted() -> dict[str, Any]:
    return {draft.item.key: draft.body for draft in Draft.objects.select_related("item")}


def shape(anna: Any) -> dict[str, Any]:
    """Placement by placement, each rule's key with those beneath it, as Anna's working copy has them."""
    document = selectors.working_document("shop", author_id=anna.pk)
    return {placement["key"]: _keys(placement.get("rules", [])) for placement in document["placements"]}


def _keys(rules: list[Any]) -> list[Any]:
    return [(rule["key"], _keys(rule["children"])) if rule.get("children") else rule["key"] for rule in rules]


def test_the_outline_says_what_each_rule_asks_shows_and_is_bound_by(pages):
    page = pages.get(TREE).content.decode()

    for words in (
        "user has “Bought lately”",
        "Loyal",
        "at most 1 per session",
        "v1 is live",
        "when none of these",
        "Else if",
        "the placement's fallback",
    ):
        assert words in page


def test_a_placements_page_shows_its_rules_as_an_outline(pages):
    page = pages.get(address("placement", "banner")).content.decode()

    assert 'id="rule-gold"' in page
    assert "data-outline" in page


def test_a_step_is_a_draft_of_the_readers_and_can_be_undone_and_done_again(pages, anna):
    moved = press(pages, "down", "bought")
    assert "Moved down" in said(moved)
    assert shape(anna) == {"banner": ["lingering", ("bought", ["gold"])]}

    undone = press(pages, "undo")
    assert "Undone" in said(undone)
    assert shape(anna) == {"banner": [("bought", ["gold"]), "lingering"]}
    assert drafted() == {}

    press(pages, "undo")
    assert shape(anna) == {"banner": ["lingering", ("bought", ["gold"])]}


def test_a_draft_from_before_comes_back_by_undo_with_all_hands_in_it(pages, anna):
    body = {**Item.objects.get(kind="rule", key="lingering").versions.get().body, "name": "Long readers"}
    draft = services.save_draft("shop", kind="rule", key="lingering", body=body, author=anna, now=NOW)
    Draft.objects.filter(pk=draft.pk).update(contributors=[BEN.id], contributor_names=[BEN.name])

    press(pages, "remove", "lingering", sure="yes")
    press(pages, "undo")

    back = Draft.objects.get(item__key="lingering")
    assert (back.body["name"], back.contributors) == ("Long readers", [BEN.id])


def test_what_was_changed_since_is_not_undone(pages, anna):
    press(pages, "off", "lingering")
    body = {**drafted()["lingering"], "name": "Changed since"}
    services.save_draft("shop", kind="rule", key="lingering", body=body, author=anna, now=NOW)

    refused = press(pages, "undo")

    assert "changed since" in said(refused)
    assert drafted()["lingering"]["name"] == "Changed since"


@pytest.mark.parametrize(
    ("act", "chosen", "fields", "after"),
    [
        ("nest", ["lingering"], {}, [("bought", ["gold", "lingering"])]),
        ("unnest", ["gold"], {}, ["bought", "gold", "lingering"]),
        ("place", ["lingering"], {"beside": "gold", "where": "before"}, [("bought", ["lingering", "gold"])]),
        ("place", ["gold"], {"beside": "lingering", "where": "within"}, ["bought", ("lingering", ["gold"])]),
        ("copy", ["bought"], {}, [("bought", ["gold"]), ("bought-2", ["gold-2"]), "lingering"]),
        ("remove", ["bought"], {"sure": "yes"}, ["lingering"]),
        ("add", ["bought"], {"name": "Big baskets!", "where": "after"}, [("bought", ["gold"]), "big-baskets", "lingering"]),
        ("add", [], {"name": "Last", "placement": "banner"}, [("bought", ["gold"]), "lingering", "last"]),
        ("add", [], {"name": "Top", "placement": "banner", "where": "first"}, ["top", ("bought", ["gold"]), "lingering"]),
        ("add", ["gold"], {"name": "Inner", "where": "within"}, [("bought", [("gold", ["inner"])]), "lingering"]),
        ("add", ["gold"], {"name": "End", "where": "last"}, [("bought", ["gold"]), "lingering", "end"]),
    ],
)
def test_each_button_drafts_what_it_says_and_undo_takes_it_back(pages, anna, act, chosen, fields, after):
    press(pages, act, *chosen, **fields)
    assert shape(anna) == {"banner": after}

    press(pages, "undo")
    assert shape(anna) == {"banner": [("bought", ["gold"]), "lingering"]}
    assert Item.objects.filter(kind="rule").count() == 3


def test_a_rule_put_in_the_otherwise_branch_is_shown_there(pages):
    press(pages, "otherwise", "gold")

    assert drafted()["gold"]["branch"] == "else"
    assert "Otherwise, if Bought does not hold" in pages.get(TREE).content.decode()


def test_rules_are_switched_off_and_on_together(pages):
    press(pages, "off", "bought", "lingering")
    assert {key: body["enabled"] for key, body in drafted().items()} == {"bought": False, "lingering": False}

    press(pages, "on", "bought", "lingering")
    assert drafted() == {}


def test_a_removal_says_first_what_goes_with_it(pages):
    asked = press(pages, "remove", "bought")

    assert "stands beneath one of them" in asked.content.decode()
    assert drafted() == {}


def test_a_new_rule_is_switched_on_and_its_row_says_what_it_lacks(pages):
    press(pages, "add", name="Everybody", placement="banner", where="first")

    page = pages.get(TREE).content.decode()
    assert "enabled" not in drafted()["everybody"]
    assert "shows nothing and has no rules beneath it" in page.split('id="rule-everybody"')[1].split('id="rule-bought"')[0]
    assert "can&#x27;t be reached" not in page


def test_a_new_rule_shows_the_same_boxes_ticked_whichever_page_made_it(pages):
    press(pages, "add", name="Everybody", placement="banner")

    made, blank = pages.get(address("rule", "everybody")), pages.get("/admin/rules/rule/add/?workspace=shop")
    assert [page.context["adminform"].form["enabled"].value() for page in (made, blank)] == [True, True]


def test_a_new_rule_goes_to_the_placement_that_is_chosen_and_only_there(pages, anna):
    services.save_draft("shop", kind="placement", key="footer", body={}, author=anna, now=NOW)

    assert "Choose the placement" in said(press(pages, "add", name="Where?", where="first"))
    assert "stands in another placement" in said(press(pages, "add", "gold", name="Which?", placement="footer", where="after"))
    press(pages, "add", "gold", name="Below", placement="footer", where="first")

    assert shape(anna) == {"banner": [("bought", ["gold"]), "lingering"], "footer": ["below"]}


def test_the_dialog_of_a_new_rule_offers_the_placement_that_is_shown(pages, anna):
    services.save_draft("shop", kind="placement", key="footer", body={}, author=anna, now=NOW)

    assert '<option value="footer" selected>' in pages.get(f"{TREE}&placement=footer").content.decode()
    assert '<option value="">of the ticked rule</option>' in pages.get(TREE).content.decode()


def test_a_rule_that_somebody_else_edits_is_marked_and_ones_own_is_not(pages, anna):
    for key, who, name in (("gold", BEN.id, BEN.name), ("lingering", anna.pk, "anna")):
        presence.here(decision_client(), "shop", "rule", key, person_id=who, name=name, now=time.time())

    page = pages.get(TREE).content.decode()

    assert "Ben is editing" in page.split('id="rule-gold"')[1].split('id="rule-lingering"')[0]
    assert page.count("is editing") == 1


def test_nothing_below_a_rule_that_always_wins_can_be_reached_and_the_outline_says_so(pages, anna):
    body = {"placement": "banner", "position": 5, "then": {"template": "generic"}}
    services.save_draft("shop", kind="rule", key="everybody", body=body, author=anna, now=NOW)

    page = pages.get(TREE).content.decode()

    assert "can&#x27;t be reached" in page.split('id="rule-lingering"')[1]
    assert "can&#x27;t be reached" not in page.split('id="rule-lingering"')[0]


def test_rules_move_to_another_placement_with_all_beneath_them(pages, anna):
    services.save_draft("shop", kind="placement", key="footer", body={}, author=anna, now=NOW)

    press(pages, "to", "bought", to="footer")

    assert shape(anna) == {"banner": ["lingering"], "footer": [("bought", ["gold"])]}


@pytest.mark.parametrize(
    ("act", "chosen", "fields", "words"),
    [
        ("up", [], {}, "No rule is chosen"),
        ("up", ["nobody"], {}, "no rule nobody"),
        ("up", ["bought"], {}, "Nothing to change"),
        ("place", ["bought"], {"beside": "gold", "where": "within"}, "beneath or beside itself"),
        ("place", ["bought"], {"beside": "nobody"}, "no rule nobody"),
        ("to", ["bought"], {"to": "nowhere"}, "nowhere"),
        ("add", [], {"name": " ", "placement": "banner"}, "Give the new rule a name"),
        ("add", [], {"name": "X", "placement": "nowhere"}, "nowhere"),
        ("add", [], {"name": "X", "placement": "banner", "where": "within"}, "Tick the rule"),
        ("place", ["bought"], {}, "Choose the rule it should stand beside"),
        ("dance", ["bought"], {}, "does not know"),
        ("undo", [], {}, "nothing to undo"),
    ],
)
def test_what_can_not_be_done_is_said_and_drafts_nothing(pages, act, chosen, fields, words):
    assert words in said(press(pages, act, *chosen, **fields))
    assert drafted() == {}


def test_a_draft_of_an_old_version_is_not_put_on_the_new_one_unseen(pages, anna):
    body = Item.objects.get(kind="rule", key="lingering").versions.get().body
    services.save_draft("shop", kind="rule", key="lingering", body={**body, "name": "Mine"}, author=anna, now=NOW)
    services.save_draft("shop", kind="rule", key="lingering", body={**body, "name": "Bens"}, author=BEN, now=NOW)
    services.submit("shop", reason="first", now=NOW, author=BEN)

    refused = press(pages, "off", "lingering")

    assert "newer version" in said(refused)
    assert Draft.objects.get(author_id=anna.pk).based_on == 1


def test_somebody_elses_new_rule_is_shown_and_left_alone(pages):
    services.save_draft("shop", kind="rule", key="bens", body={"placement": "banner", "enabled": False}, author=BEN, now=NOW)

    page = pages.get(TREE).content.decode()
    refused = press(pages, "off", "bens")

    assert "by Ben" in page
    assert 'value="bens"' not in page
    assert "working copy" in said(refused)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=has+buyer", {"bought"}),
        ("q=has+bought+lately", {"bought"}),
        ("q=gold", {"bought", "gold"}),
        ("state=draft", set()),
        ("placement=banner", {"bought", "gold", "lingering"}),
    ],
)
def test_rules_are_found_by_their_sentences_with_what_stands_above_them(pages, asked, found):
    page = pages.get(f"{TREE}&{asked}").content.decode()

    assert {key for key in ("bought", "gold", "lingering") if f'id="rule-{key}"' in page} == found


def test_the_outline_takes_as_many_queries_for_many_rules_as_for_few(pages, anna):
    few = queries(pages)
    for number in range(30):
        body = {"placement": "banner", "position": 100 + number, "then": {"template": "generic"}, "enabled": False}
        body["when"] = {"all": [{"name": "counts.dwell.1h", "operator": "greater_than", "value": number}]}
        services.save_draft("shop", kind="rule", key=f"many-{number}", body=body, author=anna, now=NOW)

    assert queries(pages) == few


def queries(pages: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        pages.get(TREE)
    return len(asked)


def test_the_audit_log_tells_which_drafts_an_act_began(pages):
    press(pages, "off", "bought", "lingering")

    told = AuditEvent.objects.filter(action="draft.begun", object_kind="rule").values_list("object_key", flat=True)
    assert set(told) == {"bought", "lingering"}


def test_a_page_of_rules_without_any_workspace_says_who_adds_the_first(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("first"))

    assert not Workspace.objects.exists()
    assert "no workspace yet" in client.get("/admin/rules/rule/").content.decode()
