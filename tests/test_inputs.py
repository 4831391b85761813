"""What is kept of the values that templates read: a template shows the same of it as of everything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisioning.inputs import merge, pick, reads
from rules.engine.workspace import Template
from rules.templating import RenderError, compile_template

BODIES = [
    ("liquid", "Hello {{ traits.name | default: 'friend' }}, {{ name }}"),
    ("liquid", "{{ traits.size }} {{ traits.address.size }} {{ tags.first }} {{ tags.last }} {{ tags.size }}"),
    ("liquid", "{% for tag in tags %}{{ tag }},{% endfor %}{% if traits.address %}{{ traits.address.street }}{% else %}nowhere{% endif %}"),
    ("liquid", "{% assign all = traits %}{{ all.name }} {{ all.address.city }} {{ context.page.path }} {{ context.size }}"),
    ("liquid", "{{ counts.views.7d }} {% if counts.views.7d > 2 %}many{% endif %} {{ traits.list[0] }} {{ traits.list.size }}"),
    ("liquid", "{% if context %}{{ context.page }}{% endif %}{{ traits.address }}"),
    ("jinja", "{{ traits.name | default('friend') }} {{ counts.views['7d'] }} {{ traits['address']['city'] }}"),
    (
        "jinja",
        "{% for tag in tags %}{{ loop.index }}{{ tag }}{% endfor %}{{ traits.list | length }} {{ 1 if traits.address is defined }}",
    ),
    ("jinja", "{% set here = context.page %}{{ here.path }}{{ traits | length }}"),
]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text("ab<&'", max_size=3))
OBJECTS = st.dictionaries(st.sampled_from(["street", "city", "size", "first"]), SCALARS, max_size=3)
TRAITS = st.fixed_dictionaries(
    {}, optional={"name": SCALARS, "address": st.one_of(OBJECTS, SCALARS), "list": st.lists(SCALARS, max_size=3), "other": SCALARS}
)
DATA = st.fixed_dictionaries(
    {
        "traits": TRAITS,
        "tags": st.lists(st.sampled_from(["x", "y"]), max_size=2),
        "counts": st.just({"views": {"7d": 3, "total": 9}, "other": {"total": 1}}),
        "context": st.fixed_dictionaries({}, optional={"page": st.one_of(st.fixed_dictionaries({"path": SCALARS}), SCALARS), "x": SCALARS}),
    }
)


@pytest.mark.parametrize(("engine", "body"), BODIES)
@given(data=DATA, personal=st.sampled_from([(), ("name",), ("address.street", "list")]))
def test_a_template_shows_the_same_of_what_was_picked_as_of_everything(engine, body, data, personal):
    compiled = compile_template(Template(key="one", engine=engine, body=body))
    data = {**data["traits"], **data}
    read = reads(compiled.paths, personal)

    kept = merge(pick(data, read.open), pick(data, read.private))

    assert shown(compiled, kept) == shown(compiled, data)


def shown(compiled: Any, data: dict[str, Any]) -> str:
    try:
        return compiled.render(None, data).body
    except RenderError as error:
        return f"failed: {error.code}"


@pytest.mark.parametrize(
    ("path", "is_private"),
    [
        (("context", "device"), True),
        (("traits", "email"), True),
        (("traits",), True),
        (("traits", "size"), True),
        (("email",), True),
        (("address", "street"), True),
        (("traits", "plan"), False),
        (("counts", "views", "7d"), False),
        (("plan",), False),
    ],
)
def test_what_comes_from_the_context_or_from_personal_traits_is_private(path, is_private):
    assert (path in reads({path}, {"email", "address.street"}).private) is is_private


def test_nothing_is_picked_that_no_path_names():
    assert pick({"traits": {"a": 1, "b": {"c": 2, "d": 3}}, "tags": ["x"]}, [("traits", "b", "c")]) == {"traits": {"b": {"c": 2}}}
