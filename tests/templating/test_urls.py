"""URLs that come out of a template may be followed: http, https, mailto, tel, relative, and pictures as data in an image."""

from __future__ import annotations

from typing import Any

import pytest

from rules.engine.workspace import Text
from rules.templating import RenderError, check_template, compile_template
from tests.templating.world import ENGINES, codes, say, template

both = pytest.mark.parametrize("engine", ENGINES)

SAFE = [
    "https://shop.example/a?b=1:2#c",
    "HTTP://shop.example",
    "mailto:a@b.example",
    "tel:+4912345",
    "/p/1",
    "p/1:2",
    "//cdn.example/x.png",
    "?q=javascript:x",
    "#javascript:x",
    "",
    "./javascript:x",
]
UNSAFE = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:image/png;base64,AAAA",
    "file:///etc/passwd",
    "blob:https://x",
    "shop:1",
]


@both
@pytest.mark.parametrize("url", SAFE)
def test_a_url_that_may_be_followed_comes_out(engine: str, url: str):
    assert "<a " in say('<a href="{{ url }}">x</a>', engine, url=url)


@both
@pytest.mark.parametrize("url", UNSAFE)
def test_a_url_that_may_not_be_followed_fails_the_rendering(engine: str, url: str):
    with pytest.raises(RenderError) as caught:
        say('<a href="{{ url }}">x</a>', engine, url=url.replace("&colon;", ":").replace("&#106;", "j").replace("&#x6A;", "j"))

    assert caught.value.code == "unsafe_url"


@pytest.mark.parametrize("url", UNSAFE)
def test_a_url_written_into_the_template_is_found_before(url: str):
    if "\x01" not in url:
        assert codes(f"<a href='{url}'>x</a>") == ["unsafe_url"]


@pytest.mark.parametrize(
    "body",
    [
        '<img src="{{ u }}">',
        '<img SRC="{{ u }}">',
        '<form action="{{ u }}">',
        '<button formaction="{{ u }}">',
        '<video poster="{{ u }}">',
        '<a ping="/ok {{ u }}">',
        '<img srcset="/a.png 1x, {{ u }} 2x">',
        '<svg><a xlink:href="{{ u }}"></a></svg>',
        '<svg><set attributeName="href" to="{{ u }}"/></svg>',
        '<svg><animate attributeName="href" values="/ok;{{ u }}"/></svg>',
        '<a href="{% if u %}{{ u }}{% endif %}">',
        '<a title="{{ u }}" {% if u %}href="{{ u }}"{% endif %}>',
        "{% for x in many %}<a href='{{ x }}'></a>{% endfor %}",
        '{% capture c %}<a href="{{ u }}">{% endcapture %}{{ c }}',
        '<a href="{{ half }}{{ rest }}">',
        '<a href="java{{ other }}">',
        '<a href="{{ half }}script:x">',
    ],
)
def test_every_attribute_that_takes_a_url_is_looked_at(body: str):
    with pytest.raises(RenderError) as caught:
        say(body, u="javascript:x", many=["/a", "javascript:x"], half="java", rest="script:x", other="script:x")

    assert caught.value.code == "unsafe_url"


def test_a_picture_may_be_data_in_an_image_and_nowhere_else():
    picture = "data:image/png;base64,AAAA"

    assert say('<img src="{{ u }}">', u=picture) == f'<img src="{picture}">'
    for body in ('<a href="{{ u }}">', '<iframe src="{{ u }}"></iframe>', '<video src="{{ u }}">'):
        with pytest.raises(RenderError):
            say(body, u=picture)


def test_a_scheme_before_a_value_is_found_before():
    assert codes('<a href="javascript:{{ x }}">') == ["unsafe_url"]
    assert codes('<a href="https://shop.example/{{ x }}">') == []


def test_branches_of_a_written_url_are_looked_at_when_they_come_out():
    body = '<a href="{% if a %}javascript:{% else %}/{% endif %}x">'

    assert codes(body) == []
    assert say(body) == '<a href="/x">'
    with pytest.raises(RenderError):
        say(body, a=True)


@pytest.mark.parametrize("key", ["link", "image-url", "cta_href", "src", "icon"])
def test_a_field_named_for_a_url_is_one(key: str):
    compiled = compile_template(template(fields={key: "{{ u }}"}))

    assert compiled.render(None, {"u": "https://shop.example/?a=1&b=2"}).fields == {key: "https://shop.example/?a=1&amp;b=2"}
    with pytest.raises(RenderError) as caught:
        compiled.render(None, {"u": "javascript:x"})
    assert caught.value.code == "unsafe_url"


@pytest.mark.parametrize(
    "where", [{"fields": {"cta-link": "javascript:x"}}, {"locales": {"de": Text(fields={"cta-link": "javascript:x"})}}]
)
def test_a_field_named_for_a_url_is_checked_as_it_is_written(where: dict[str, Any]):
    (problem,) = check_template(template(**where))

    assert problem.code == "unsafe_url"
    assert problem.path.endswith("fields.cta-link")


def test_a_headline_may_speak_of_javascript():
    compiled = compile_template(template(fields={"headline": "{{ title }}"}))

    assert compiled.render(None, {"title": "JavaScript: the good parts"}).fields == {"headline": "JavaScript: the good parts"}


def test_a_url_in_plain_text_is_only_text():
    assert say("javascript:{{ x }} <p title='javascript:{{ x }}'>", x=1) == "javascript:1 <p title='javascript:1'>"
