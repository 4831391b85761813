"""Templates are written without JSON: texts as rows, problems by line and column, previews of somebody made up."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_ui.writing.parts import LOCALES, TEXTS
from admin_ui.writing.rows import RowsWidget, written
from rules import services
from rules.models import Draft
from rules.templating import written as looked_at
from tests.admin_ui.conftest import address, filled
from tests.rules.conftest import ANNA, NOW

keys = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
texts = st.dictionaries(keys, st.text("ab {}\n\"'\\é", max_size=12).filter(lambda text: not text or text.strip()), max_size=4)
locales = st.dictionaries(
    keys, st.fixed_dictionaries({}, optional={"body": st.text("ab", min_size=1), "fields": texts.filter(bool)}), max_size=3
)


def again(rows, value):
    """What a form's rows make of a value that they show; None where they can't show it."""
    fields = RowsWidget(rows).fields_of(json.dumps(value), "f")
    return None if fields is None else json.loads(written(rows.compose(fields, "f")))


@given(texts)
def test_texts_shown_as_rows_read_back_as_they_were(value):
    assert again(TEXTS, value) == value


@given(locales)
def test_languages_shown_as_rows_read_back_as_they_were_or_are_shown_as_json(value):
    assert again(LOCALES, value) in (value, None)
    assert again(LOCALES, value) is not None or any(not one for one in value.values())


@pytest.mark.parametrize("value", [{"a": 1}, {"a": None}, {"a": " "}, ["a"], "a", {" a": "b"}])
def test_what_rows_can_not_say_stays_json(value):
    assert RowsWidget(TEXTS).fields_of(json.dumps(value), "f") is None


def test_a_name_that_stands_twice_is_refused_and_not_lost():
    sent = {"f-0-key": "a", "f-0-text": "one", "f-1-key": "a", "f-1-text": "two"}

    assert written(TEXTS.compose(sent, "f")) == '{"a": "one", "a": "two"}'


@pytest.mark.parametrize(
    ("engine", "text", "bare"),
    [
        ("liquid", "{{ name }}", ["name"]),
        ("liquid", "{{ name | default: 'you' }}", []),
        ("liquid", "{% if name %}{{ name }}{% endif %}", []),
        ("liquid", "{% assign x = name %}{{ x }}", []),
        ("jinja", "{{ name }}, {{ plan | default('none') }}", ["name"]),
        ("jinja", "{{ name if name else 'you' }}", []),
        ("liquid", "{{ name", []),
    ],
)
def test_a_name_printed_with_nothing_in_its_place_is_bare(engine, text, bare):
    assert [str(name) for name in looked_at(text, engine).bare] == bare


def ask(pages, what, **fields):
    response = pages.post(f"/admin/rules/template/{what}/?workspace=shop", {"engine": "liquid", **fields})
    assert response.status_code == 200
    return response


@pytest.mark.django_db
def test_a_template_is_saved_from_rows(pages):
    there = address("template", "loyal")
    fields = {name: value for name, value in filled(pages.get(there)).items() if name not in {"fields", "locales"}}

    rows = {"locales-0-key": "de", "locales-0-body": "Hallo\r\ndu", "locales-4-key": "fr", "locales-4-fields-1-key": "headline"}
    pages.post(there, {**fields, **rows, "locales-4-fields-1-text": "Bonjour", "locales-5-key": ""})

    body = Draft.objects.get().body
    assert body["locales"] == {"de": {"body": "Hallo\ndu"}, "fr": {"fields": {"headline": "Bonjour"}}}


@pytest.mark.django_db
def test_a_row_that_is_refused_is_shown_again_as_it_was_typed(pages):
    there = address("template", "loyal")
    fields = {name: value for name, value in filled(pages.get(there)).items() if name not in {"fields", "locales"}}

    page = pages.post(there, {**fields, "fields-0-key": "No Key", "fields-0-text": "{{ kept"}).content.decode()

    assert re.search(r'name="fields-0-key" value="No Key"', page)
    assert "{{ kept" in page


@pytest.mark.django_db
def test_problems_are_told_with_their_line_and_column_while_one_writes(pages):
    told = ask(pages, "check", body="Hello\n{{ plan }} {{ nam", **{"locales-0-key": "de", "locales-0-body": "{{ pla }}"}).json()

    assert [(note["path"], note["line"], note["column"]) for note in told["problems"]] == [("body", 2, 12)]
    assert [(note["path"], note["words"]) for note in told["warnings"]] == [
        ("locales.de.body", "pla: no trait or signal is called pla. Did you mean plan?")
    ]


@pytest.mark.django_db
def test_a_value_that_is_missing_is_told_and_one_that_is_given_is_not(pages):
    text = "{{ plan }}, {{ scores.intent.band }}, {{ counts.carts.1h }}"

    nobody, somebody = ask(pages, "check", body=text).json(), ask(pages, "check", body=text, **{"try.plan": "gold"}).json()

    assert [words.split(" has")[0] for words in nobody["missing"]] == ["plan"]
    assert somebody["missing"] == []
    assert somebody["reads"] == ["plan", "scores.intent.band", "counts.carts.1h"]


@pytest.mark.django_db
def test_the_preview_shows_a_sample_user_with_values_typed_in_over_theirs(pages):
    services.save_sample_user("shop", key="ada", facts={"traits.plan": "gold", "scores.intent": 0.9}, now=NOW, actor=ANNA)
    text = "{{ plan }}, {{ scores.intent.band }}, {{ dwell }}"

    page = ask(pages, "preview", body=text, try_sample="ada", **{"try.dwell": "12"}).content.decode()

    assert "gold, high, 12" in page


@pytest.mark.django_db
def test_the_preview_can_do_nothing_and_shows_in_the_language_asked_for(pages):
    response = ask(pages, "preview", body="Hello", try_locale="de-AT", **{"locales-0-key": "de", "locales-0-body": "<b>Hallo</b>"})

    assert "<b>Hallo</b>" in response.content.decode()
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert response["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.django_db
def test_a_template_that_can_not_be_read_says_so_in_its_preview(pages):
    assert "never closed" in ask(pages, "preview", body="{{ <script>").content.decode()


@pytest.mark.django_db
def test_a_value_of_a_wrong_type_is_told_beside_its_name(pages):
    assert (
        "no number"
        in ask(pages, "check", body="{{ counts.carts.1h }}", **{"try.counts.carts.1h": "many"}).json()["refused"]["counts.carts.1h"]
    )


@pytest.mark.django_db
def test_the_page_says_which_rules_show_the_template(pages):
    used = pages.get(address("template", "loyal")).context["used_by"]

    assert [(one["kind"], one["words"]) for one in used] == [("rule", "Bought"), ("rule", "Gold")]
