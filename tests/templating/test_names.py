"""Which names of the data a template reads."""

from __future__ import annotations

import pytest

from rules.engine.workspace import Text
from rules.templating import compile_template, names_used
from tests.templating.world import ENGINES, template

both = pytest.mark.parametrize("engine", ENGINES)


@both
def test_names_are_found_as_far_as_they_are_written_out(engine: str):
    body = "{{ user_name }}{{ counts.page_views['7d'] }}{{ scores.intent.band }}{{ traits['first name'] }}{{ tags[0] }}{{ traits[key].x }}"

    assert names_used(template(body, engine)) == {
        "user_name",
        "counts.page_views.7d",
        "scores.intent.band",
        "traits.first name",
        "tags",
        "traits",
        "key",
    }


def test_names_are_found_in_every_part_of_liquid():
    body = (
        "{% if a == b %}{% elsif c contains d %}{% endif %}{% unless e %}{% endunless %}{% case f %}{% when g %}{% endcase %}"
        "{% for x in h limit: i offset: j %}{{ x.y }}{{ forloop.index }}{% endfor %}{% assign z = k | append: l, %}{{ z }}"
        "{% capture w %}{{ m }}{% endcapture %}{{ w }}{{ n | default: o, allow_false: p }}{% for r in (s..t) %}{% endfor %}"
    ).replace("l, %}", "l %}")

    assert names_used(template(body)) == set("abcdefghijklmnopst")


def test_names_are_found_in_every_part_of_jinja():
    body = (
        "{% if a == b %}{% elif c in d %}{% endif %}{% for x, y in e | items if f %}"
        "{{ x }}{{ y.z }}{{ loop.index }}{% else %}{{ g }}{% endfor %}{% set h = i ~ j %}{{ h }}"
        "{{ k if l else m }}{{ n | default(o) }}{{ not p }}{{ -q + r * s }}{{ t is divisibleby(u) }}"
        "{% for v in range(w) %}{% endfor %}"
    )

    assert names_used(template(body, "jinja")) == set("abcdefgijklmnopqrstuw")


@both
def test_a_name_the_template_set_before_is_its_own(engine: str):
    word = {"liquid": "assign", "jinja": "set"}[engine]

    assert names_used(template("{% " + word + " a = 1 %}{{ a.b }}", engine)) == set()
    assert names_used(template("{{ a.b }}{% " + word + " a = 1 %}", engine)) == {"a.b"}
    assert names_used(template("{% if c %}{% " + word + " a = 1 %}{% endif %}{{ a }}", engine)) == {"c", "a"}
    assert names_used(template("{% if c %}{% " + word + " a = 1 %}{% else %}{% " + word + " a = 2 %}{% endif %}{{ a }}", engine)) == {"c"}


@both
def test_a_loops_name_is_the_datas_again_after_the_loop(engine: str):
    assert names_used(template("{% for a in b %}{{ a.x }}{% endfor %}{{ a.y }}", engine)) == {"b", "a.y"}


@both
def test_names_of_every_text_count(engine: str):
    whole = template("{{ a }}", engine, fields={"f": "{{ b }}"}, locales={"de": Text(body="{{ c }}", fields={"f": "{{ d }}"})})

    assert names_used(whole) == set("abcd")
    assert compile_template(whole).names == set("abcd")


@both
def test_a_template_with_problems_still_tells_its_names(engine: str):
    assert names_used(template("{{ a | frob }}<script>", engine, fields={"f": "{{ b", "g": "{{ c }}"})) == {"a", "c"}
