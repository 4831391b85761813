"""Data never become markup: not in text, attributes, fields or captured parts, and no filter brings them back."""

from __future__ import annotations

import pytest

from rules.templating import RenderError, compile_template
from tests.templating.world import ENGINES, say, template

both = pytest.mark.parametrize("engine", ENGINES)
HOSTILE = """<script>alert('x')</script>"&"""
ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;&amp;"


@both
def test_a_value_is_escaped_in_the_body_and_in_fields(engine: str):
    compiled = compile_template(template("<p>{{ user_name }}</p>", engine, fields={"headline": "{{ user_name }}!"}))

    rendered = compiled.render(None, {"user_name": HOSTILE})

    assert rendered.body == f"<p>{ESCAPED}</p>"
    assert rendered.fields == {"headline": f"{ESCAPED}!"}


@both
def test_a_value_can_not_leave_a_quoted_attribute(engine: str):
    assert say("""<i title="{{ a }}" lang='{{ a }}'></i>""", engine, a=HOSTILE) == f"""<i title="{ESCAPED}" lang='{ESCAPED}'></i>"""


@both
def test_the_authors_own_markup_stays_as_written(engine: str):
    assert say("<p class='x'>&copy; a &amp; b</p>", engine) == "<p class='x'>&copy; a &amp; b</p>"


@both
def test_a_text_inside_an_output_is_escaped_too(engine: str):
    assert say("{{ '<b>a &amp; b</b>' }}", engine) == "&lt;b&gt;a &amp;amp; b&lt;/b&gt;"


def test_what_was_captured_is_not_escaped_twice():
    assert say("{% capture x %}<b>{{ a }}</b>{% endcapture %}{{ x }}{% assign y = x %}{{ y }}", a="&") == "<b>&amp;</b><b>&amp;</b>"


def test_what_was_captured_is_text_again_once_a_filter_changed_it():
    assert say("{% capture x %}<b>{{ a }}</b>{% endcapture %}{{ x | upcase }}", a="a & b") == "&lt;B&gt;A &amp; B&lt;/B&gt;"


def test_what_was_captured_is_escaped_inside_an_attribute():
    body = '{% capture x %}<b title="q">{{ a }}</b>{% endcapture %}<i title="{{ x }}"></i>'

    assert say(body, a="'") == '<i title="&lt;b title=&#34;q&#34;&gt;&#39;&lt;/b&gt;"></i>'


def test_a_captured_text_printed_in_both_places_is_escaped_in_the_stricter_way():
    body = '{% capture x %}<b>{% endcapture %}{% for i in (1..2) %}<i title="{{ x }}"></i>{% endfor %}{{ x }}'

    assert say(body) == '<i title="&lt;b&gt;"></i>' * 2 + "<b>"


def test_line_breaks_become_markup_and_the_text_around_them_does_not():
    assert say("{{ a | newline_to_br }}", a="<i>\n") == "&lt;i&gt;<br />\n"


@both
@pytest.mark.parametrize("value", [42, 42.5, "50%", "#ff00aa", "1.5em", "bold", ""])
def test_a_style_takes_lengths_numbers_and_colours(engine: str, value: object):
    assert say('<div style="width: {{ v }}"></div>', engine, v=value).startswith('<div style="width: ')


@both
@pytest.mark.parametrize("value", ["1px; background: red", "url(//evil.example)", "expression(1)", "a:b", "\\75rl", "/*", "x" * 101, "'"])
def test_a_style_takes_nothing_that_is_a_style_of_its_own(engine: str, value: str):
    with pytest.raises(RenderError) as caught:
        say('<div style="width: {{ v }}"></div>', engine, v=value)

    assert caught.value.code == "unsafe_style"
