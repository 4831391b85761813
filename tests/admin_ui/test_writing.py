"""Templates are written without JSON: texts as rows, problems by line and column, previews of somebody made up."""

from __future__ import annotations

import html
import json
import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_ui.form.fields import leaves
from admin_ui.writing.parts import BANDS, LOCALES, ROWS, TERMS, TEXTS
from admin_ui.writing.rows import RowsWidget, written
from admin_ui.writing.steps import NEEDS, STEPS
from decisioning import estimating
from decisioning import keys as places
from decisioning.models import DecisionRecord
from decisioning.tagging import Event, compile_definitions, encode_state, fold, new_state
from rules import services
from rules.models import Draft
from rules.templating import written as looked_at
from tests.admin_ui.conftest import address, filled
from tests.admin_ui.test_tags import SHOES
from tests.rules.conftest import ANNA, NOW, SHOP, document

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
def test_a_trait_that_nobody_declared_is_told_with_the_one_that_was_meant(pages):
    told = ask(pages, "check", body="{{ traits.pla }} {{ traits.plan }}").json()

    assert [note["words"] for note in told["warnings"]] == ["traits.pla: no trait is called pla. Did you mean plan?"]


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


@pytest.fixture(autouse=True)
def nobody_remembered():
    estimating.samples.forget()


@pytest.fixture
def recorded(shop, valkey):
    """A user for each number, whose events gave the signal that value (0: none), with a decision; `facts` are what it read."""
    names = {"dwell": "Page Dwelled", "carts": "Product Added"}

    def record(signal, values, facts=None):
        definitions, now = compile_definitions(document(SHOP), ["counts.dwell.1h"]), time.time()
        for number, value in enumerate(values):
            user, state = f"a:v{number}", new_state()
            for _ in range(1 if signal == "dwell" else value):
                message, at = str(uuid4()), now - 1
                event = Event("shop", user, message, "track", names[signal], at, at, {"seconds": value})
                state = fold(definitions, state, event).state
            valkey.set(places.state_key("shop", user), encode_state(state))
            DecisionRecord.objects.create(
                decision_id=uuid4(), at=datetime.fromtimestamp(now - 60 + number, UTC), evaluated_at=datetime.fromtimestamp(now, UTC),
                workspace="shop", user=user, placement="banner", release=1, outcome="matched", reason="rule",
                facts=facts[number] if facts else {},
            )  # fmt: skip

    return record


numbers = st.integers(-99, 99) | st.sampled_from([0.5, 1.0, 1.5, 1e-7, 2.0**60])
terms = st.fixed_dictionaries(
    {"signal": keys},
    optional={
        "weight": numbers,
        "gain": numbers,
        "per": numbers,
        "max": numbers,
        "take": st.sampled_from(["sum", "max", "average.3h"]),
        "boosts": st.lists(st.fixed_dictionaries({"factor": numbers, "from": keys, "until": keys}), min_size=1, max_size=2),
    },
)


@given(st.lists(terms, min_size=1, max_size=4), st.dictionaries(keys, numbers, max_size=3))
def test_a_formula_and_its_bands_shown_as_rows_read_back_as_they_were(formula, bands):
    assert again(TERMS, formula) == formula
    assert again(BANDS, bands) == bands


@pytest.mark.parametrize("path", sorted(Path("templates/examples").glob("*.json")), ids=lambda path: path.stem)
def test_every_example_is_shown_as_rows(path):
    document = json.loads(path.read_text())
    fields = {"scores": ("terms", "bands"), "templates": ("fields", "locales")}

    shown = [
        (rows_of(kind, name), thing[name])
        for kind, names in fields.items()
        for thing in document.get(kind, [])
        for name in names
        if name in thing
    ]

    assert [value for rows, value in shown if again(rows, value) != value] == []


def rows_of(kind, name):
    return ROWS[f"{kind.removesuffix('s')}.{name}"]


def picture(pages, kind, key="", **fields):
    response = pages.post(f"/admin/rules/{kind}/picture/?workspace=shop&key={key}", fields)
    assert response.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


@pytest.mark.django_db
def test_a_formula_is_saved_from_rows(pages):
    there = address("score", "intent")
    fields = {name: value for name, value in filled(pages.get(there)).items() if name not in {"terms", "bands"}}
    rows = {
        "terms-0-signal": "dwell", "terms-0-weight": "0.5", "terms-0-take": "average.1h", "terms-0-boosts-0-factor": "2",
        "terms-0-boosts-0-from": "2026-11-27", "terms-0-boosts-0-until": "2026-12-01", "bands-0-key": "high", "bands-0-bound": "3",
    }  # fmt: skip

    pages.post(there, {**fields, **rows})

    body = Draft.objects.get().body
    boost = {"factor": 2.0, "from": "2026-11-27", "until": "2026-12-01"}
    assert body["terms"] == [{"signal": "dwell", "weight": 0.5, "take": "average.1h", "boosts": [boost]}]
    assert body["bands"] == {"high": 3.0}


@pytest.mark.django_db
def test_a_number_that_is_none_is_refused_in_its_row_and_shown_again(pages):
    there = address("score", "intent")
    fields = {name: value for name, value in filled(pages.get(there)).items() if name != "terms"}

    response = pages.post(there, {**fields, "terms-0-signal": "dwell", "terms-3-signal": "carts", "terms-3-weight": "much"})

    assert response.context["adminform"].form.errors["terms"][0].startswith("Term 2, Weight: ")
    assert 'value="much"' in response.content.decode()


@pytest.mark.django_db
def test_a_score_is_pictured_for_users_who_came_lately_with_what_it_was_before(pages, recorded):
    recorded("carts", [1, 1, 3, 0])

    said = picture(
        pages, "score", "intent", **{"terms-0-signal": "carts", "terms-0-weight": "0.4", "bands-0-key": "high", "bands-0-bound": "0.8"}
    )

    assert "high 0.8 25 % 75 %" in said
    assert "Of all 4 users" in said


@pytest.mark.django_db
def test_a_score_that_is_not_finished_says_what_it_lacks(pages):
    assert "no signal 'nothing'" in picture(pages, "score", "intent", **{"terms-0-signal": "nothing"})
    assert "once “Terms” is filled in" in picture(pages, "score", "intent")


@pytest.mark.django_db
def test_a_number_or_a_time_that_can_not_be_read_is_told_in_words_and_not_as_a_pattern_or_a_type(pages):
    row = {"terms-0-signal": "dwell"}

    told = picture(pages, "score", "intent", half_life="2 days", **row)
    refused = pages.post(address("score", "intent"), {"bands-0-key": "high", "bands-0-bound": "0,8", **row}).content.decode()

    assert "put right: Write a whole number and s, m, h, d or w, such as 10m." in told
    assert "Write a number, such as 0.5, with a dot." in refused
    assert "regex" not in told
    assert "Expected float" not in refused


@pytest.mark.django_db
def test_a_new_score_that_fades_says_that_its_values_are_yet_to_come(pages, recorded):
    recorded("dwell", [100, 700])
    row = {"terms-0-signal": "dwell"}

    assert "gathered from the release on" in picture(pages, "score", "brand-new", half_life="2d", **row)
    assert "gathered from the release on" not in picture(pages, "score", "brand-new", **row)


@pytest.mark.django_db
def test_a_threshold_is_drawn_against_what_it_is_compared_with(pages, recorded):
    recorded("dwell", [100, 700, 900])

    said = picture(pages, "threshold", "long", value="600")

    assert "2 of 3 users who have a value (67 %) have 600 or more" in said


@pytest.mark.django_db
def test_the_last_days_are_drawn_as_decisions_read_them(pages, recorded):
    recorded(
        "dwell", [100, 700], facts=[{"counts.dwell.1h": 100, "thresholds.long": 500}, {"counts.dwell.1h": 300, "thresholds.long": 600}]
    )

    said = picture(pages, "threshold", "long", value="600")

    assert re.search(r"2 200 600 2 values that decisions read", said)


@pytest.mark.django_db
def test_without_users_the_pages_say_so(pages, valkey):
    assert "No user is known yet" in picture(pages, "score", "intent", **{"terms-0-signal": "carts"})
    assert "No condition asks for it" in picture(pages, "threshold", "other", value="3")


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        (STEPS, [{"event": "Product Added", "where": SHOES}, {"event": "Order Completed", "not": True, "within": "30m"}]),
        (STEPS, [{"event": "Product Viewed", "times": 3, "where": {"any": [SHOES, SHOES]}}]),
        (NEEDS, [{"event": "Page Scrolled", "times": 3}, {"event": "Page Dwelled", "sum": {"of": "properties.seconds", "at_least": 45}}]),
    ],
)
def test_steps_and_needs_shown_as_rows_read_back_as_they_were(rows, value):
    assert again(rows, value) == value


@pytest.mark.django_db
def test_a_sequence_is_saved_from_rows(pages):
    there = address("tag", "buyer")
    fields = {name: value for name, value in filled(pages.get(there)).items() if name not in {"assign__steps", "assign__event"}}
    rows = {
        "assign__steps-0-event": "Product Added", "assign__steps-0-where": "category = shoes and price >= 99.5", "assign__steps-0-not": "",
        "assign__steps-1-event": "Order Completed", "assign__steps-1-not": "true", "assign__steps-1-within": "30m",
    }  # fmt: skip

    pages.post(there, {**fields, **rows})

    steps = [{"event": "Product Added", "where": SHOES}, {"event": "Order Completed", "not": True, "within": "30m"}]
    assert Draft.objects.get().body["assign"] == {"steps": steps}
    shown = re.search(r'<textarea name="assign__steps-0-where"[^>]*>(.*?)</textarea>', pages.get(there).content.decode(), re.DOTALL)
    assert json.loads(html.unescape(shown[1])) == SHOES


@pytest.mark.django_db
def test_a_condition_that_can_not_be_read_is_told_with_its_step(pages):
    there = address("tag", "buyer")
    fields = {name: value for name, value in filled(pages.get(there)).items() if name not in {"assign__steps", "assign__event"}}

    response = pages.post(
        there, {**fields, "assign__steps-0-event": "A", "assign__steps-7-event": "B", "assign__steps-7-where": "colour is red"}
    )

    assert response.context["adminform"].form.errors["assign__steps"][0].startswith("Step 2: “colour is red” is no comparison")


@pytest.mark.django_db
def test_known_events_and_their_values_are_offered_while_one_types(pages):
    form = pages.get(address("tag", "buyer")).context["adminform"].form

    assert form.fields["assign__event"].widget.words == ["Order Completed", "Page Dwelled", "Product Added"]
    assert form.fields["assign__sum__of"].widget.words == ["properties.seconds"]


@pytest.mark.django_db
def test_a_tag_is_said_in_a_sentence_while_it_is_filled_in(pages, valkey):
    said = picture(pages, "tag", "buyer", assign__event="Product Added", assign__count__at_least="3", assign__count__within="7d")

    assert "On Product Added, 3 times within 7d" in said
    assert "each by itself" in picture(
        pages, "tag", "buyer", assign__event="A", **{"assign__steps-0-event": "B", "assign__steps-1-event": "C"}
    )


class Inputs(HTMLParser):
    """What a browser would send of the inputs on a page that nobody touches; what stands in a template element is not on it."""

    def __init__(self, page):
        super().__init__()
        self.sent, self._area, self._select, self._hidden = {}, None, None, 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self._hidden += tag == "template"
        if self._hidden:
            return
        if tag == "input":
            self.sent[attrs["name"]] = attrs.get("value") or ""
        elif tag == "textarea":
            self._area = attrs["name"]
            self.sent[self._area] = ""
        elif tag == "select":
            self._select = attrs["name"]
        elif tag == "option" and self._select and (self._select not in self.sent or "selected" in attrs):
            self.sent[self._select] = attrs["value"]

    def handle_endtag(self, tag):
        self._hidden -= tag == "template"
        self._area = None if tag == "textarea" else self._area
        self._select = None if tag == "select" else self._select

    def handle_data(self, data):
        if self._area and not self._hidden:
            self.sent[self._area] += data if self.sent[self._area] else data.removeprefix("\n")


@pytest.mark.parametrize("path", sorted(Path("templates/examples").glob("*.json")), ids=lambda path: path.stem)
def test_what_a_browser_sends_of_rows_that_nobody_touched_is_what_the_document_says(path):
    workspace = json.loads(path.read_text())
    kinds = {"scores": ("terms", "bands"), "templates": ("fields", "locales"), "tags": ("assign__steps", "assign__all")}
    changed = []
    for kind, names in kinds.items():
        fields = {leaf.name: leaf for leaf in leaves(kind.removesuffix("s")) if leaf.name in names}
        assert sorted(fields) == sorted(names)
        for thing in workspace.get(kind, []):
            for name, leaf in fields.items():
                value = leaf.read(thing)
                page = leaf.field.widget.render(name, leaf.field.prepare_value(value))
                assert "<textarea name=" not in page or f'name="{name}"' not in page, f"{thing['key']}: {name} is shown as text"
                sent = leaf.field.widget.value_from_datadict(Inputs(page).sent, {}, name)
                if (leaf.field.clean(sent) or None) != (value or None):
                    changed.append((thing["key"], name, value, sent))

    assert changed == []
