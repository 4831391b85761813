"""The vocabulary in business-rules' own form: what its tools read, and what its engine can run."""

from __future__ import annotations

from copy import deepcopy

from business_rules.engine import check_conditions_recursively

from rules import vocabulary
from rules.engine import compile_ruleset
from tests.rules.conftest import SHOP, document

EXPORTED = vocabulary.export(document(SHOP))
VARIABLES = {variable["name"]: variable for variable in EXPORTED["variables"]}


def test_every_name_is_there_with_its_type_label_and_values():
    plan = VARIABLES["traits.plan"]

    assert (plan["field_type"], plan["options"], plan["type"]) == ("string", ["free", "gold"], "one_of")
    assert VARIABLES["tags"]["field_type"] == "select_multiple"
    assert VARIABLES["tags"]["options"] == ["buyer"]
    assert VARIABLES["scores.intent"]["field_type"] == "numeric"
    assert VARIABLES["scores.intent.band"]["options"] == ["high", "low"]
    assert VARIABLES["user.known"]["field_type"] == "boolean"
    assert VARIABLES["counts.dwell.1h"]["label"] == "dwell in the last 1h"
    assert VARIABLES["values.dwell.average.1h"]["label"] == "average of dwell in the last 1h"
    assert VARIABLES["values.dwell.percentile.session"]["field_type"] == "numeric"


def test_every_name_comes_with_the_operators_the_engine_knows_for_it():
    assert {"contains", "contains_all", "is_missing"} <= set(VARIABLES["tags"]["operators"])
    assert {"between", "greater_than"} <= set(VARIABLES["scores.intent"]["operators"])
    assert "greater_than" not in VARIABLES["traits.plan"]["operators"]


def test_business_rules_own_operators_are_all_offered_where_it_offers_them():
    for name in ("scores.intent", "traits.plan", "tags", "user.known"):
        theirs = {operator["name"] for operator in EXPORTED["variable_type_operators"][VARIABLES[name]["field_type"]]}

        assert theirs <= set(VARIABLES[name]["operators"])


def test_the_one_action_is_to_show_a_template_of_the_workspace():
    [action] = EXPORTED["actions"]

    assert action["name"] == "show"
    assert [option["name"] for option in action["params"][0]["options"]] == ["generic", "loyal"]


def test_business_rules_decides_over_these_variables_as_our_engine_does():
    facts = {"tags": ["buyer"], "traits.plan": "gold", "counts.dwell.1h": 700}
    conditions = {
        "all": [
            {"name": "tags", "operator": "contains_all", "value": ["buyer"]},
            {"any": [
                {"name": "traits.plan", "operator": "equal_to", "value": "free"},
                {"name": "counts.dwell.1h", "operator": "greater_than", "value": 600},
            ]},
        ]
    }  # fmt: skip

    shop = deepcopy(SHOP)
    shop["placements"][0]["rules"] = [{"key": "only", "when": conditions, "then": {"template": "loyal"}}]

    theirs = check_conditions_recursively(conditions, vocabulary.variables_class(document(shop))(facts))
    ours = compile_ruleset(document(shop)).decide("banner", facts)

    assert theirs is True
    assert ours.outcome == "matched"
