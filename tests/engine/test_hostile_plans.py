"""Texts made to get into the code that rules are compiled to."""

from __future__ import annotations

import builtins
import re
from typing import Any

import pytest

from rules.engine import telling
from tests.engine.world import codes, compiled, document, leaf, rule

pytestmark = pytest.mark.usefixtures("soon")


INJECTIONS = [
    '");import os;os._exit(1)#',
    "');import os;os._exit(1)#",
    '""";import os',
    "x\nimport os\nos._exit(1)",
    "x\r\n    import os",
    "\\",
    "{0}",
    "%s",
    "__import__('os')._exit(1)",
    "\u2028import os",
    "M",
    "r[0]",
    "k0",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_that_an_author_wrote_is_in_the_source_of_a_plan(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sources: list[str] = []
    make = builtins.compile

    def noted(source: Any, *rest: Any, **more: Any) -> Any:
        sources.append(source)
        return make(source, *rest, **more)

    monkeypatch.setattr(builtins, "compile", noted)
    marked = f"author{text}"
    conditions = [
        leaf("traits.text", "equal_to", marked),
        leaf("traits.text", "in", [marked, "author"]),
        leaf("traits.text", "starts_with", marked),
        leaf("traits.words", "contains", marked),
        leaf("traits.odd", "equal_to", marked),
        leaf("user.id", "in_split", [marked[:100], 0, 50]),
        leaf("traits.items", "any_item", leaf("item.author", "equal_to", marked)),
        leaf("segments.author", "is_true"),
    ]
    rules = [
        rule({kind: [one, leaf("traits.author", "is_set")]}, key=f"author-{number}-{kind}", name=marked, description=marked)
        for number, one in enumerate(conditions)
        for kind in ("all", "none")
    ]
    traits = [*document()["traits"], {"key": "odd", "type": "one_of", "values": [marked], "name": marked}, {"key": "author"}]
    found = compiled(rules, traits=traits, segments=[{"key": "author", "when": leaf("traits.text", "equal_to", marked)}])
    telling._code.cache_clear()
    told = found.decide("slot", {"traits.text": marked, "traits.author": "x"}, explain="returned").explain
    texts = [source for source in sources if re.search(r"def (first|every)\(r, capped\)|def tell\(r, ", source)]

    assert len(texts) == 3
    # Letters stand in the words of the language and before numbers that the compiler deals, and nowhere else.
    for source in texts:
        assert "author" not in source
        if "def tell" in source:
            assert set(re.findall('"(.*?)"', source)) <= {"rules", "conditions", "all", "matched", "children", "actual"}
            source = re.sub('"[a-z]+"|[{}L]', "", source)
        assert set(source) <= set("abcdefghijklmnopqrstuvwxyzMET0123456789 \n()[]:=,.<>+-")
    assert found.decide("slot", {"traits.text": marked, "traits.author": "x"}).path == ("author-0-all",)
    assert told is not None
    assert told["rules"][0]["conditions"]["all"][0]["expected"] == marked


def test_a_plan_s_code_reaches_nothing_but_what_it_was_given() -> None:
    code = compiled([rule(leaf("traits.text", "equal_to", "__import__"))])._trees["slot"].plan.first

    assert code.__globals__["__builtins__"] == {}
    assert set(code.__code__.co_names) <= set(code.__globals__)
    assert "__import__" not in (*code.__code__.co_consts, *code.__code__.co_names)


def test_the_code_that_tells_of_a_rule_reaches_nothing_but_what_it_was_given() -> None:
    tells = compiled([rule(leaf("traits.text", "equal_to", "__import__"), key="import")])._trees["slot"].tells[0]

    assert tells.__globals__["__builtins__"] == {}
    assert set(tells.__code__.co_names) <= {*tells.__globals__, "copy", "isascii"}
    assert "__import__" not in (*tells.__code__.co_consts, *tells.__code__.co_names)


def test_keys_of_rules_can_hold_nothing_but_letters_digits_and_dashes() -> None:
    for text in INJECTIONS:
        if text != "k0":
            assert "bad_value" in codes(document([rule(key=text)]))
            assert "bad_value" in codes(document([rule(rollout={"percent": 5, "salt": text})]))
