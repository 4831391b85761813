"""Whatever the data and however filters are put together: a text comes out, or RenderError; and no data becomes markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine import DocumentError
from rules.templating import Compiled, RenderError, compile_template, limits
from rules.templating.jinja_filters import SIGNATURES as JINJA
from rules.templating.liquid_filters import SIGNATURES as LIQUID
from tests.templating.world import ENGINES, template

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["<script>", "&lt;", "javascript:x", "\ud800", "%999999999d", "1e999", "2026-01-01", '" onclick="x'])
    | st.datetimes()
    | st.dates()
)
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5), max_leaves=20
)

BODIES = {
    "liquid": (
        '{{ a }}<p title="{{ b }}">{{ a.b }}{{ a[0] }}{{ a[b] }}</p>{% for x in a %}{{ x }}{{ x.b }}{% endfor %}'
        "{% if a == b or a contains b %}1{% endif %}{% case a %}{% when b %}2{% endcase %}{% capture c %}{{ b }}{% endcapture %}{{ c }}"
    ),
    "jinja": (
        '{{ a }}<p title="{{ b }}">{{ a.b }}{{ a[0] }}{{ a[b] }}</p>{% for x in a %}{{ x }}{{ x.b }}{% endfor %}'
        "{% if a == b or a is string and b in a %}1{% endif %}{{ a ~ b }}{{ 'x' if b }}"
    ),
}
LITERALS = ["'<'", "'&lt;'", "'a'", "2", "0", "-1", "''", "b", "'name'", "1.5"]
MARK = "<data>"
MARKED = st.sampled_from(
    [MARK, f"&lt;data>{MARK}", f'" {MARK}', [MARK, "a"], {"name": MARK}, [{"name": MARK}], f"a\n{MARK}", "%3Cdata>", "&lt;data&gt;"]
)


def code_of(compiled: Compiled, data: dict[str, Any]) -> str | None:
    try:
        compiled.render(None, data)
    except RenderError as error:
        return error.code
    return None


@st.composite
def chains(draw: st.DrawFn, engine: str) -> str:
    """An output with any filters, each called with as many arguments as it takes."""
    signatures = {"liquid": LIQUID, "jinja": JINJA}[engine]
    parts = ["a"]
    for name in draw(st.lists(st.sampled_from(sorted(signatures)), min_size=1, max_size=5)):
        taken = [one for one in list(signatures[name].parameters.values())[1:] if one.kind is one.POSITIONAL_OR_KEYWORD]
        needed = sum(one.default is one.empty for one in taken)
        arguments = ", ".join(draw(st.lists(st.sampled_from(LITERALS), min_size=needed, max_size=len(taken))))
        if engine == "liquid":
            parts.append(f"{name}: {arguments}" if arguments else name)
        else:
            parts.append(f"{name}({arguments})")
    return "{{ " + " | ".join(parts) + " }}"


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None)
@given(data=st.dictionaries(st.sampled_from(["a", "b"]), PLAIN))
def test_plain_data_give_a_text_or_a_render_error(engine: str, data: dict[str, Any]):
    compiled = COMPILED[engine]
    try:
        body = compiled.render(None, data).body
    except RenderError:
        return

    body.encode()
    assert "\x00" not in body
    assert re.sub(r'<p title="[^"<>]*">|</p>', "", body).count("<") == 0


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_chain_of_filters_turns_data_into_markup_or_raises_anything_else(engine: str, data: st.DataObject):
    chain = data.draw(chains(engine))
    opened, closed = (
        ("{% capture c %}{{ a }}{% endcapture %}{% assign a = c %}", "") if engine == "liquid" and data.draw(st.booleans()) else ("", "")
    )
    try:
        compiled = compile_template(template(opened + chain + closed, engine))
        body = compiled.render(None, {"a": data.draw(MARKED), "b": data.draw(MARKED)}).body
    except (DocumentError, RenderError):
        return

    assert "<data" not in body
    assert set(re.findall("<[^>]*>?", body)) <= {"<br />"}


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_goes_through_any_filter_or_fails_with_a_code(engine: str, data: st.DataObject):
    compiled = compile_template(template(data.draw(chains(engine)), engine))

    assert code_of(compiled, {"a": data.draw(PLAIN), "b": data.draw(PLAIN)}) != "render_failed"


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=300, deadline=None)
@given(
    body=st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{%",
                "%}",
                "{#",
                "#}",
                " ",
                "a",
                "|",
                "if",
                "endif",
                "for",
                "in",
                "raw",
                "endraw",
                "'",
                '"',
                "<p ",
                ">",
                "=",
                "(",
                ")",
                "[",
                "]",
                ".",
                "1",
                "\n",
                "-",
                "else",
                "capture",
                "set",
                "{% if a %}",
                "{% endif %}",
                "{{ a }}",
                "safe",
                "upcase",
                "comment",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_text_at_all_compiles_or_is_a_document_error_inside_the_text(engine: str, body: str):
    try:
        compile_template(template(body, engine))
    except DocumentError as error:
        for problem in error.problems:
            line = int(re.search(r"line (\d+), column (\d+)", problem.message)[1])  # type: ignore[index]
            assert 1 <= line <= body.count("\n") + 1
            assert problem.fix


def test_a_body_at_the_limit_of_the_output_is_not_refused():
    numbers = "{% for i in (1..1000) %}" + "x" * (limits.OUTPUT // 1000) + "{% endfor %}"

    assert len(compile_template(template(numbers)).render(None, {}).body) == limits.OUTPUT // 1000 * 1000


COMPILED = {engine: compile_template(template(BODIES[engine], engine)) for engine in ENGINES}
