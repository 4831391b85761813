"""What stands before one rule's own outcome, each part by itself."""

from __future__ import annotations

from typing import Any

from rules.engine import compile_ruleset, parse_workspace


def equal(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "operator": "equal_to", "value": value}


RULESET = compile_ruleset(
    parse_workspace(
        {
            "schema": 1,
            "workspace": {"key": "w", "name": "W", "timezone": "UTC"},
            "templates": [{"key": "t", "body": "t"}],
            "traits": [{"key": "a"}, {"key": "b"}, {"key": "c"}],
            "placements": [
                {
                    "key": "p",
                    "rules": [
                        {
                            "key": "parent",
                            "when": {"all": [equal("traits.a", "1"), {"any": [equal("traits.b", "1"), equal("traits.b", "2")]}]},
                            "children": [
                                {
                                    "key": "child",
                                    "when": {"all": [equal("traits.c", "1")]},
                                    "rollout": {"percent": 50},
                                    "then": {"template": "t"},
                                },
                                {"key": "off", "enabled": False, "then": {"template": "t"}},
                            ],
                        },
                    ],
                }
            ],
        }
    )
)


def asked(facts: dict[str, Any]) -> list[bool]:
    return [bar.matches(facts) is wanted for bar, wanted in RULESET.bars("p", "child")]


def test_conditions_and_gates_of_a_rule_and_those_above_it_are_bars_of_their_own():
    assert len(asked({})) == 4  # a, b one way or the other, the roll-out, c
    assert asked({"traits.a": "1"}).count(True) == 1
    assert asked({"traits.a": "1", "traits.b": "2", "traits.c": "1"}).count(True) == 3


def test_all_stand_open_for_whom_the_rule_wins():
    facts = {"traits.a": "1", "traits.b": "2", "traits.c": "1"}
    users = [{**facts, "user.id": str(number)} for number in range(20)]

    assert {all(asked(user)) for user in users} == {True, False}
    for user in users:
        assert all(asked(user)) is (RULESET.decide("p", user).outcome == "matched")


def test_a_rule_that_is_switched_off_or_not_there_has_none():
    assert RULESET.bars("p", "off") is None
    assert RULESET.bars("p", "nowhere") is None
