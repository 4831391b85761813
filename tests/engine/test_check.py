"""Every finding of check that is not about conditions alone: its code, its place and a next step."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from rules.engine import check, limits, obstacles, parse_workspace
from rules.engine.workspace import Rule, Workspace
from tests.engine.world import BASE, codes, document, leaf, problems, rule


def changed(path: str, value: Any) -> dict[str, Any]:
    """The base with one place set, such as `scores.0.bands`; `+` appends to a list."""
    made = copy.deepcopy(BASE)
    *way, last = path.split(".")
    place: Any = made
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if last == "+":
        place.append(value)
    elif isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return made


def boost(start: str, until: str) -> list[dict[str, Any]]:
    return [{"factor": 2, "from": start, "until": until}]


FINDINGS = [
    ("tags.0.purpose", "ads", "unknown_purpose", "$.tags[0].purpose"),
    ("signals.0.purpose", "ads", "unknown_purpose", "$.signals[0].purpose"),
    ("traits.0.purpose", "ads", "unknown_purpose", "$.traits[0].purpose"),
    ("placements.0.purpose", "ads", "unknown_purpose", "$.placements[0].purpose"),
    ("purposes", [{"key": "a", "events": True}, {"key": "b", "events": True}], "second_event_purpose", "$.purposes[1].events"),
    ("purposes", [{"key": f"p{n}"} for n in range(limits.PURPOSES + 1)], "too_many_purposes", f"$.purposes[{limits.PURPOSES}]"),
    ("purposes", [{"key": "a"}, {"key": "a"}], "duplicate_key", "$.purposes[1].key"),
    ("workspace.timezone", "Mars/Olympus", "bad_timezone", "$.workspace.timezone"),
    ("workspace.timezone", "../../etc/passwd", "bad_timezone", "$.workspace.timezone"),
    ("workspace.timezone", "Europe", "bad_timezone", "$.workspace.timezone"),
    ("workspace.timezone", "", "bad_timezone", "$.workspace.timezone"),
    ("workspace.timezone", "localtime", "bad_timezone", "$.workspace.timezone"),
    ("workspace.key", "Shop", "bad_value", "$.workspace.key"),
    ("workspace.key", "shop\n", "bad_value", "$.workspace.key"),
    ("traits.+", {"key": "text"}, "duplicate_key", "$.traits[16].key"),
    ("context.+", {"key": "store"}, "duplicate_key", "$.context[1].key"),
    ("signals.+", {"key": "views", "event": "Seen"}, "duplicate_key", "$.signals[2].key"),
    ("tags.+", {"key": "loyal"}, "duplicate_key", "$.tags[3].key"),
    ("scores.+", {"key": "intent", "terms": [{"signal": "views"}]}, "duplicate_key", "$.scores[1].key"),
    ("thresholds.+", {"key": "big-cart", "value": 1}, "duplicate_key", "$.thresholds[2].key"),
    ("templates.+", {"key": "one"}, "duplicate_key", "$.templates[5].key"),
    ("placements.+", {"key": "slot"}, "duplicate_key", "$.placements[1].key"),
    ("traits.3.values", [], "values_missing", "$.traits[3].values"),
    ("traits.0.values", ["1"], "values_unused", "$.traits[0].values"),
    ("traits.3.values", ["a", "a"], "duplicate_value", "$.traits[3].values"),
    ("traits.0.merge", "union", "bad_merge", "$.traits[0].merge"),
    ("traits.3.merge", "sum", "bad_merge", "$.traits[3].merge"),
    ("traits.0.merge", "newest", "bad_value", "$.traits[0].merge"),
    ("context.0.merge", "first", "unknown_field", "$.context[0].merge"),
    ("traits.0.type", "integer", "bad_value", "$.traits[0].type"),
    ("tags.0.ttl", "401d", "bad_duration", "$.tags[0].ttl"),
    ("tags.0.ttl", "7 days", "bad_value", "$.tags[0].ttl"),
    ("tags.0.assign", {"event": "Viewed", "count": {"at_least": 3, "within": "9999d"}}, "bad_duration", "$.tags[0].assign.count.within"),
    ("tags.0.assign", {"event": "Viewed", "count": {"at_least": 0}}, "bad_value", "$.tags[0].assign.count.at_least"),
    ("scores.0.half_life", "9999d", "bad_duration", "$.scores[0].half_life"),
    ("scores.0.terms.0.signal", "view", "unknown_signal", "$.scores[0].terms[0].signal"),
    ("scores.0.terms", [], "bad_value", "$.scores[0].terms"),
    ("scores.0.bands", {"high": 1, "low": 1.0}, "duplicate_band", "$.scores[0].bands"),
    ("scores.0.bands", {"high": "0.8"}, "wrong_type", "$.scores[0].bands.high"),
    ("scores.0.bands", {"High": 0.8}, "bad_value", "$.scores[0].bands"),
    ("scores.0.bands", {"high": True}, "wrong_type", "$.scores[0].bands.high"),
    ("scores.0.terms.0.boosts", boost("tomorrow", "2026-12-01"), "bad_date", "$.scores[0].terms[0].boosts[0].from"),
    ("scores.0.terms.0.boosts", boost("2026-11-01", "2026-13-01"), "bad_date", "$.scores[0].terms[0].boosts[0].until"),
    ("scores.0.terms.0.boosts", boost("2026-12-01", "2026-11-01"), "empty_period", "$.scores[0].terms[0].boosts[0]"),
    (
        "scores.0.terms.0.boosts",
        boost("2026-12-01T01:00:00+01:00", "2026-12-01T00:00:00Z"),
        "empty_period",
        "$.scores[0].terms[0].boosts[0]",
    ),
    ("thresholds.0.value", "100", "wrong_type", "$.thresholds[0].value"),
    ("thresholds.0.value", None, "wrong_type", "$.thresholds[0].value"),
    ("placements.0.fallback.template", "other", "unknown_template", "$.placements[0].fallback.template"),
    ("placements.0.fallback.template", "with-headline", "field_not_in_placement", "$.placements[0].fallback.template"),
    ("placements.0.content", "video", "bad_value", "$.placements[0].content"),
    ("signals.0.where", {"all": []}, "empty_group", "$.signals[0].where.all"),
    ("tags.0.assign", {"event": "Viewed", "where": leaf("tags", "is_set")}, "unknown_name", "$.tags[0].assign.where.name"),
    ("tags.0.remove", {"event": "Viewed", "where": leaf("properties.a", "is")}, "unknown_operator", "$.tags[0].remove.where.operator"),
    ("tags.0.assign", {}, "event_missing", "$.tags[0].assign.event"),
    ("tags.0.assign", {"where": leaf("properties.a", "is_set")}, "event_missing", "$.tags[0].assign.event"),
    ("tags.0.remove", {}, "event_missing", "$.tags[0].remove.event"),
    ("tags.0.remove", {"when": leaf("tags", "is_set")}, "event_missing", "$.tags[0].remove.event"),
    ("tags.0.assign", {"event": "A", "steps": [{"event": "A"}, {"event": "B"}]}, "several_triggers", "$.tags[0].assign.steps"),
    ("tags.0.assign", {"event": "A", "within": "1h"}, "trigger_unfit", "$.tags[0].assign.within"),
    ("tags.0.assign", {"event": "A", "count": {"at_least": 2}, "inactive": "1h"}, "trigger_unfit", "$.tags[0].assign.inactive"),
    ("tags.0.assign", {"steps": [{"event": "A"}, {"event": "B"}], "count": {"at_least": 2}}, "trigger_unfit", "$.tags[0].assign.count"),
    (
        "tags.0.assign",
        {"event": "A", "count": {"at_least": 21, "by": "properties.a"}},
        "impossible_count",
        "$.tags[0].assign.count.at_least",
    ),
    ("tags.0.assign", {"event": "A", "sum": {"of": "properties.a", "at_least": 0}}, "bad_value", "$.tags[0].assign.sum.at_least"),
    ("tags.0.assign", {"steps": [{"event": "A"}], "within": "1h"}, "too_few_parts", "$.tags[0].assign.steps"),
    ("tags.0.assign", {"steps": [{"event": "A", "not": True}] * 2, "within": "1h"}, "sequence_shape", "$.tags[0].assign.steps[0].not"),
    ("tags.0.assign", {"steps": [{"event": "A"}, {"event": "B", "not": True}]}, "time_limit_missing", "$.tags[0].assign.within"),
    ("tags.0.assign", {"steps": [{"event": "A", "times": 15}] * 2}, "sequence_too_long", "$.tags[0].assign.steps"),
    ("tags.0.assign", {"steps": [{"event": "A"}] * 11}, "bad_value", "$.tags[0].assign.steps"),
    (
        "tags.0.assign",
        {"steps": [{"event": "A"}, {"event": "B", "not": True, "within": "1h"}, {"event": "C"}]},
        "sequence_shape",
        "$.tags[0].assign.steps[1].within",
    ),
    (
        "tags.0.assign",
        {"steps": [{"event": "A"}, {"event": "B", "not": True, "times": 2}], "within": "1h"},
        "sequence_shape",
        "$.tags[0].assign.steps[1].times",
    ),
    ("tags.0.assign", {"steps": [{"event": "A"}, {"event": "B", "within": "401d"}]}, "bad_duration", "$.tags[0].assign.steps[1].within"),
    ("tags.0.assign", {"all": [{"event": "A"}]}, "too_few_parts", "$.tags[0].assign.all"),
    (
        "tags.0.assign",
        {"all": [{"event": "A"}, {"event": "B", "times": 2, "sum": {"of": "properties.a", "at_least": 1}}]},
        "trigger_unfit",
        "$.tags[0].assign.all[1].times",
    ),
    ("tags.0.assign", {"event": "A", "when": leaf("counts.gone.1h", "is_set")}, "unknown_signal", "$.tags[0].assign.when.name"),
    ("tags.0.assign", {"event": "A", "when": leaf("properties.a", "is_set")}, "unknown_name", "$.tags[0].assign.when.name"),
    (
        "tags.0.assign",
        {"steps": [{"event": "A"}, {"event": "B", "where": {"all": []}}]},
        "empty_group",
        "$.tags[0].assign.steps[1].where.all",
    ),
    ("tags", [{"key": f"t{n}", "group": "g"} for n in range(21)], "group_too_large", "$.tags[20].group"),
    ("tags", [{"key": f"t{n}", "assign": {"event": "*"}} for n in range(21)], "too_many_any_event", "$.tags[20]"),
    ("signals.0.value", "seconds", "bad_value", "$.signals[0].value"),
    ("schema", 2, "bad_value", "$.schema"),
    ("rules", [], "unknown_field", "$.rules"),
]


@pytest.mark.parametrize(("path", "value", "code", "place"), FINDINGS, ids=[f"{path}={value!r}"[:60] for path, value, _, _ in FINDINGS])
def test_the_finding_has_its_code_and_place(path: str, value: Any, code: str, place: str) -> None:
    found = [(problem.code, problem.path) for problem in problems(changed(path, value))]

    assert (code, place) in found


def test_the_base_has_no_problems() -> None:
    assert problems(document()) == ()


def test_every_problem_says_what_is_wrong_and_most_say_what_to_do() -> None:
    found = [problem for path, value, _, _ in FINDINGS for problem in problems(changed(path, value))]

    assert all(problem.message and problem.path.startswith("$") for problem in found)
    assert all(problem.fix for problem in found if problem.code not in {"wrong_type", "bad_value"})


def test_problems_of_meaning_are_told_all_at_once() -> None:
    data = document(
        [
            rule(leaf("traits.colour", "equal_to", "red"), key="a"),
            rule(leaf("traits.number", "equal_to", "one"), key="a", template="none-such"),
        ]
    )
    data["workspace"]["timezone"] = "Nowhere"

    assert sorted(codes(data)) == ["bad_timezone", "duplicate_key", "unknown_name", "unknown_template", "wrong_value"]


def test_problems_of_structure_are_told_all_at_once() -> None:
    data = document(
        [{"key": "a", "then": {}, "cap": {"session": 0}, "children": [{"key": 5}]}], tags=[{"ttl": "1d"}, {"key": "x", "colour": 1}]
    )

    found = {(problem.code, problem.path) for problem in problems(data)}

    assert found == {
        ("missing_field", "$.placements[0].rules[0].then"),
        ("bad_value", "$.placements[0].rules[0].cap.session"),
        ("wrong_type", "$.placements[0].rules[0].children[0].key"),
        ("missing_field", "$.tags[0]"),
        ("unknown_field", "$.tags[1].colour"),
    }


def test_a_misspelt_name_is_answered_with_the_one_that_was_meant() -> None:
    (problem,) = problems(document([rule(leaf("traits.cart_vlaue", "greater_than", 1))]))

    assert problem.fix == "Did you mean traits.cart_value?"


def test_a_field_the_placement_has_may_be_filled() -> None:
    data = changed("placements.0", {"key": "slot", "content": "fields", "fields": ["headline"], "fallback": {"template": "with-headline"}})

    assert problems(data) == ()


def test_a_field_filled_in_one_language_only_counts_too() -> None:
    data = changed("templates.0", {"key": "one", "locales": {"de": {"fields": {"claim": "Hallo"}}}})
    data["placements"][0]["rules"] = [rule(key="a")]

    assert codes(data) == ["field_not_in_placement"]


def test_check_of_a_workspace_finds_what_parsing_would() -> None:
    workspace = parse_workspace(document())

    assert obstacles(workspace) == []
    assert [problem.code for problem in check(Workspace(workspace=workspace.workspace, placements=[*workspace.placements] * 2))] == [
        "duplicate_key",
        "unknown_template",
        "unknown_template",
    ]


def test_more_problems_than_anyone_reads_are_cut_with_a_word_about_it() -> None:
    data = document([rule(leaf("nothing", "is_set"), key=f"r{number}") for number in range(limits.PROBLEMS + 5)])

    found = codes(data)

    assert len(found) == limits.PROBLEMS + 1
    assert found[-1] == "too_many_problems"


def test_rules_nested_too_deep_are_refused_where_the_limit_is_passed() -> None:
    inner = rule(leaf("tags", "contains", "new"), key="r17")
    for depth in range(16, 0, -1):
        inner = rule(leaf("tags", "contains", "new"), key=f"r{depth}", children=[inner])

    (problem,) = problems(document([inner]))

    assert (problem.code, problem.path.count("children")) == ("rules_too_deep", 16)


def test_a_workspace_made_in_code_may_be_as_deep_as_it_likes() -> None:
    deep = Rule(key="r0")
    for number in range(1, 3000):
        deep = Rule(key=f"r{number}", children=[deep])
    workspace = parse_workspace(document())
    placement = type(workspace.placements[0])(key="deep", rules=[deep])

    found = check(Workspace(workspace=workspace.workspace, placements=[placement]))

    assert [problem.code for problem in found] == ["rules_too_deep"]


def test_a_document_is_told_the_same_way_as_text_and_as_values() -> None:
    data = changed("scores.0.terms.0.signal", "view")

    assert problems(json.dumps(data).encode()) == problems(data)


def test_as_many_rules_as_are_allowed_are_accepted_and_one_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RULES", 3)
    rules = [rule(key=f"r{number}") for number in range(4)]

    assert "too_many_rules" not in codes(document(rules[:3]))
    assert "too_many_rules" in codes(document(rules))
