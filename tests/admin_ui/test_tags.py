"""Tags by several events: typed in as lines, said as sentences, and saved as documents."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin_ui.lines import read_need, read_step, write_need, write_step
from rules import words
from rules.models import Draft
from tests.admin_ui.conftest import change
from tests.admin_ui.test_forms import errors


def compared(name, operator, value):
    return {"name": name, "operator": operator, "value": value}


SHOES = {"all": [compared("properties.category", "equal_to", "shoes"), compared("properties.price", "greater_than_or_equal_to", 99.5)]}
SECONDS = {"of": "properties.seconds", "at_least": 45}
VIP = {"any": [compared("traits.plan", "equal_to", "gold"), compared("properties.total", "greater_than", {"threshold": "big-cart"})]}


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("Product Viewed", {"event": "Product Viewed"}),
        ("*", {"event": "*"}),
        ("not Order Completed within 30m", {"event": "Order Completed", "not": True, "within": "30m"}),
        ("Product Added 2 times within 10m", {"event": "Product Added", "times": 2, "within": "10m"}),
        ("Product Viewed if category = shoes and price >= 99.5", {"event": "Product Viewed", "where": SHOES}),
        (
            "Order Completed if traits.plan != free and total > @big-cart",
            {
                "event": "Order Completed",
                "where": {
                    "all": [
                        compared("traits.plan", "not_equal_to", "free"),
                        compared("properties.total", "greater_than", {"threshold": "big-cart"}),
                    ]
                },
            },
        ),
        (f"Order Completed if {json.dumps(VIP)}", {"event": "Order Completed", "where": VIP}),
        ('"not now" 3 times', {"event": "not now", "times": 3}),
        ('not "Ask if ready within 5m"', {"event": "Ask if ready within 5m", "not": True}),
    ],
)
def test_a_step_is_a_line(line, step):
    assert (read_step(line), write_step(step)) == (step, line)


@pytest.mark.parametrize(
    ("line", "need"),
    [
        ("Page Scrolled 3 times if category = shoes and price >= 99.5", {"event": "Page Scrolled", "times": 3, "where": SHOES}),
        ("Page Dwelled with seconds adding up to 45", {"event": "Page Dwelled", "sum": {"of": "properties.seconds", "at_least": 45}}),
        ("not there within 5m", {"event": "not there within 5m"}),
    ],
)
def test_a_need_is_a_line(line, need):
    assert (read_need(line), write_need(need)) == (need, line)


names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12) | st.sampled_from(
    ["not so", "a if b", "x within 5m", "y 3 times", '"quoted"', "z with a adding up to 3", " edge "]
)
values = st.text(max_size=8) | st.integers(-99, 99) | st.sampled_from(["12", "a and b", "@x", " x", "1.5"])
conditions = st.builds(
    lambda parts: {"all": parts},
    st.lists(
        st.builds(
            compared,
            st.sampled_from(["properties.a", "traits.b", "properties.context.x", "odd name"]),
            st.sampled_from(["equal_to", "less_than", "in"]),
            values,
        ),
        min_size=1,
        max_size=3,
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {"event": names},
        optional={"not": st.just(True), "times": st.integers(2, 20), "within": st.just("5m"), "where": conditions},
    )
)
def test_every_step_reads_back_as_it_was(step):
    assert read_step(write_step(step)) == step


def step(event, **parts):
    return {"event": event, **parts}


def no(event, **parts):
    return {"event": event, "not": True, **parts}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"assign": {"event": "Joined"}}, "on Joined"),
        ({"assign": {"event": "*"}, "ttl": "1d"}, "on any event; stays 1d"),
        ({"assign": {"event": "Viewed", "count": {"at_least": 3, "within": "7d"}}}, "on Viewed, 3 times within 7d"),
        (
            {"assign": {"event": "Clicked", "count": {"at_least": 3, "within": "1h", "by": "properties.category"}}},
            "on Clicked, 3 times within 1h with the same category",
        ),
        (
            {"assign": {"event": "Dwelled", "sum": {"of": "properties.seconds", "at_least": 30.0, "by": "properties.product_id"}}},
            "on Dwelled, seconds adding up to 30 with the same product id",
        ),
        ({"assign": {"event": "*", "inactive": "7d"}}, "when there is no event for 7d"),
        (
            {"assign": {"steps": [step("Product Added"), no("Order Completed")], "within": "30m"}},
            "when Product Added is not followed by Order Completed within 30m",
        ),
        (
            {"assign": {"steps": [step("View"), step("Compare"), no("Buy", within="20m"), ], "within": "1h"}},
            "when View is followed by Compare but not by Buy within 20m",
        ),
        (
            {"assign": {"steps": [step("View", times=2), no("Leave"), no("Empty"), step("Buy", within="5m")], "within": "1h"}},
            "when View 2 times, without Leave or Empty in between, then by Buy within 5m, all within 1h",
        ),
        (
            {"assign": {"all": [step("Scrolled", times=3), step("Dwelled", sum=SECONDS)], "within": "10m"}},
            "when there is Scrolled 3 times and Dwelled with seconds adding up to 45 within 10m",
        ),
        (
            {"assign": {"event": "*", "when": compared("scores.intent", "greater_than", 0.85)}, "group": "mood"},
            "on any event, while intent score is more than 0.85; one of mood",
        ),
        (
            {"assign": {"event": "A"}, "remove": {"event": "B", "events": ["C"], "where": compared("properties.x", "equal_to", 1)}},
            "on A; taken away by B or C, if x is 1",
        ),
    ],
)  # fmt: skip
def test_a_tags_summary_is_a_sentence(body, said):
    assert words.summary("tag", body) == said


def test_a_change_of_what_gives_a_tag_is_said_in_full():
    assert (
        words.changes("tag", {"assign": {"event": "A"}}, {"assign": {"event": "B"}, "remove": {"event": "C"}})
        == "given on B, taken away by C"
    )


@pytest.mark.django_db
def test_a_sequence_is_typed_in_without_json(pages):
    change(
        pages, "tag", "buyer",
        assign__event="", assign__steps="Product Added if price > 100\nnot Order Completed within 30m", group="cart", remove__events="Left",
    )  # fmt: skip

    assert Draft.objects.get().body == {
        "name": "Bought lately",
        "ttl": "7d",
        "group": "cart",
        "assign": {
            "steps": [
                {"event": "Product Added", "where": {"all": [compared("properties.price", "greater_than", 100)]}},
                {"event": "Order Completed", "not": True, "within": "30m"},
            ]
        },
        "remove": {"events": ["Left"]},
    }
    assert change(pages, "tag", "buyer").status_code == 302
    assert Draft.objects.get().body["assign"]["steps"][1] == {"event": "Order Completed", "not": True, "within": "30m"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"assign__steps": "A\nB if colour is red"}, "assign__steps", "Line 2: “colour is red” is no comparison"),
        ({"assign__steps": "A\nnot B"}, "assign__within", "how long to wait"),
        ({"assign__steps": "A\nB", "assign__event": "C"}, "assign__steps", "each by itself"),
        ({"assign__all": "A\nB with x adding up to much"}, "assign__all", "“much” is no number"),
        ({"assign__event": "A", "assign__when": json.dumps(compared("tags", "is_like", "a"))}, "assign__when", "is_like"),
    ],
)
def test_a_problem_of_a_line_is_shown_beside_its_field(pages, changes, field, said):
    response = change(pages, "tag", "buyer", **{"assign__event": "", **changes})

    assert response.status_code == 200
    assert list(errors(response)) == [field]
    assert said in errors(response)[field][0]
