"""The engines of the benchmark give the same answers; without that its figures would say nothing."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from tests.benchmarks.engine import signpost, zen_table
from tests.benchmarks.engine.__main__ import main
from tests.benchmarks.engine.cells import line_up
from tests.benchmarks.engine.measure import Differs, asking, in_turns, same_answers
from tests.benchmarks.engine.peers import Mode, business_rules
from tests.benchmarks.engine.rulesets import Case, Kind, Shape, make

WAYS = [zen_table.Way(loaded, taken) for loaded in zen_table.LOADED for taken in zen_table.TAKEN]


def case(kind: Kind, shape: Shape, *, whole: bool = False) -> Case:
    """So few stores and countries that targeted rules match, too."""
    return make(60, kind, shape, users=30, stores=4, countries=3, whole=whole)


@pytest.mark.parametrize("mode", get_args(Mode))
@pytest.mark.parametrize("shape", get_args(Shape))
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_engine_gives_the_same_rules_in_the_same_order(kind: Kind, shape: Shape, mode: Mode) -> None:
    made = case(kind, shape)

    matches = same_answers(line_up(made, signpost.parsed(made), mode, WAYS[0]), made.users, mode)

    assert matches > (0.3 if mode == "first" else 1)


@pytest.mark.parametrize("way", WAYS)
def test_zen_engine_answers_the_same_however_it_is_loaded(way: zen_table.Way) -> None:
    made = case("broad", "flat", whole=True)

    assert same_answers([business_rules(made, "all"), *zen_table.engines(made, "all", way)], made.users, "all") > 1


def test_an_engine_that_leaves_out_a_match_is_found() -> None:
    made = case("broad", "flat")
    right = business_rules(made, "all")
    wrong = dataclasses.replace(right, name="forgetful", read=lambda won: won[1:])

    with pytest.raises(Differs, match="forgetful says"):
        same_answers([right, wrong], made.users, "all")


def test_every_engine_takes_part_in_every_round() -> None:
    made = case("broad", "flat")
    engines = line_up(made, signpost.parsed(made), "first", WAYS[0])

    samples = in_turns([asking(engine, made.users[:2]) for engine in engines], rounds=2)

    assert list(samples) == [engine.name for engine in engines]
    assert all(len(took) == 2 and min(took) > 0 for took in samples.values())


def test_the_comparison_runs_to_its_goals(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--sizes", "10", "--kinds", "targeted"])

    printed = capsys.readouterr().out
    assert "10 rules, targeted, tree" in printed
    assert "not measured" in printed.split("Goals")[1]
