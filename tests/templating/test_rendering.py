"""What templates say: values, names without one, languages, fields, and the errors of a rendering."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from markupsafe import Markup

from rules.engine.workspace import Text
from rules.templating import RenderError, compile_template, limits
from tests.templating.world import ENGINES, say, template

both = pytest.mark.parametrize("engine", ENGINES)


@both
def test_a_user_is_greeted_by_name(engine: str):
    body = "Hi {{ user_name }}, you last used {{ last_feature_used }} and are {{ progress_percentage }}% through"

    said = say(body, engine, user_name="Ann", last_feature_used="Export", progress_percentage=42)

    assert said == "Hi Ann, you last used Export and are 42% through"


@both
@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (12.0, "12"),
        (12.5, "12.5"),
        (-3, "-3"),
        (0, "0"),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ("", ""),
        ("Zoë 🚀", "Zoë 🚀"),
        (["a", 1, None], "a, 1, "),
        ({"a": 1.0}, "{&#34;a&#34;: 1.0}"),
        (float("nan"), ""),
        (float("inf"), ""),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
        (datetime(2026, 11, 21, 10, tzinfo=UTC), "2026-11-21T10:00:00+00:00"),
        ("half a pair \ud800 and a zero byte \x00", "half a pair \ufffd and a zero byte \ufffd"),
    ],
)
def test_a_value_prints_as_people_write_it(engine: str, value: object, printed: str):
    assert say("{{ value }}", engine, value=value) == printed


@both
@pytest.mark.parametrize("name", ["missing", "missing.inside", "user.missing", "tags.missing", "missing.a.b.c", "user_name.missing"])
def test_a_name_without_a_value_is_empty(engine: str, name: str):
    assert say(f"[{{{{ {name} }}}}]", engine, user={"known": True}, tags=["a"], user_name="Ann") == "[]"


@both
def test_a_name_without_a_value_is_false_and_nothing_to_loop_over(engine: str):
    assert say("{% if missing %}yes{% else %}no{% endif %}{% for x in missing %}x{% endfor %}", engine) == "no"


@both
@pytest.mark.parametrize("comparison", ["missing > 5", "missing < 5", "missing >= 5", "nothing > 5", "missing == 5"])
def test_a_comparison_with_a_missing_value_is_false(engine: str, comparison: str):
    assert say(f"{{% if {comparison} %}}yes{{% else %}}no{{% endif %}}", engine, nothing=None) == "no"


@pytest.mark.parametrize(
    ("engine", "body"), [("liquid", "{{ user_name | default: 'friend' }}"), ("jinja", "{{ user_name | default('friend') }}")]
)
@pytest.mark.parametrize("data", [{}, {"user_name": None}])
def test_default_stands_in_for_what_is_missing(engine: str, body: str, data: dict[str, Any]):
    assert say(body, engine, **data) == "friend"


@both
def test_default_leaves_a_value_alone(engine: str):
    body = {"liquid": "{{ user_name | default: 'friend' }}", "jinja": "{{ user_name | default('friend') }}"}[engine]

    assert say(body, engine, user_name="Ann") == "Ann"


def test_data_are_reached_by_their_names():
    data: dict[str, Any] = {
        "traits": {"name": "Ann"},
        "scores": {"intent": {"value": 0.85, "band": "high"}},
        "counts": {"page_views": {"7d": 3, "session": 1}},
        "tags": ["loyal", "recent-buyer"],
    }

    assert say("{{ traits.name }} {{ scores.intent.band }} {{ counts.page_views.7d }} {{ tags[1] }}", **data) == "Ann high 3 recent-buyer"
    assert (
        say("{{ traits.name }} {{ scores.intent.band }} {{ counts.page_views['7d'] }} {{ tags[1] }}", "jinja", **data)
        == "Ann high 3 recent-buyer"
    )


@both
def test_branches_and_loops_say_what_fits(engine: str):
    other = {"liquid": "elsif", "jinja": "elif"}[engine]
    body = (
        "{% if band == 'high' %}A{% "
        + other
        + " band == 'low' %}B{% else %}C{% endif %}{% for t in tags %}<{{ t }}>{% else %}none{% endfor %}"
    )
    body = body.replace("<{{ t }}>", "[{{ t }}]")

    assert say(body, engine, band="high", tags=["x", "y"]) == "A[x][y]"
    assert say(body, engine, band="low", tags=[]) == "Bnone"
    assert say(body, engine) == "Cnone"


@both
def test_a_name_one_branch_sets_is_still_the_datas_name_in_the_other(engine: str):
    word = {"liquid": "assign", "jinja": "set"}[engine]
    body = "{% if vip %}{% " + word + " name = 'boss' %}{% endif %}{{ name }}"

    assert say(body, engine, name="Ann") == "Ann"
    assert say(body, engine, name="Ann", vip=True) == "boss"


def test_every_field_is_rendered():
    compiled = compile_template(template("b", fields={"headline": "Hi {{ user_name }}", "cta": "Go"}))

    rendered = compiled.render(None, {"user_name": "Ann"})

    assert (rendered.body, rendered.fields) == ("b", {"headline": "Hi Ann", "cta": "Go"})


GREETINGS = template(
    "Hello {{ user_name }}",
    fields={"headline": "Welcome", "cta": "Go on"},
    locales={
        "de": Text(body="Hallo {{ user_name }}", fields={"headline": "Willkommen"}),
        "de-AT": Text(fields={"headline": "Servus"}),
        "pt-BR": Text(body="Olá"),
    },
)


@pytest.mark.parametrize(
    ("locale", "body", "headline", "cta"),
    [
        (None, "Hello Ann", "Welcome", "Go on"),
        ("", "Hello Ann", "Welcome", "Go on"),
        ("de", "Hallo Ann", "Willkommen", "Go on"),
        ("de-AT", "Hallo Ann", "Servus", "Go on"),
        ("de-CH", "Hallo Ann", "Willkommen", "Go on"),
        ("de_CH", "Hallo Ann", "Willkommen", "Go on"),
        ("DE-at", "Hallo Ann", "Servus", "Go on"),
        ("pt-BR", "Olá", "Welcome", "Go on"),
        ("pt", "Hello Ann", "Welcome", "Go on"),
        ("fr-CA", "Hello Ann", "Welcome", "Go on"),
        ("x-" * 50_000, "Hello Ann", "Welcome", "Go on"),
    ],
)
def test_the_language_is_chosen_exactly_then_without_region_then_the_templates_own(locale: str | None, body: str, headline: str, cta: str):
    rendered = compile_template(GREETINGS).render(locale, {"user_name": "Ann"})

    assert (rendered.body, rendered.fields) == (body, {"headline": headline, "cta": cta})


@both
def test_a_rendering_does_not_change_the_data(engine: str):
    data: dict[str, Any] = {"tags": ["b", "a"], "traits": {"name": "Ann"}}
    body = {
        "liquid": "{{ tags | sort | reverse | concat: tags }}{{ traits.name }}",
        "jinja": "{{ tags | sort | reverse }}{{ traits.name }}",
    }[engine]

    say(body, engine, **data)

    assert data == {"tags": ["b", "a"], "traits": {"name": "Ann"}}


@both
def test_two_renderings_know_nothing_of_each_other(engine: str):
    word = {"liquid": "assign", "jinja": "set"}[engine]
    compiled = compile_template(template("{{ kept }}{% " + word + " kept = user_name %}", engine))

    assert [compiled.render(None, {"user_name": "Ann"}).body, compiled.render(None, {}).body] == ["", ""]


@both
def test_threads_share_a_template_and_nothing_else(engine: str):
    numbers = {"liquid": "(1..20)", "jinja": "range(20)"}[engine]
    word = {"liquid": "assign", "jinja": "set"}[engine]
    compiled = compile_template(template("{% " + word + " n = user_name %}{% for i in " + numbers + " %}{{ n }}{% endfor %}", engine))

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda number: compiled.render(None, {"user_name": f"<{number}>"}).body, range(200)))

    assert said == [f"&lt;{number}&gt;" * 20 for number in range(200)]


class Account:
    """An object with something to hide, as no caller should ever hand over."""

    password = "hunter2"
    __html__ = lambda self: "<script>"  # noqa: E731
    __liquid__ = __html__


@both
@pytest.mark.parametrize("body", ["{{ user.password }}", "{{ user }}", "{{ user['password'] }}", "{% for x in user %}{{ x }}{% endfor %}"])
@pytest.mark.parametrize("user", [Account(), {"inside": [Account()]}, Account, Account.__init__, {1, 2}])
def test_an_object_is_refused_and_never_read(engine: str, body: str, user: object):
    with pytest.raises(RenderError) as caught:
        say(body, engine, user=user)

    assert caught.value.code == "not_plain"


@both
def test_an_object_the_template_does_not_name_is_never_touched(engine: str):
    assert say("{{ user_name }}", engine, user_name="Ann", account=Account()) == "Ann"


@both
def test_markup_among_the_data_is_text_like_any_other(engine: str):
    assert say("{{ a }}{{ b[0] }}", engine, a=Markup("<b>"), b=[Markup("<i>")]) == "&lt;b&gt;&lt;i&gt;"


@both
def test_data_that_hold_themselves_end_with_an_error(engine: str):
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(RenderError) as caught:
        say("{{ endless }}", engine, endless=endless)

    assert caught.value.code == "data_too_large"


@pytest.mark.parametrize(
    ("engine", "body", "code"),
    [
        ("liquid", "{{ 1 | divided_by: 0 }}", "bad_value"),
        ("liquid", "{{ 1 | modulo: nothing }}", "bad_value"),
        ("liquid", "{{ words | sort }}", "bad_value"),
        ("liquid", "{{ 'x' | truncate: 'many' }}", "bad_value"),
        ("liquid", "{% if words > 3 %}x{% endif %}", "bad_value"),
        ("jinja", "{{ 1 / 0 }}", "bad_value"),
        ("jinja", "{{ words + 1 }}", "bad_value"),
        ("jinja", "{{ 'a' < 1 }}", "bad_value"),
        ("jinja", "{{ 1 in 'a' }}", "bad_value"),
        ("jinja", "{{ (-8) ** 0.5 }}", "bad_value"),
        ("jinja", "{% for a, b in words %}{% endfor %}", "render_failed"),
    ],
)
def test_what_has_no_answer_is_a_render_error_with_a_code(engine: str, body: str, code: str):
    with pytest.raises(RenderError) as caught:
        say(body, engine, words=["a", 1], nothing=None)

    assert caught.value.code == code


@both
def test_an_error_says_which_text_failed_and_nothing_of_the_user(engine: str):
    compiled = compile_template(template("fine", engine, fields={"more": '<a href="{{ url }}">x</a>'}))

    with pytest.raises(RenderError) as caught:
        compiled.render(None, {"url": "javascript:secret"})

    assert "fields.more" in str(caught.value)
    assert "secret" not in str(caught.value)


@both
def test_the_body_and_the_fields_share_one_budget(engine: str):
    numbers = {"liquid": "(1..1000)", "jinja": "range(1000)"}[engine]
    loop = "{% for i in " + numbers + " %}{{ i }}{% endfor %}"

    compile_template(template(loop, engine)).render(None, {})

    with pytest.raises(RenderError) as caught:
        compile_template(template(loop, engine, fields={f"f{number}": loop for number in range(40)})).render(None, {})
    assert caught.value.code == "too_many_steps"


@both
def test_the_body_and_the_fields_share_one_limit_of_output(engine: str):
    compiled = compile_template(template(engine=engine, fields={f"f{number}": "{{ long }}" for number in range(8)}))

    assert len(compiled.render(None, {"long": "x" * (limits.OUTPUT // 8)}).fields) == 8
    with pytest.raises(RenderError) as caught:
        compiled.render(None, {"long": "é" * (limits.OUTPUT // 8)})
    assert caught.value.code == "output_too_long"


@both
def test_a_thousand_outputs_of_a_loop_are_within_the_limits(engine: str):
    numbers = {"liquid": "(1..1000)", "jinja": "range(1000)"}[engine]

    assert len(say("{% for i in " + numbers + " %}<li>{{ i }} {{ user_name }}</li>{% endfor %}", engine, user_name="Ann")) > 10_000


def test_liquid_keeps_what_it_captures_and_knows_case_and_unless():
    captured = "{% capture who %}<b>{{ user_name }}</b>{% endcapture %}"
    body = captured + "{% case band %}{% when 'high', 'top' %}{{ who }}!{% else %}{{ who }}{% endcase %}"

    assert say(body + "{% unless tags contains 'loyal' %}?{% endunless %}", user_name="A&B", band="top", tags=["new"]) == "<b>A&amp;B</b>!?"


def test_liquid_loops_with_limit_offset_reversed_and_break():
    body = "{% for i in (1..10) limit: 5 offset: 2 reversed %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{{ forloop.first }} {% endfor %}"

    assert say(body) == "7true 6false 5false "


def test_liquid_leaves_raw_and_comments_alone():
    assert say("{% raw %}{{ x }}{% endraw %}{% comment %}{{ x }}{% endcomment %}{% # note %}") == "{{ x }}"


def test_jinja_puts_text_together_and_does_sums():
    assert say(
        "{{ 'a' ~ 1 ~ none }} {{ 'a' + 'b' }} {{ 0.1 + 0.2 }} {{ 7 // 2 }} {{ 7 / 2 }} {{ 6 / 2 }} {{ 7 % 4 }} {{ 2 ** 10 }} {{ -count }}",
        "jinja",
        count=3,
    ) == ("a1 ab 0.3 3 3.5 3 3 1024 -3")


AGGREGATES = [
    "count",
    "sum",
    "average",
    "min",
    "max",
    "unique",
    "most_frequent",
    "first",
    "last",
    "moving_average",
    "smoothed",
    "percentile",
]


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize(("engine", "name"), [("liquid", "values.dwell.{}.1h"), ("jinja", "values.dwell.{}['1h']")])
def test_a_value_is_read_by_its_aggregate_whatever_that_word_means_elsewhere(engine: str, name: str, aggregate: str):
    data = {"values": {"dwell": {aggregate: {"1h": 4.5, "session": "x"}}}}

    assert say("{{ " + name.format(aggregate) + " }}", engine, **data) == "4.5"


def test_jinja_counts_its_loops():
    body = "{% for key, score in scores | dictsort if score %}{{ loop.index }}/{{ loop.length }} {{ key }}={{ score.band }};{% endfor %}"

    assert say(body, "jinja", scores={"b": {"band": "low"}, "a": {"band": "high"}}) == "1/2 a=high;2/2 b=low;"


def test_jinja_knows_its_tests_and_conditions_inside_an_output():
    body = "{{ 'yes' if a is defined and b is not defined and 4 is even else 'no' }}{{ 'x' if b }}{{ 1 < count <= 3 }}{{ 'a' in tags }}"

    assert say(body, "jinja", a=1, count=3, tags=["a"]) == "yestruetrue"
