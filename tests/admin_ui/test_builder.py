"""What the rule builder asks the server: which names there are, what conditions say, and what is wrong with them."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rules import services
from tests.admin_ui.conftest import address
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db
NAMES, CHECK = "/admin/builder/shop/names/", "/admin/builder/shop/check/"
BUYER = {"name": "tags", "operator": "contains", "value": "buyer"}


def names(pages):
    return pages.get(NAMES).json()


def asked(pages, conditions, place="rule", key="bought"):
    text = conditions if isinstance(conditions, str) else json.dumps(conditions)
    return pages.post(CHECK, {"conditions": text, "place": place, "key": key}).json()


def told(pages, conditions, **more):
    return [(one["path"], one["message"]) for one in asked(pages, conditions, **more)["problems"]]


def test_every_name_comes_with_its_type_and_its_values_in_their_authors_order(pages):
    known = {one["name"]: one for one in names(pages)["names"]}

    assert known["traits.plan"] == {
        "name": "traits.plan",
        "label": "plan",
        "type": "one_of",
        "group": "Traits",
        "values": [["free", "free"], ["gold", "gold"]],
    }
    assert known["tags"]["values"] == [["buyer", "Bought lately"]]
    assert known["scores.intent.band"]["values"] == [["high", "high"], ["low", "low"]]
    assert known["time.weekday"]["values"][0] == ["mon", "Mon"]
    assert known["segments.regulars"]["label"] == "segment Regulars"


def test_operators_come_by_type_with_words_and_what_they_compare_with(pages):
    offered = names(pages)
    numbers = {one["name"]: one for one in offered["types"]["number"]["operators"]}

    assert numbers["greater_than_or_equal_to"] == {
        "name": "greater_than_or_equal_to",
        "words": "is at least",
        "kinds": ["number"],
        "others": ["number"],
        "missing": False,
    }
    assert numbers["between"]["kinds"] == ["range"]
    assert {one["name"]: one["kinds"] for one in offered["untyped"]}["equal_to"] == ["text", "number"]


def test_what_a_value_of_no_type_is_compared_by_comes_in_groups_and_none_twice(pages):
    offered = names(pages)
    told = [(one["group"], one["words"]) for one in offered["untyped"]]

    assert len(told) == len(set(told))
    assert {"Any value", "Numbers", "Text", "Yes or no", "Lists", "Dates and times"} <= {group for group, _ in told}
    dates = [one["words"] for one in offered["types"]["datetime"]["operators"]]
    assert len(dates) == len(set(dates))


def test_an_event_offers_the_paths_that_the_workspace_speaks_of_already(pages):
    assert "properties.seconds" in names(pages)["events"]
    assert "traits.plan" in names(pages)["events"]


def test_a_draft_of_ones_own_counts_at_once_and_somebody_elses_does_not(pages, anna):
    services.save_draft("shop", kind="trait", key="mood", body={"type": "text"}, author=BEN, now=NOW)
    assert "traits.mood" not in {one["name"] for one in names(pages)["names"]}

    services.save_draft("shop", kind="trait", key="mood", body={"type": "number"}, author=anna, now=NOW)
    assert {one["name"]: one["type"] for one in names(pages)["names"]}["traits.mood"] == "number"

    services.save_draft("shop", kind="trait", key="mood", body={"type": "boolean"}, author=anna, now=NOW)
    assert {one["name"]: one["type"] for one in names(pages)["names"]}["traits.mood"] == "boolean"


def test_a_release_that_takes_a_name_away_counts_at_once(pages, anna):
    assert "traits.plan" in {one["name"] for one in names(pages)["names"]}
    services.save_draft("shop", kind="rule", key="gold", body=None, author=anna, now=NOW)
    services.save_draft("shop", kind="trait", key="plan", body=None, author=anna, now=NOW)
    services.publish("shop", actor=anna, reason="no plans", now=NOW)

    assert "traits.plan" not in {one["name"] for one in names(pages)["names"]}


def test_it_takes_no_more_queries_where_there_is_more_to_name(pages, anna):
    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert names(pages)["names"]
        return len(captured)

    services.save_draft("shop", kind="tag", key="first", body={}, author=anna, now=NOW)
    few = counted()
    for number in range(30):
        services.save_draft("shop", kind="tag", key=f"tag-{number}", body={}, author=anna, now=NOW)

    assert counted() == few


def test_names_are_not_read_again_where_only_a_rule_was_saved_or_a_form_has_read_all(pages, anna):
    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            names(pages)
        return len(captured)

    def save(kind, key, body):
        services.save_draft("shop", kind=kind, key=key, body=body, author=anna, now=NOW)

    save("tag", "first", {})
    read, kept = counted(), counted()
    save("rule", "bens", {"placement": "banner", "enabled": False})
    after_a_rule = counted()
    save("tag", "second", {})
    pages.get(address("rule", "gold"))
    after_a_form = counted()

    assert after_a_rule == kept < after_a_form < read
    assert "second" in str(names(pages)["names"])


def test_conditions_are_said_as_a_sentence(pages):
    assert asked(pages, {"any": [BUYER, {"name": "traits.plan", "operator": "equal_to", "value": "gold"}]}) == {
        "sentence": "user has “Bought lately” or plan is gold",
        "problems": [],
        "readable": True,
    }
    assert asked(pages, "")["sentence"] == "always"


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ({"all": [BUYER, {"name": "", "operator": ""}]}, ("$.all[1]", "Choose what to ask about.")),
        ({"all": [{"name": "tags", "operator": "contains"}]}, ("$.all[0].value", "Fill in what to compare with.")),
        ({"name": "scores.intent", "operator": "between", "value": [None, 3]}, ("$.value", "Fill in what to compare with.")),
        ({"name": "scores.intent", "operator": "less_than", "value": "many"}, ("$.value", 'The value must be a number, not "many".')),
        ({"all": []}, ("$.all", "This group is empty. Add a condition, or remove the group.")),
        (
            {"name": "traits.plam", "operator": "is_set"},
            ("$.name", "This workspace has no name 'traits.plam'. Did you mean traits.plan?"),
        ),
    ],
)
def test_a_problem_is_said_without_json_and_at_its_place(pages, conditions, problem):
    assert told(pages, conditions) == [problem]


def test_what_nobody_fulfils_is_worth_a_look(pages):
    never = [{"name": "traits.plan", "operator": word} for word in ("is_set", "is_missing")]

    [found] = asked(pages, {"all": never})["problems"]

    assert (found["path"], found["tone"]) == ("$.all[1]", "advice")


@pytest.mark.parametrize(
    "text", ["{", '{"all": [], "all": []}', "[" * 300, '{"name": "a", "operator": "b", "value": 1e999}', '"\\u0000"', "3"]
)
def test_text_that_can_not_be_conditions_is_a_problem_and_no_failure(pages, text):
    assert told(pages, text)


def test_who_asks_wrongly_is_told_so(pages):
    assert pages.post(CHECK, {"conditions": "", "place": "nowhere"}).status_code == 400
    assert pages.post("/admin/builder/none/check/", {"place": "rule"}).status_code == 404
    assert pages.get(CHECK).status_code == 405


def test_forms_of_conditions_have_the_builder_over_a_text_area_that_works_without_it(pages):
    rule, tag = (pages.get(address(*one)).content.decode() for one in (("rule", "bought"), ("tag", "buyer")))

    assert f'<rule-builder names="{NAMES}" check="{CHECK}" scope="user" kind="rule" key="bought"' in rule
    # Four of those of events stand in the empty rows of steps and needs.
    assert [tag.count(f'scope="{scope}" kind="tag"') for scope in ("user", "event")] == [2, 6]
    assert '<script src="/static/admin_ui/builder/element.js" type="module"></script>' in rule
    assert "&quot;operator&quot;: &quot;contains&quot;" in rule.partition('<textarea name="when"')[2].partition("</textarea>")[0]
