"""Where in the HTML a value may stand. What escaping can't protect is found before a template is used."""

from __future__ import annotations

import pytest

from rules.templating import check_template
from tests.templating.world import ENGINES, codes, say, template

both = pytest.mark.parametrize("engine", ENGINES)


@both
@pytest.mark.parametrize(
    "body",
    [
        "{{ a }}",
        "<p>{{ a }}</p>",
        '<p title="{{ a }}">',
        "<p title='{{ a }}'>",
        '<p title = "x {{ a }} y">',
        '<p title="{{ a }}"class="{{ b }}">',
        '<p title="{% if a %}{{ a }}{% else %}it\'s{% endif %}">',
        '<p class="{% for x in a %}{{ x }} {% endfor %}">',
        "<option {% if a %}selected{% endif %}>",
        '<option {% if a %}selected{% endif %} value="{{ b }}">',
        '<option{% if a %} selected{% endif %} value="{{ b }}">',
        '<option {% if a %}selected {% endif %}value="{{ b }}">',
        '<p {% if a %}class="x"{% else %}hidden{% endif %}>{{ b }}</p>',
        "{% if a %}<b>{{ a }}</b>{% else %}<i>{{ b }}</i>{% endif %}",
        "{% if a %}<b>{% endif %}{{ b }}{% if a %}</b>{% endif %}",
        "<!-- note --><p>{{ a }}</p>",
        "<!-->{{ a }}",
        "<!-- {% if a %}x{% endif %} -->{{ a }}",
        "a < b {{ a }} > c <3 {{ a }}",
        "<style>p { color: red }</style>{{ a }}",
        "<br/>{{ a }}<img src='/x.png' alt=plain />",
        "<textarea></textarea>{{ a }}",
        "<!DOCTYPE html>{{ a }}",
        '<svg><circle r="{{ a }}"/></svg>',
    ],
)
def test_a_value_may_stand_between_tags_and_in_quotes(engine: str, body: str):
    assert codes(body, engine) == []


@both
@pytest.mark.parametrize(
    "body",
    [
        "<p title={{ a }}>",
        "<p title= {{ a }}>",
        "<p title=x{{ a }}>",
        "<p title\n=\n{{ a }}>",
        "<p title={% if a %}{{ a }}{% else %}{{ b }}{% endif %}>",
        "</p title={{ a }}>",
        "<svg><circle r={{ a }} /></svg>",
    ],
)
def test_a_value_without_quotes_is_found(engine: str, body: str):
    assert "unquoted_attribute" in codes(body, engine)


@both
@pytest.mark.parametrize(
    "body",
    [
        "<{{ a }}>",
        "</{{ a }}>",
        "<p{{ a }}>",
        "<p {{ a }}>",
        "<p {{ a }}='x'>",
        "<p on{{ a }}='x'>",
        "<p title='x'{{ a }}>",
        "<p title {{ a }}>",
        "<p {% if b %}x{% endif %}{{ a }}>",
        "<!-- {{ a }} -->",
        "<!{{ a }}>",
        "<? {{ a }} >",
        "<style>{{ a }}</style>",
        "<style>p { color: {{ a }} }</style>",
        "<title>{{ a }}</title>",
        "<textarea>{{ a }}</textarea>",
        "<iframe>{{ a }}</iframe>",
        "<style></sty{{ a }}le>",
        '<p {% if b %}title="{% endif %}{{ a }}{% if b %}"{% endif %}>',
        "<p {% if b %}title={% endif %}'{{ a }}'>",
        "{% if b %}<p title='{% endif %}{{ a }}{% if b %}'>{% endif %}",
        "<p {% if b %}title{% else %}style{% endif %}='{{ a }}'>",
        "<p {% if b %}on{% endif %}click='{{ a }}'>",
        "<{% if b %}p{% else %}style{% endif %}>{{ a }}</p>",
        "{% for x in b %}<p title='{% endfor %}{{ a }}",
        "<p title{% for x in b %}='{{ x }}'{% endfor %}>",
        "{% for x in b %}<p title='{{ x }}{% endfor %}'>",
        "<!-- --{% if b %}>{% endif %}{{ a }} -->",
    ],
)
def test_a_value_where_escaping_does_not_help_is_found(engine: str, body: str):
    assert "unsafe_place" in codes(body, engine)


@both
@pytest.mark.parametrize(
    "body",
    [
        "<script>x</script>",
        "<SCRIPT src='/x.js'></SCRIPT>",
        "<script{% if a %} async{% endif %}></script>",
        "<p onclick='x'>",
        "<p ONCLICK=x>",
        "<p onmouseover>",
        "<iframe srcdoc='x'></iframe>",
        "<base href='/x'>",
        "<meta http-equiv='refresh' content='0'>",
        "<object data='/x'></object>",
        "<noscript>x</noscript>",
        "<xmp>x</xmp>",
        "<svg><![CDATA[ x ]]></svg>",
        "<svg><style>x</style></svg>",
        "<!-- x --!>",
    ],
)
def test_markup_that_runs_code_or_that_browsers_read_differently_is_found(engine: str, body: str):
    assert "unsafe_html" in codes(body, engine)


@both
@pytest.mark.parametrize("body", ["<p", "<p title='x", "<p title=x", "<!-- x", "<style>x", "</p", "{% if a %}<p{% endif %}"])
def test_a_text_that_ends_inside_a_tag_is_found(engine: str, body: str):
    assert {"unclosed_html", "unsafe_place"} & set(codes(body, engine))


@both
def test_a_problem_inside_raw_is_found_too(engine: str):
    assert codes("{% raw %}<script>{{ a }}</script>{% endraw %}", engine) == ["unsafe_html"]


def test_what_a_break_leaves_behind_counts():
    assert codes("{% for x in b %}<p title='{% if x %}{% break %}{% endif %}'>{% endfor %}{{ a }}") == ["unsafe_place"]


@pytest.mark.parametrize("captured", ["<p title='", "<p", "<", "<!--"])
def test_what_is_captured_ends_between_tags(captured: str):
    assert codes("{% capture x %}" + captured + "{% endcapture %}{{ x }}") == ["unsafe_place"]


def test_every_when_of_a_case_ends_at_the_same_place():
    assert codes("<p class='{% case a %}{% when 1 %}{{ a }}{% when 2 %}x{% else %}y{% endcase %}'>") == []
    assert codes("{% case a %}{% when 1 %}<p class='{% else %}{% endcase %}'>") == ["unsafe_place"]


@both
def test_the_problem_says_what_to_write(engine: str):
    (problem,) = check_template(template("<p>\n  <a title={{ a }}>", engine))

    assert (problem.path, problem.code) == ("$.body", "unquoted_attribute")
    assert "line 2, column 12" in problem.message
    assert problem.fix == 'Write title="..." with the quotes.'


@both
def test_a_branch_of_blanks_is_printed_as_it_is_written(engine: str):
    assert say("a{% if yes %} {% endif %}b", engine, yes=True) == "a b"
