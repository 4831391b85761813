"""What check_template says: every problem at once, each with a code, a path, a place in the text and a next step."""

from __future__ import annotations

import pytest

from rules.engine import DocumentError, Problem
from rules.engine.workspace import Text
from rules.templating import check_template, compile_template, limits
from tests.templating.world import ENGINES, codes, template

both = pytest.mark.parametrize("engine", ENGINES)


def found(body: str, engine: str = "liquid") -> Problem:
    (problem,) = check_template(template(body, engine))
    return problem


@both
def test_a_good_template_has_no_problems(engine: str):
    assert check_template(template("Hi {{ user_name }}", engine, fields={"a": "{{ b }}"}, locales={"de": Text(body="Hallo")})) == []


@both
def test_an_empty_template_has_no_problems(engine: str):
    assert check_template(template("", engine)) == []


@both
def test_all_problems_of_a_text_are_reported_at_once(engine: str):
    body = "{% include 'x' %}\n{{ a | safe }} {{ b | frob }}\n<p title={{ c }}>\n<script></script>"

    problems = check_template(template(body, engine))

    assert [(problem.code, problem.path) for problem in problems] == [
        ("template_refused", "$.body"),
        ("template_refused", "$.body"),
        ("template_refused", "$.body"),
        ("unquoted_attribute", "$.body"),
        ("unsafe_html", "$.body"),
    ]
    assert [
        place in problem.message
        for place, problem in zip(["line 1, column 4", "line 2, column 8", "line 2, column 23"], problems, strict=False)
    ] == [True] * 3
    assert all(problem.fix for problem in problems)


@both
def test_problems_are_reported_for_every_text(engine: str):
    bad = "{{ a | frob }}"
    whole = template(bad, engine, fields={"headline": bad}, locales={"de": Text(body=bad, fields={"headline": bad, "cta": "fine"})})

    paths = [problem.path for problem in check_template(whole)]

    assert paths == ["$.body", "$.fields.headline", "$.locales.de.body", "$.locales.de.fields.headline"]


@both
def test_a_template_with_problems_does_not_compile(engine: str):
    with pytest.raises(DocumentError) as caught:
        compile_template(template("{{ a | frob }}", engine, fields={"b": "{{"}))

    assert [problem.code for problem in caught.value.problems] == ["template_refused", "template_syntax"]


@both
@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("{{ a", "line 1, column 1"),
        ("a\nb {{ a", "line 2, column 3"),
        ("a\n\n  {% if a %}x{% endif", "line 3, column 14"),
        ("{{ a }} {% if b", "line 1, column 9"),
    ],
)
def test_what_is_never_closed_is_pointed_at(engine: str, body: str, place: str):
    problem = found(body, engine)

    assert problem.code == "template_syntax"
    assert place in problem.message
    assert "never closed" in problem.message


@pytest.mark.parametrize(
    ("body", "engine", "place"),
    [
        ("a\n{{ a b }}", "liquid", "line 2"),
        ("a\n{% if %}x{% endif %}", "liquid", "line 2"),
        ("a\n{% endif %}", "liquid", "line 2, column 4"),
        ("a\n {% if a %}x", "liquid", "line 2"),
        ("a\n{{ a | truncate: 1, 2, 3 }}", "liquid", "line 2, column 8"),
        ("a\n{{ a | append }}", "liquid", "line 2, column 8"),
        ("a\n{% break %}", "liquid", "line 2, column 4"),
        ("a\n{{ a b }}", "jinja", "line 2, column 1"),
        ("a\n{% if %}x{% endif %}", "jinja", "line 2, column 1"),
        ("a\n{% endif %}", "jinja", "line 2, column 1"),
        ("a\n {% if a %}x", "jinja", "line 2, column 2"),
        ("a\n{{ a | truncate(1, 2, 3, 4) }}", "jinja", "line 2, column 8"),
        ("a\n{{ a | replace }}", "jinja", "line 2, column 8"),
        ("a\n{{ 1 is divisibleby }}", "jinja", "line 2, column 9"),
    ],
)
def test_a_mistake_is_pointed_at(body: str, engine: str, place: str):
    problem = found(body, engine)

    assert problem.code == "template_syntax"
    assert place in problem.message
    assert problem.fix


@pytest.mark.parametrize(
    ("body", "engine", "word"),
    [
        ("{% include 'x' %}", "liquid", "include"),
        ("{% assign a = (1..3) %}", "liquid", "range"),
        ("{{ a | safe }}", "liquid", "escaping"),
        ("{% include 'x' %}", "jinja", "include"),
        ("{{ a | safe }}", "jinja", "escaping"),
        ("{{ a.b() }}", "jinja", "b(...)"),
        ("{{ a._b }}", "jinja", "_b"),
        ("{{ a is iterable }}", "jinja", "iterable"),
        ("{% set a.b = 1 %}", "jinja", "plain names"),
        ("{% set _a = 1 %}", "jinja", "_a"),
        ("{% for loop_ in a recursive %}{% endfor %}", "jinja", "recursive"),
    ],
)
def test_what_is_not_available_is_named(body: str, engine: str, word: str):
    problems = check_template(template(body, engine))

    assert {problem.code for problem in problems} <= {"template_refused", "template_syntax"}
    assert any(word in problem.message for problem in problems)


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in (1..5) %}{{ i }}{% endfor %}",
        "{{ a-b }}",
        "{{ a['b c'] }}",
        "{{ a[b] }}",
        "{{ a[0].b }}",
        "{% if a == empty or b != blank %}{% endif %}",
    ],
)
def test_what_liquid_has_of_its_own_is_available(body: str):
    assert codes(body) == []


@both
def test_a_text_that_is_too_long_is_refused(engine: str):
    assert codes("x" * limits.SOURCE, engine) == []
    assert codes("x" * (limits.SOURCE + 1), engine) == ["template_too_long"]


@both
def test_too_many_fields_or_languages_are_refused(engine: str):
    fields = {f"f{number}": "" for number in range(limits.FIELDS + 1)}
    codes_of = ["AA" + chr(65 + number // 26) + "-" + chr(65 + number % 26) * 2 for number in range(limits.LOCALES + 1)]

    assert [(problem.code, problem.path) for problem in check_template(template(engine=engine, fields=fields))] == [
        ("template_too_long", "$.fields")
    ]
    assert [problem.path for problem in check_template(template(engine=engine, locales={code: Text() for code in codes_of}))] == [
        "$.locales"
    ]
    assert [problem.path for problem in check_template(template(engine=engine, locales={"de": Text(fields=fields)}))] == [
        "$.locales.de.fields"
    ]


@both
def test_too_much_text_in_all_languages_together_is_refused(engine: str):
    fields = {f"f{number}": "x" * limits.SOURCE for number in range(limits.TEMPLATE // limits.SOURCE)}

    assert check_template(template(engine=engine, fields=fields)) == []
    assert [problem.code for problem in check_template(template("x", engine, fields=fields))] == ["template_too_long"]


@both
@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_a_character_that_can_not_be_stored_is_refused(engine: str, character: str):
    assert codes(f"a{character}", engine) == ["template_syntax"]


@both
@pytest.mark.parametrize("name", ["counts", "counts.page_views", "counts[window]"])
def test_a_count_whose_window_is_not_written_out_is_found(engine: str, name: str):
    problem = found("{{ " + name + " }}", engine)

    assert problem.code == "window_unclear"
    assert "counts.page_views.7d" in problem.fix


@both
@pytest.mark.parametrize(
    "name", ["values", "values.dwell", "values.dwell.average", "values.dwell[which].1h", "values.dwell.average[window]"]
)
def test_a_value_whose_window_is_not_written_out_is_found(engine: str, name: str):
    problem = found("{{ " + name.replace(".1h", "['1h']") + " }}", engine)

    assert problem.code == "window_unclear"
    assert "values.dwell.average.1h" in problem.fix


def test_a_window_jinja_can_not_read_gets_a_hint():
    assert "['7d']" in found("{{ counts.page_views.7d }}", "jinja").fix
