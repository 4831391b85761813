"""Names of what is kept of signals, what scores take of them, and thresholds that follow all users: the good ones and the refused."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine import check, compile_ruleset, limits, parse_workspace
from rules.engine.aggregates import AGGREGATES
from rules.engine.compile import run, thresholds_of, workspace_sites
from rules.engine.vocabulary import Vocabulary
from rules.engine.work import Site
from tests.engine.world import BASE, codes, document, leaf, problems, rule

SIGNALS = [
    *BASE["signals"],
    {"key": "dwell", "event": "Page Dwelled", "value": "properties.seconds", "name": "Time on page"},
    {"key": "category", "event": "Viewed", "value": "properties.category", "type": "text"},
]
BUSY: dict[str, Any] = {"key": "busy", "value": 10, "adaptive": {"signal": "dwell", "k": 2}}


def world(rules: list[dict[str, Any]] | None = None, **parts: Any) -> dict[str, Any]:
    return document(rules, **{"signals": SIGNALS, "thresholds": [*BASE["thresholds"], BUSY]} | parts)


def asked(name: str, operator: str = "is_set", *value: Any) -> list[tuple[str, str]]:
    return [
        (one.code, one.path.removeprefix("$.placements[0].rules[0].when.")) for one in problems(world([rule(leaf(name, operator, *value))]))
    ]


NAMES = Vocabulary.of(parse_workspace(world()))


@pytest.mark.parametrize("word", AGGREGATES)
def test_every_aggregate_is_a_name_with_its_type_and_words(word: str) -> None:
    found = NAMES.get(f"values.dwell.{word}.{AGGREGATES[word].usual}")

    assert found is not None
    assert found.type == "number"
    assert "Time on page" in found.label


@pytest.mark.parametrize("window", ["1h", "400d", "today", "this_week", "this_month", "session", "total"])
def test_counts_and_aggregates_have_the_same_windows(window: str) -> None:
    assert NAMES.get(f"counts.dwell.{window}")
    assert NAMES.get(f"values.dwell.average.{window}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("values.dwell.average.1h", "average of Time on page in the last 1h"),
        ("values.dwell.count.this_week", "number of Time on page this week"),
        ("values.dwell.moving_average.5", "moving average of Time on page over the last 5"),
        ("values.dwell.smoothed.10m", "smoothed Time on page with a half-life of 10m"),
        ("values.dwell.percentile.session", "percentile of the latest Time on page in this session"),
        ("counts.dwell.today", "Time on page today"),
        ("thresholds.busy", "threshold busy"),
    ],
)
def test_a_name_is_told_in_words(name: str, words: str) -> None:
    found = NAMES.get(name)

    assert found is not None
    assert found.label == words


def test_of_a_text_the_frequent_the_first_and_the_last_are_texts() -> None:
    for word in ("most_frequent", "first", "last"):
        assert asked(f"values.category.{word}.total", "contains", "shoe") == []
        assert asked(f"values.dwell.{word}.total", "contains", "shoe") == [("operator_wrong_for_type", "operator")]
    assert asked("values.category.unique.session", "greater_than", 2) == []


@pytest.mark.parametrize(
    ("name", "code", "fix"),
    [
        ("values.dwel.average.1h", "unknown_signal", "Did you mean dwell?"),
        ("values.dwell.averge.1h", "unknown_aggregate", "Did you mean average?"),
        ("values.dwell", "unknown_aggregate", "Write one of count, sum,"),
        ("values.dwell.average", "bad_window", "Write a duration"),
        ("values.dwell.average.401d", "bad_window", "Write a duration"),
        ("values.dwell.average.1h.2h", "bad_window", "Write a duration"),
        ("values.dwell.average.yesterday", "bad_window", "Write a duration"),
        ("values.dwell.moving_average.1", "bad_window", "Write how many"),
        ("values.dwell.moving_average.51", "bad_window", "Write how many"),
        ("values.dwell.moving_average.05", "bad_window", "Write how many"),
        ("values.dwell.moving_average.\u0665", "bad_window", "Write how many"),
        ("values.dwell.smoothed.session", "bad_window", "Write a half-life"),
        ("values.dwell.percentile.1h", "bad_window", "Write `session`."),
        ("values.category.average.1h", "aggregate_wrong_for_signal", "Use one of: count, unique, most_frequent, first, last."),
        ("counts.dwell.this_year", "bad_window", "Write a duration"),
        ("thresholds.bussy", "unknown_threshold", "Did you mean thresholds.busy?"),
        ("thresholds.big-cart", "unknown_threshold", ""),
    ],
)
def test_a_name_that_is_none_says_what_to_write(name: str, code: str, fix: str) -> None:
    [problem] = problems(world([rule(leaf(name, "is_set"))]))

    assert (problem.code, problem.path) == (code, "$.placements[0].rules[0].when.name")
    assert problem.fix.startswith(fix)


@pytest.mark.parametrize(
    ("take", "code"),
    [
        ("sum", None), ("last", None), ("max", None), ("average.10m", None), ("smoothed.1h", None), ("moving_average.5", None),
        ("percentile.session", None), ("unique.today", None), ("average", "unknown_aggregate"), ("mean.1h", "unknown_aggregate"),
        ("average.often", "bad_window"), ("", "unknown_aggregate"), ("x" * 41, "bad_value"),
    ],
)  # fmt: skip
def test_a_term_takes_an_aggregate_with_its_window(take: str, code: str | None) -> None:
    scores = [{"key": "intent", "terms": [{"signal": "dwell", "take": take}]}]

    assert [(one.code, one.path) for one in problems(world(scores=scores))] == ([(code, "$.scores[0].terms[0].take")] if code else [])


@pytest.mark.parametrize(
    ("take", "code"),
    [
        ("sum", None),
        ("unique.1h", None),
        ("last", "unknown_aggregate"),
        ("average.1h", "aggregate_wrong_for_signal"),
        ("last.1h", "aggregate_wrong_for_signal"),
    ],
)
def test_a_term_takes_numbers_only(take: str, code: str | None) -> None:
    assert codes(world(scores=[{"key": "intent", "terms": [{"signal": "category", "take": take}]}])) == ([code] if code else [])


def test_a_signal_that_reads_text_says_where_it_stands() -> None:
    [problem] = problems(world(signals=[*SIGNALS, {"key": "x", "event": "X", "type": "text"}]))

    assert (problem.code, problem.path) == ("values_missing", "$.signals[4].value")


# Thresholds that follow all users


def adaptive(**parts: Any) -> dict[str, Any]:
    return {**BUSY, "adaptive": {key: value for key, value in {**BUSY["adaptive"], **parts}.items() if value is not None}}


@pytest.mark.parametrize(
    ("parts", "code", "place"),
    [
        ({"signal": "dwel"}, "unknown_signal", ".signal"),
        ({"signal": "category"}, "aggregate_wrong_for_signal", ".signal"),
        ({"k": None}, "unclear_adaptive", ""),
        ({"percentile": 90}, "unclear_adaptive", ""),
        ({"min": 5, "max": 4}, "empty_range", ""),
        ({"half_life": "401d"}, "bad_duration", ".half_life"),
        ({"half_life": "a day"}, "bad_value", ".half_life"),
        ({"at_least": 1}, "bad_value", ".at_least"),
        ({"k": 11}, "bad_value", ".k"),
        ({"k": None, "percentile": 100}, "bad_value", ".percentile"),
        ({"min": "5"}, "wrong_type", ".min"),
        ({"window": "1d"}, "unknown_field", ".window"),
    ],
)
def test_what_it_follows_must_be_there_and_be_clear(parts: dict[str, Any], code: str, place: str) -> None:
    found = [(one.code, one.path) for one in problems(world(thresholds=[adaptive(**parts)]))]

    assert found == [(code, f"$.thresholds[0].adaptive{place}")]


@pytest.mark.parametrize(
    "parts", [{}, {"k": -1, "min": 0}, {"k": None, "percentile": 90}, {"half_life": "1d", "at_least": 5, "min": 4, "max": 4}]
)
def test_good_ones_are_taken(parts: dict[str, Any]) -> None:
    assert codes(world(thresholds=[adaptive(**parts)])) == []


def test_there_are_only_so_many() -> None:
    many = [{**BUSY, "key": f"t{number}"} for number in range(limits.ADAPTIVE + 1)]

    assert [(one.code, one.path) for one in problems(world(thresholds=many))] == [("too_many_adaptive", "$.thresholds[50].adaptive")]


def test_a_rule_reads_it_as_a_name_and_asks_for_it() -> None:
    ruleset = compile_ruleset(parse_workspace(world([rule(leaf("values.dwell.last.total", "greater_than", {"threshold": "busy"}))])))

    assert {"thresholds.busy", "values.dwell.last.total"} <= ruleset.names
    assert ruleset.decide("slot", {"values.dwell.last.total": 12, "thresholds.busy": 10}).outcome == "matched"
    assert ruleset.decide("slot", {"values.dwell.last.total": 12, "thresholds.busy": 12}).outcome == "fallback"


def test_a_segment_may_use_it() -> None:
    segments = [{"key": "busy", "when": leaf("counts.dwell.1h", "greater_than", {"threshold": "busy"})}]

    assert codes(world([rule(leaf("segments.busy", "is_true"))], segments=segments)) == []


@pytest.mark.parametrize("part", ["signals", "tags"])
def test_what_an_event_does_to_a_user_never_depends_on_others(part: str) -> None:
    where = leaf("properties.seconds", "greater_than", {"threshold": "busy"})
    parts: dict[str, Any] = {
        "signals": {"signals": [*SIGNALS, {"key": "long", "event": "Page Dwelled", "where": where}]},
        "tags": {"tags": [*BASE["tags"], {"key": "busy", "assign": {"event": "Page Dwelled", "where": where}}]},
    }[part]
    [problem] = problems(world(**parts))

    assert (problem.code, problem.path.endswith("where.value")) == ("threshold_not_allowed", True)
    assert problem.fix == "Use a fixed threshold here, or ask for the adaptive one in a rule or segment."


@pytest.mark.parametrize(
    "when",
    [
        leaf("counts.dwell.1h", "greater_than", {"threshold": "busy"}),
        leaf("counts.dwell.1h", "greater_than", {"name": "thresholds.busy"}),
        leaf("thresholds.busy", "greater_than", 5),
        leaf("segments.outer", "is_true"),
    ],
)
def test_conditions_on_a_user_that_are_no_rules_may_not_ask_for_it_by_whatever_way(when: dict[str, Any]) -> None:
    """As those that must hold for a tag to be given: they are asked while events are folded."""
    segments = [
        {"key": "inner", "when": leaf("counts.dwell.1h", "greater_than", {"threshold": "busy"})},
        {"key": "outer", "when": {"all": [leaf("segments.inner", "is_true"), leaf("tags", "is_set")]}},
    ]
    workspace = parse_workspace(world(segments=segments))
    work = run([*workspace_sites(workspace), Site("$.here", when, Vocabulary.of(workspace))], thresholds_of(workspace))

    assert [(one.code, one.path) for one in work.problems] == [("threshold_not_allowed", "$.here.value")]


def test_a_tags_conditions_on_the_user_may_not_ask_for_it() -> None:
    tag = {"key": "busy", "assign": {"event": "Page Dwelled", "when": leaf("counts.dwell.1h", "greater_than", {"threshold": "busy"})}}
    [problem] = problems(world(tags=[*BASE["tags"], tag]))

    assert (problem.code, problem.path) == ("threshold_not_allowed", "$.tags[3].assign.when.value")


def test_it_does_not_stand_in_conditions_on_items() -> None:
    inner = leaf("item.price", "greater_than", {"threshold": "busy"})
    [problem] = problems(world([rule(leaf("traits.items", "any_item", inner))]))

    assert (problem.code, problem.fix) == ("threshold_not_allowed", "Use a fixed threshold here.")


def test_it_stands_alone_never_in_a_list() -> None:
    between = leaf("counts.dwell.1h", "between", [1, {"threshold": "busy"}])

    assert codes(world([rule(between)])) == ["threshold_not_allowed"]
    assert asked("counts.dwell.1h", "modulo", {"threshold": "busy"}) == [("name_not_allowed", "value")]


def test_one_that_rules_name_is_used() -> None:
    for when in (leaf("thresholds.busy", "greater_than", 5), leaf("counts.dwell.1h", "greater_than", {"name": "thresholds.busy"})):
        found = [one.path for one in check(parse_workspace(world([rule(when)]))) if one.code == "unused_threshold"]
        assert found == ["$.thresholds[0]", "$.thresholds[1]"]
