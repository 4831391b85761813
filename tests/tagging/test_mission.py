"""Rows of the mission as worked examples, each number done by hand."""

from __future__ import annotations

import pytest

from decisioning.tagging import advance, compile_definitions, fold, new_state
from decisioning.tagging.population import absorb, merge, thresholds
from rules.engine import compile_ruleset, parse_workspace
from tests.tagging.building import DAY, MINUTE, START, defined, event, folded, seen, value, where

SIGNALS = [
    {"key": "scroll_depth", "event": "Page Scrolled", "value": "properties.depth"},
    {"key": "time_on_page", "event": "Page Dwelled", "value": "properties.seconds"},
    {"key": "cart_action", "event": "Product Added"},
]
TERMS = [
    {"signal": "scroll_depth", "weight": 0.5, "gain": 0.3, "take": "max", "max": 1},
    {"signal": "time_on_page", "weight": 0.4, "gain": 0.5, "per": 60, "max": 1},
    {"signal": "cart_action", "weight": 0.6, "gain": 0.9, "max": 1},
]
BANDS = {"high": 0.8, "medium": 0.5, "low": 0}


def intent(*terms, **parts):
    return defined(signals=SIGNALS, scores=[{"key": "intent", "terms": list(terms or TERMS), "bands": BANDS, **parts}])


def scrolled(depth, at=0.0):
    return event("Page Scrolled", at, properties={"depth": depth})


def dwelled(seconds, at=0.0):
    return event("Page Dwelled", at, properties={"seconds": seconds})


def added(at=0.0):
    return event("Product Added", at)


def test_row_4_the_weighted_score():
    events = [scrolled(0.4), scrolled(0.8, 1), dwelled(15, 2), dwelled(30, 3), added(4)]

    # 0.5 * 0.3 * max(0.4, 0.8)  +  0.4 * 0.5 * (15 + 30) / 60  +  0.6 * 0.9 * 1  =  0.12 + 0.15 + 0.54
    assert value(intent(), events, "scores.intent", 5) == 0.81


def test_row_4_a_signal_beyond_its_maximum_adds_no_more():
    # 0.4 * 0.5 * min(1, 600 / 60)  +  0.6 * 0.9 * min(1, 3)  =  0.2 + 0.54
    assert value(intent(), [dwelled(600), added(1), added(2), added(3)], "scores.intent", 5) == 0.74


def test_row_5_a_promotion_boosts_one_weight_for_its_dates_only():
    boosted = {**TERMS[2], "boosts": [{"factor": 1.5, "from": "2026-11-27", "until": "2026-12-01"}]}
    definitions = intent(TERMS[0], TERMS[1], boosted)
    state = folded(definitions, [scrolled(0.8), added(1)])

    # 0.12 + 0.54 before and after; 0.12 + 0.54 * 1.5 = 0.93 in between
    assert [seen(definitions, state, days * DAY).get("scores.intent") for days in (0, 7, 9.5, 10)] == [0.66, 0.93, 0.93, 0.66]


@pytest.mark.parametrize(
    ("events", "band"),
    [
        ([], "low"),
        ([scrolled(0.8), dwelled(60)], "low"),  # 0.12 + 0.2
        ([added()], "medium"),  # 0.54
        ([scrolled(0.4), dwelled(60), added()], "high"),  # 0.06 + 0.2 + 0.54 = 0.8 exactly
    ],
)
def test_row_6_bands_of_intent(events, band):
    assert value(intent(), events, "scores.intent.band", 1) == band


def test_row_6_intent_fades_from_band_to_band():
    definitions = intent({"signal": "cart_action", "weight": 1}, half_life="10m")
    state = folded(definitions, [added()])

    assert [seen(definitions, state, minutes * MINUTE).get("scores.intent.band") for minutes in (0, 3, 4, 10, 11)] == [
        "high", "high", "medium", "medium", "low",
    ]  # 1, 0.81, 0.76, 0.5, 0.47  # fmt: skip


USUAL = {"key": "usual", "value": 30, "adaptive": {"signal": "time_on_page", "k": 2, "half_life": "1d", "at_least": 4}}


def test_row_9_what_is_usual_among_all_users_trips_nothing():
    definitions = defined(signals=SIGNALS, thresholds=[USUAL])
    samples = [sample for number in (20, 30, 40, 30, 30) for sample in fold(definitions, new_state(), dwelled(number)).samples]
    now = thresholds(definitions.thresholds, merge([absorb(None, samples, START)]), START)

    # The mean is 30, the deviation the root of (100 + 100) / 5, and the threshold two of it above.
    assert now["usual"] == pytest.approx(30 + 2 * 40**0.5, rel=1e-4)


def test_row_10_smoothing_and_half_lives_let_recent_signals_weigh_more():
    definitions = intent({"signal": "time_on_page", "take": "smoothed.10m"})

    # The older one counts half: (60 / 2 + 30) / 1.5, where the plain mean would be 45.
    assert value(definitions, [dwelled(60), dwelled(30, 10 * MINUTE)], "scores.intent", 11 * MINUTE) == 40


def test_row_11_where_a_scroll_stands_among_those_of_the_session():
    name = "values.scroll_depth.percentile.session"
    definitions = defined(name, signals=SIGNALS)

    # Of five values two are below the newest, and it is one of two that are equal.
    assert value(definitions, [scrolled(depth, at) for at, depth in enumerate((0.1, 0.5, 0.9, 0.2, 0.5))], name, 5) == 60


HOMEPAGE = parse_workspace(
    {
        "workspace": {"key": "homepage"},
        "signals": [{"key": "category_seconds", "event": "Category Dwelled", "value": "properties.seconds"}],
        "tags": [{"key": "recent-buyer", "ttl": "7d", "assign": {"event": "Order Completed"}}],
        "templates": [{"key": key, "body": key} for key in ("loyalty", "related", "generic")],
        "placements": [
            {
                "key": "home-banner",
                "fallback": {"template": "generic"},
                "rules": [
                    {"key": "loyal", "when": where("tags", "contains_all", ["recent-buyer"]), "then": {"template": "loyalty"}},
                    {"key": "browsing", "when": where("counts.category_seconds.1h", "greater_than", 600), "then": {"template": "related"}},
                ],
            }
        ],
    }
)
RULESET = compile_ruleset(HOMEPAGE)
DEFINITIONS = compile_definitions(HOMEPAGE, RULESET.names)


def browsed(seconds, at=0.0):
    return event("Category Dwelled", at, properties={"seconds": seconds})


@pytest.mark.parametrize(
    ("events", "after", "template"),
    [
        ([], 0, "generic"),
        ([browsed(300), browsed(300, 300)], 400, "generic"),
        ([browsed(300), browsed(301, 300)], 400, "related"),
        ([browsed(300), browsed(301, 300)], 4_000, "generic"),
        ([browsed(601), event("Order Completed", 10)], 20, "loyalty"),
        ([event("Order Completed")], 7 * DAY - 1, "loyalty"),
        ([event("Order Completed")], 7 * DAY, "generic"),
    ],
)
def test_row_15_loyalty_else_related_else_generic(events, after, template):
    assert RULESET.decide("home-banner", seen(DEFINITIONS, folded(DEFINITIONS, events), after)).template == template


def test_row_16_two_minutes_on_a_product_and_an_add_to_cart():
    definitions = defined(
        signals=[{"key": "product_seconds", "event": "Product Dwelled", "value": "properties.seconds"}],
        tags=[{"key": "cart-open", "assign": {"event": "Product Added"}, "remove": {"event": "Order Completed"}}],
    )
    facts = seen(definitions, folded(definitions, [event("Product Dwelled", 0, properties={"seconds": 121}), added(1)]), 2)

    assert (facts.get("counts.product_seconds.session"), facts.get("tags")) == (121, ["cart-open"])


def test_row_12_looking_comparing_and_leaving_is_not_looking_and_buying():
    looked = {"event": "Product Viewed"}
    definitions = defined(
        tags=[
            {
                "key": "abandoned",
                "assign": {"steps": [looked, {"event": "Products Compared"}, {"event": "Order Completed", "not": True}], "within": "30m"},
            },
            {"key": "bought", "assign": {"steps": [looked, {"event": "Order Completed"}], "within": "30m"}},
        ]
    )

    def tags(*names):
        state = folded(definitions, [event(name, number * MINUTE) for number, name in enumerate(names)])
        return advance(definitions, state, START + DAY).state.tags.keys()

    assert tags("Product Viewed", "Products Compared") == {"abandoned"}
    assert tags("Product Viewed", "Order Completed") == {"bought"}
    assert tags("Product Viewed", "Products Compared", "Order Completed") == {"bought"}


def test_row_23_a_cart_left_behind_a_tenth_session_and_a_week_of_nothing():
    definitions = defined(
        signals=[{"key": "sessions", "event": "Workout Completed"}],
        tags=[
            {
                "key": "left-cart",
                "assign": {"steps": [{"event": "Product Added"}, {"event": "Order Completed", "not": True}], "within": "30m"},
            },
            {"key": "tenth", "assign": {"event": "Workout Completed", "when": where("counts.sessions.total", "equal_to", 10)}},
            {"key": "away", "assign": {"event": "*", "inactive": "7d"}},
        ],
    )
    state = folded(definitions, [*(event("Workout Completed", hour * 3_600) for hour in range(10)), added(DAY)])

    def tags(later):
        return set(advance(definitions, state, START + DAY + later).state.tags)

    assert tags(29 * MINUTE) == {"tenth"}
    assert tags(30 * MINUTE) == {"tenth", "left-cart"}
    assert tags(7 * DAY) == {"tenth", "left-cart", "away"}
    assert "tenth" not in folded(definitions, [event("Workout Completed", hour * 3_600) for hour in range(9)]).tags


BIG = where("properties.total", "greater_than_or_equal_to", {"threshold": "big-cart"})
TAGS = defined(
    thresholds=[{"key": "big-cart", "value": 100}],
    tags=[
        {
            "key": "high-value-purchase",
            "ttl": "90d",
            "assign": {"event": "Order Completed", "where": BIG},
        },
        {
            "key": "interested-in-electronics",
            "ttl": "30d",
            "assign": {
                "event": "Product Viewed",
                "where": where("properties.category", "equal_to", "electronics"),
                "count": {"at_least": 3, "within": "7d"},
            },
        },
    ],
)


def looked(at, category="electronics"):
    return event("Product Viewed", at, properties={"category": category})


def test_row_17_tags_are_assigned_kept_current_and_expire():
    events = [event("Order Completed", 0, properties={"total": 100}), looked(0), looked(DAY), looked(2 * DAY, "books"), looked(3 * DAY)]
    state = folded(TAGS, events)

    def tags(days):
        return seen(TAGS, state, days * DAY).get("tags")

    assert tags(3) == ["high-value-purchase", "interested-in-electronics"]
    assert tags(32.9) == ["high-value-purchase", "interested-in-electronics"]  # 3 + 30 days
    assert tags(33) == ["high-value-purchase"]
    assert tags(90) == []


def test_row_17_a_small_order_is_no_high_value_purchase():
    assert value(TAGS, [event("Order Completed", properties={"total": 99.99})], "tags") == []
