"""Forms save drafts: what is wrong is said beside the field, and nothing goes live before it is published."""

from __future__ import annotations

import json
import re

import pytest

from rules import bodies, selectors, services
from rules.bundles import live_bundles
from rules.models import Draft, Item, Version
from rules.words import WITHIN
from tests.admin_ui.conftest import address, change, filled, press, said
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db


def errors(response) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("trait", "plan"), ("context", "device"), ("signal", "dwell"), ("tag", "buyer"), ("score", "intent"), ("segment", "regulars"),
        ("threshold", "long"), ("template", "loyal"), ("placement", "banner"), ("rule", "bought"),
    ],
)  # fmt: skip
def test_saving_a_form_as_it_is_shown_changes_nothing(pages, kind, key):
    response = change(pages, kind, key)

    assert response.status_code == 302, errors(response)
    assert not Draft.objects.exists()


def test_saving_a_form_makes_a_draft_of_its_author(pages, anna):
    change(pages, "threshold", "long", value="900")

    draft = Draft.objects.get()
    assert (draft.item.key, draft.body, draft.author_id, draft.author_name, draft.based_on) == (
        "long",
        {"value": 900.0},
        anna.pk,
        "anna",
        1,
    )


def test_a_saved_draft_is_live_once_it_is_published(pages):
    change(pages, "threshold", "long", value="900")
    workspace = Item.objects.get(key="long").workspace_id

    press(pages, f"/admin/rules/workspace/{workspace}/publish/", reason="longer", publish="Publish")

    [bundle] = live_bundles(4e9, {})
    assert (bundle.number, json.loads(bundle.document)["thresholds"][0]["value"]) == (2, 900)


def test_the_form_shows_ones_own_draft_and_not_the_others(pages):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)

    response = pages.get(address("threshold", "long"))

    assert filled(response)["value"] == 600
    assert "Ben has a draft of this" in response.content.decode()


def test_nested_parts_have_fields_of_their_own(pages):
    change(pages, "tag", "buyer", assign__count__at_least="3", assign__count__within="7d", ttl="")

    assert Draft.objects.get().body == {
        "name": "Bought lately",
        "assign": {"event": "Order Completed", "count": {"at_least": 3, "within": "7d"}},
    }


def test_lists_are_typed_one_to_a_line(pages):
    change(pages, "trait", "plan", values="free\n gold \n\nsilver\n")

    assert Draft.objects.get().body["values"] == ["free", "gold", "silver"]


def test_a_rule_is_moved_by_choosing_its_parent(pages):
    change(pages, "rule", "lingering", parent="bought", position="20")

    body = Draft.objects.get().body
    assert (body["parent"], body["position"]) == ("bought", 20)


def test_a_threshold_follows_a_signal_that_is_chosen(pages):
    response = pages.get(address("threshold", "long"))
    assert ("dwell", "dwell") in response.context["adminform"].form.fields["adaptive__signal"].choices

    change(pages, "threshold", "long", adaptive__signal="dwell", adaptive__k="2", adaptive__half_life="1d", adaptive__max="900")

    assert Draft.objects.get().body == {"value": 600, "adaptive": {"signal": "dwell", "k": 2, "half_life": "1d", "max": 900}}


def test_a_signal_may_read_text(pages):
    change(pages, "signal", "dwell", type="text", value="properties.category")

    assert Draft.objects.get().body == {"event": "Page Dwelled", "value": "properties.category", "type": "text"}


def test_a_rule_can_not_be_put_beneath_itself(pages):
    change(pages, "rule", "bought", parent="gold")

    response = change(pages, "rule", "bought", parent="gold")

    assert "beneath itself" in errors(response)["parent"][0]


@pytest.mark.parametrize(
    ("kind", "key", "changes", "field", "words"),
    [
        ("threshold", "long", {"value": "many"}, "value", "Enter a number"),
        ("threshold", "long", {"value": ""}, "value", "required"),
        ("threshold", "long", {"adaptive__k": "2"}, "adaptive__signal", "missing"),
        ("threshold", "long", {"adaptive__signal": "dwell"}, "adaptive__signal", "k"),
        ("threshold", "long", {"adaptive__signal": "dwell", "adaptive__k": "11"}, "adaptive__k", "less than or equal to 10"),
        (
            "threshold",
            "long",
            {"adaptive__signal": "dwell", "adaptive__k": "1", "adaptive__half_life": "1 day"},
            "adaptive__half_life",
            "such as 10m",
        ),
        ("score", "intent", {"terms": '[{"signal": "carts", "take": "mean.1h"}]'}, "terms", "Term 1, Of its values: "),
        ("tag", "buyer", {"ttl": "1 day"}, "ttl", "Write a whole number and s, m, h, d or w, such as 10m"),
        ("tag", "buyer", {"assign__event": "", "assign__count__at_least": "3"}, "assign__event", "missing"),
        ("rule", "bought", {"when": "{"}, "when", "line 1, column 2"),
        ("rule", "bought", {"when": '{"all": []}'}, "when", "empty"),
        ("rule", "bought", {"when": '{"all": [{"name": "tags", "operator": "is_like", "value": 1}]}'}, "when", "when.all[0]"),
        ("rule", "bought", {"when": '{"all": [], "all": []}'}, "when", "more than once"),
        ("score", "intent", {"terms": '[{"signal": "carts", "weight": "heavy"}]'}, "terms", "Term 1, Weight: "),
        ("template", "generic", {"body": "{{ unclosed"}, "body", ""),
        ("template", "generic", {"locales": '{"de": {"body": "{% if %}"}}'}, "locales", ""),
        ("signal", "dwell", {"value": "seconds"}, "value", ""),
        ("trait", "plan", {"type": "one_of", "values": ""}, "values", ""),
        ("rule", "bought", {"cap__session": "0"}, "cap__session", "greater than or equal to 1"),
        ("rule", "bought", {"rollout__percent": "101"}, "rollout__percent", "less than or equal to 100"),
        ("rule", "bought", {"rollout__salt": "spring"}, "rollout__percent", "missing"),
        ("rule", "bought", {"schedule__from_1": "09:00"}, "schedule__from", "needs its day"),
        ("rule", "bought", {"schedule__hours_0": "09:00"}, "schedule__hours", "both"),
        ("rule", "bought", {"schedule__hours_0": "9 am", "schedule__hours_1": "17:00"}, "schedule__hours", "such as 09:00"),
        ("rule", "bought", {"schedule__timezone": "Mars/Base"}, "schedule__timezone", "Select a valid choice"),
        ("rule", "bought", {"group": "A Group"}, "group", "lower-case letters"),
        ("placement", "banner", {"limit": "0"}, "limit", "greater than or equal to 1"),
        ("segment", "regulars", {"when": '{"all": []}'}, "when", "empty"),
    ],
)
def test_a_problem_is_shown_beside_its_field_and_nothing_is_saved(pages, kind, key, changes, field, words):
    response = change(pages, kind, key, **changes)

    assert response.status_code == 200
    assert list(errors(response)) == [field]
    assert words in errors(response)[field][0]
    assert not Draft.objects.exists()


def test_what_bounds_a_rule_has_fields_of_its_own(pages):
    change(
        pages, "rule", "bought",
        schedule__from_0="2026-11-27", schedule__until_0="2026-12-01", schedule__until_1="09:30", schedule__weekdays=["mon", "fri"],
        schedule__hours_0="22:00", schedule__hours_1="06:00", schedule__timezone="user", rollout__percent="12.5", rollout__salt="spring",
        cap__session="", cap__day="3", group="hero", priority="5",
    )  # fmt: skip

    body = Draft.objects.get().body
    assert {name: body[name] for name in ("schedule", "rollout", "cap", "group", "priority")} == {
        "schedule": {
            "from": "2026-11-27",
            "until": "2026-12-01T09:30",
            "weekdays": ["mon", "fri"],
            "hours": ["22:00", "06:00"],
            "timezone": "user",
        },
        "rollout": {"percent": 12.5, "salt": "spring"},
        "cap": {"day": 3},
        "group": "hero",
        "priority": 5,
    }


def test_what_is_left_empty_is_not_written(pages):
    change(pages, "rule", "bought", cap__session="", name="Bought")

    assert set(Draft.objects.get().body) == {"name", "placement", "then", "when"}


def test_nobody_is_a_share_of_users_too(pages):
    change(pages, "rule", "bought", rollout__percent="0")

    assert Draft.objects.get().body["rollout"] == {"percent": 0.0}


@pytest.mark.parametrize(
    "more",
    [
        {"schedule": {"from": "2026-11-27T09:00:00+01:00", "hours": ["09:00", "24:00"]}},
        {"schedule": {"from": "2026-11-27", "until": "2026-11-28T10:00:30", "weekdays": ["sat"], "timezone": "Europe/Berlin"}},
        {"rollout": {"percent": 0.5}, "cap": {"user": 1, "week": 2, "action": 3}, "group": "hero", "priority": -1},
    ],
)
def test_whatever_bounds_a_rule_is_the_same_after_saving_it_as_it_is_shown(pages, anna, more):
    body = {"placement": "banner", "then": {"template": "loyal"}, **more}
    services.save_draft("shop", kind="rule", key="bought", body=body, author=anna, now=NOW)

    change(pages, "rule", "bought")

    assert Draft.objects.get().body == bodies.normal("rule", "bought", body)


def test_a_day_a_browsers_own_input_can_not_show_is_shown_as_text(pages, anna):
    body = {"placement": "banner", "then": {"template": "loyal"}, "schedule": {"hours": ["09:00", "24:00"]}}
    services.save_draft("shop", kind="rule", key="bought", body=body, author=anna, now=NOW)

    page = pages.get(address("rule", "bought")).content.decode()

    assert '<input type="time" name="schedule__hours_0" value="09:00"' in page
    assert '<input type="text" name="schedule__hours_1" value="24:00"' in page


def test_the_days_of_the_week_are_in_their_order(pages):
    page = pages.get(address("rule", "bought")).content.decode()

    assert re.findall(r'value="(mon|tue|wed|thu|fri|sat|sun)"', page) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def test_groups_that_are_empty_are_folded_away_and_others_are_not(pages):
    def folded() -> list[str]:
        fieldsets = pages.get(address("rule", "bought")).context["adminform"]
        return [fieldset.name for fieldset in fieldsets if fieldset.is_collapsible]

    assert folded() == ["Only at certain times", "Only for some users", "Among several matches"]

    change(pages, "rule", "bought", schedule__weekdays=["mon"], cap__session="")

    assert folded() == ["Only for some users", "Not too often", "Among several matches"]


def test_a_rule_of_an_else_branch_is_marked_in_the_list(pages):
    change(pages, "rule", "gold", branch="else")

    page = pages.get("/admin/rules/rule/table/").content.decode()

    assert f"banner{WITHIN}bought, otherwise{WITHIN}gold" in page
    assert "otherwise: plan is gold → loyal" in page


def test_a_placement_can_answer_with_every_match(pages):
    change(pages, "placement", "banner", mode="collect", limit="3")

    assert Draft.objects.get().body == {"fallback": {"template": "generic"}, "mode": "collect", "limit": 3}


def test_a_segments_conditions_can_not_be_empty(pages):
    assert "required" in errors(change(pages, "segment", "regulars", when=""))["when"][0]


def test_a_segments_form_lists_the_names_it_may_use(pages):
    assert "counts.dwell.1h" in pages.get(address("segment", "regulars")).content.decode()


def test_what_another_draft_can_put_right_is_saved_and_shown_until_it_is(pages):
    response = change(pages, "rule", "bought", when='{"all": [{"name": "tags", "operator": "contains", "value": "vip"}]}')
    shown = pages.get(address("rule", "bought")).content.decode()

    assert response.status_code == 302
    assert 'class="problem"' in shown
    assert "vip" in shown


def test_what_is_worth_a_look_is_said_when_it_is_saved_and_beside_its_field_and_is_no_error(pages):
    never = '{"all": [{"name": "traits.plan", "operator": "equal_to", "value": "gold"}, {"name": "traits.plan", "operator": "is_missing"}]}'

    response = change(pages, "rule", "lingering", when=never)
    page = pages.get(address("rule", "lingering"))
    messages, shown = said(page), page.content.decode()

    assert response.status_code == 302
    assert "Worth a look: Rule 'lingering' never matches" in messages
    assert "It can't go live" not in messages
    assert '<span class="advice">Worth a look: ' in shown
    assert 'class="problem"' not in shown


def test_a_segment_that_is_not_there_yet_can_be_asked_for_in_a_draft(pages):
    when = json.dumps({"name": "segments.vips", "operator": "is_true"})
    answer = pages.post(address("rule", "bought"), {**filled(pages.get(address("rule", "bought"))), "when": when}, follow=True)

    assert "It can't go live as it is" in said(answer)
    assert "segments.vips" in said(answer)


def test_segments_that_use_each_other_can_not_go_live(pages):
    when = json.dumps({"name": "segments.regulars", "operator": "is_true"})
    answer = pages.post(address("segment", "regulars"), {**filled(pages.get(address("segment", "regulars"))), "when": when}, follow=True)

    assert "It can't go live as it is" in said(answer)


def test_a_change_that_breaks_something_else_says_what(pages):
    there = address("trait", "plan")
    response = pages.post(there, {**filled(pages.get(there)), "values": "free"}, follow=True)

    assert "rule gold" in said(response)


def test_something_new_starts_as_a_draft_and_is_in_its_list(pages):
    response = pages.post("/admin/rules/tag/add/", {"key": "vip", "name": "Very important", "assign__event": "Vip Joined"}, follow=True)

    assert Draft.objects.get().body == {"name": "Very important", "assign": {"event": "Vip Joined"}}
    assert "Very important" in response.content.decode()


def test_something_new_can_be_opened_and_changed_before_it_was_ever_submitted(pages):
    pages.post("/admin/rules/tag/add/", {"key": "vip", "assign__event": "Vip Joined"})

    change(pages, "tag", "vip", name="Very important")

    assert Draft.objects.get().body == {"name": "Very important", "assign": {"event": "Vip Joined"}}


def test_a_key_that_is_taken_is_refused(pages):
    response = pages.post("/admin/rules/tag/add/", {"key": "buyer"})

    assert "already" in errors(response)["key"][0]


@pytest.mark.parametrize("key", ["", "Ü", "a b", "-a", "a\n", "x" * 65])
def test_a_key_that_can_not_be_one_is_refused(pages, key):
    assert "key" in errors(pages.post("/admin/rules/tag/add/", {"key": key}))


def test_a_dotted_key_is_fine_where_it_is_a_path(pages):
    pages.post("/admin/rules/contextattribute/add/", {"key": "page.kind", "type": "text"})

    assert Item.objects.filter(kind="context", key="page.kind").exists()


def test_a_key_never_changes(pages):
    change(pages, "tag", "buyer", key="other", name="Other")

    assert Draft.objects.get().item.key == "buyer"


def test_with_several_workspaces_adding_asks_for_one_first(pages):
    services.create_workspace("other", name="The other one")

    asked = pages.get("/admin/rules/tag/add/").content.decode()
    form = pages.get("/admin/rules/tag/add/?workspace=other").content.decode()

    assert "In which workspace?" in asked
    assert "you wrote here last" not in asked
    assert "Save draft" not in asked
    assert "In <strong>The other one</strong>" in form


def test_the_workspace_in_which_one_wrote_last_is_offered_first(pages, anna):
    services.create_workspace("other", name="A workspace that stands before the shop")
    services.create_workspace("zoo", name="The zoo")
    services.save_draft("zoo", kind="tag", key="seen", body={}, author=anna, now=NOW)

    choices = re.findall(r'href="\?workspace=(\w+)"', pages.get("/admin/rules/tag/add/").content.decode())

    assert choices == ["zoo", "other", "shop"]


def test_a_form_from_before_somebody_elses_version_is_kept_on_what_it_was_begun_from(pages):
    there = address("threshold", "long")
    old = filled(pages.get(there))
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)
    services.submit("shop", reason="mine", now=NOW)

    response = pages.post(there, {**old, "value": "900"}, follow=True)
    page = response.content.decode()

    assert (Draft.objects.get().body, Draft.objects.get().based_on) == ({"value": 900}, 1)
    assert response.redirect_chain[-1][0] == there
    assert "kept as you wrote it, on the version you began from" in said(response)
    assert "Ben made version 2 after you began" in page


def test_a_form_that_changed_nothing_makes_no_draft_of_what_was_said_before_somebody_elses_version(pages):
    there = address("threshold", "long")
    old = filled(pages.get(there))
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)
    services.submit("shop", reason="mine", now=NOW)

    response = pages.post(there, old, follow=True)

    assert "You had changed nothing." in said(response)
    assert not Draft.objects.exists()


def test_a_form_that_was_saved_in_another_window_is_not_saved_over_it(pages, anna):
    there = address("threshold", "long")
    old = filled(pages.get(there))
    change(pages, "threshold", "long", value="700")

    response = pages.post(there, {**old, "value": "900"})

    assert "changed meanwhile" in str(response.context["adminform"].form.non_field_errors())
    assert Draft.objects.get().body == {"value": 700}


def test_removing_makes_a_draft_of_removal_and_keeps_its_versions(pages):
    page = pages.get(address("tag", "buyer", "delete")).content.decode()

    pages.post(address("tag", "buyer", "delete"), {"post": "yes"})

    assert "Nothing changes for users until it is published" in page
    assert Draft.objects.get().body is None
    assert Version.objects.filter(item__key="buyer").exists()


def test_several_can_be_removed_at_once(pages):
    chosen = list(Item.objects.filter(kind="template").values_list("pk", flat=True))

    pages.post("/admin/rules/template/", {"action": "remove_selected", "_selected_action": chosen, "sure": "yes"})

    assert list(Draft.objects.values_list("body", flat=True)) == [None, None]


def test_a_draft_can_be_discarded_from_its_form(pages):
    change(pages, "threshold", "long", value="900")

    asked = pages.post(address("threshold", "long", "discard")).content.decode()
    still = Draft.objects.exists()
    pages.post(address("threshold", "long", "discard"), {"sure": "yes"})

    assert "What you changed in it goes" in asked
    assert (still, Draft.objects.exists()) == (True, False)


def test_nobody_discards_another_persons_draft_from_the_form(pages):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=NOW)

    assert pages.post(address("threshold", "long", "discard")).status_code == 404


def test_anybodys_draft_can_be_dropped_from_the_list_of_drafts(pages):
    draft = services.save_draft("shop", kind="tag", key="new", body={}, author=BEN, now=NOW)

    pages.post(f"/admin/rules/draft/{draft.pk}/delete/", {"post": "yes"})

    assert not Draft.objects.exists()
    assert not Item.objects.filter(key="new").exists()


def test_the_form_lists_the_versions(pages, anna):
    change(pages, "threshold", "long", value="900")
    services.publish("shop", actor=anna, reason="people read slowly", now=NOW)

    page = pages.get(address("threshold", "long")).content.decode()

    assert "people read slowly" in page
    assert "release 1 until 2" in page


def test_a_rules_form_lists_the_names_it_may_use_with_how_to_compare_them_in_words(pages):
    page = pages.get(address("rule", "bought")).content.decode()

    for words in ("counts.dwell.1h", "scores.intent.band", "traits.plan", "has all of, has only some of", "free, gold"):
        assert words in page
    assert "contains_all" not in page


def test_templates_to_choose_from_are_those_of_the_workspace(pages):
    services.create_workspace("other", name="The other one")
    services.save_draft("other", kind="template", key="foreign", body={"body": "x"}, author=BEN, now=NOW)

    choices = [key for key, _ in pages.get(address("rule", "bought")).context["adminform"].form.fields["then__template"].choices]

    assert choices == ["", "generic", "loyal"]


def test_a_rule_that_is_switched_off_is_off_in_the_list(pages):
    change(pages, "rule", "bought", enabled="")

    for there in ("/admin/rules/rule/", "/admin/rules/rule/table/"):
        assert "state-off" in pages.get(there).content.decode()


def test_a_key_that_was_filled_in_is_not_called_blank_where_another_field_fails(pages):
    response = pages.post("/admin/rules/threshold/add/", {"key": "short", "value": "many"})

    assert list(errors(response)) == ["value"]


def test_what_is_drafted_to_be_removed_still_shows_what_it_says_and_can_be_kept(pages, anna):
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=NOW)

    response = pages.get(address("tag", "buyer"))

    assert filled(response)["assign__event"] == "Order Completed"
    assert "Keep it after all" in response.content.decode()


def test_saving_the_form_of_what_is_drafted_to_be_removed_keeps_it(pages, anna):
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=NOW)

    change(pages, "tag", "buyer")

    assert not Draft.objects.exists()


def test_somebody_elses_draft_changes_neither_title_nor_list(pages):
    services.save_draft("shop", kind="tag", key="buyer", body={"name": "Ben's words"}, author=BEN, now=NOW)

    form = pages.get(address("tag", "buyer"))

    assert form.context["title"] == "Bought lately"
    assert "Ben&#x27;s words" not in pages.get("/admin/rules/tag/").content.decode()


def test_what_is_only_somebody_elses_draft_is_listed_with_their_words(pages):
    services.save_draft("shop", kind="tag", key="vip", body={"name": "Very important"}, author=BEN, now=NOW)

    assert "Very important" in pages.get("/admin/rules/tag/").content.decode()


def test_a_saved_draft_that_can_not_go_live_as_it_is_is_no_plain_success(pages):
    there = address("rule", "bought")
    broken = {**filled(pages.get(there)), "when": '{"all": [{"name": "tags", "operator": "contains", "value": "vip"}]}'}

    [message] = pages.post(there, broken, follow=True).context["messages"]

    assert message.level_tag == "warning"
    assert "vip" in str(message)


def test_the_list_of_versions_says_what_each_changed(pages, anna):
    change(pages, "rule", "bought", position="30")
    services.publish("shop", actor=anna, reason="later", now=NOW)

    for there in ("/admin/rules/version/", address("rule", "bought")):
        assert "position 0 → 30" in pages.get(there).content.decode()


def test_a_purpose_is_written_and_chosen_like_everything_else(pages):
    workspace = Item.objects.get(kind="tag", key="buyer").workspace
    services.save_draft(workspace.key, kind="purpose", key="ads", body={"description": "Which advertisements to show"}, author=BEN, now=NOW)
    services.publish(workspace.key, actor=BEN, reason="a purpose", now=NOW)

    response = change(pages, "tag", "buyer", purpose="ads")

    assert response.status_code == 302, errors(response)
    assert Draft.objects.get().body["purpose"] == "ads"
    assert "Which advertisements to show" in pages.get("/admin/rules/purpose/").content.decode()


def test_a_new_rule_without_a_position_comes_last_among_those_beneath_its_parent(pages, anna):
    there = "/admin/rules/rule/add/?workspace=shop"

    for key, more in (("last", {}), ("very-last", {}), ("first", {"position": "0"}), ("inner", {"parent": "bought"})):
        pages.post(there, {"key": key, "placement": "banner", "then__template": "loyal", "enabled": "on", **more})

    [placement] = selectors.working_document("shop", author_id=anna.pk)["placements"]
    assert [rule["key"] for rule in placement["rules"]] == ["bought", "first", "lingering", "last", "very-last"]
    assert [rule["key"] for rule in placement["rules"][0]["children"]] == ["gold", "inner"]


def test_what_a_rule_is_and_where_it_stands_take_a_row_each(pages):
    page = pages.get(address("rule", "bought"))

    assert [list(fieldset.fields) for fieldset in page.context["adminform"]][:2] == [
        ["token", ("key", "name", "description", "enabled")],
        [("placement", "parent", "branch", "position")],
    ]


@pytest.mark.parametrize(("kind", "key"), [("rule", "bought"), ("tag", "buyer"), ("score", "intent")])
def test_a_description_is_a_line_that_grows_in_the_type_of_other_text(pages, kind, key):
    assert '<textarea name="description" cols="40" rows="1" class="grows"' in pages.get(address(kind, key)).content.decode()
