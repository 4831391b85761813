"""A shop's 50 definitions and the traffic they are made for: mostly views, scrolls and dwelling, few orders."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

WORKSPACE = "bench-shop"
STARTED = 1_780_000_000.0
"""A moment in 2026: events are dealt from here on, a tenth of a second apart."""
EVENTS = {
    "Page Viewed": 36,
    "Element Scrolled": 20,
    "Page Dwelled": 14,
    "Product Viewed": 13,
    "Element Clicked": 6,
    "Products Searched": 4,
    "Product Added": 3,
    "Checkout Started": 1.5,
    "Order Completed": 1,
    "Product Shared": 0.8,
    "Product Rated": 0.7,
}
"""Names and how many of a hundred events bear them."""
CATEGORIES = ("electronics", "books", "garden", "toys", "shoes", "music")
PROBE, PROBE_TAG = "Probe Sent", "probed"


def document(more: int = 0, *, touched: bool = False) -> dict[str, Any]:
    """The workspace document. `more` further tags wait for events that never come or, where `touched`, for each view of a page."""
    tags = [*_tags(), _tag("wide", "Page Viewed", ttl="1d")]
    tags += [
        _tag(f"more-{number}", "Page Viewed" if touched else f"Other Event {number}", ttl="1d", count={"at_least": 3, "within": "1h"})
        for number in range(more)
    ]
    return {
        "schema": 1,
        "workspace": {"key": WORKSPACE, "name": "Benchmark"},
        "signals": _signals(),
        "tags": tags,
        "scores": _scores(),
        "thresholds": [
            *({"key": f"limit-{number}", "value": number} for number in range(3)),
            {"key": "long", "value": 30, "adaptive": {"signal": "dwell", "k": 1, "half_life": "1d", "at_least": 100, "min": 5, "max": 60}},
        ],
        "templates": [{"key": "hello", "body": "{{ counts.views.1h }} {{ counts.dwell.1d }} {{ counts.added.7d }}"}],
        "placements": [
            {
                "key": "banner",
                "fallback": {"template": "hello"},
                "rules": [
                    {
                        "key": "keen",
                        "when": {
                            "all": [
                                *({"name": name, "operator": "greater_than", "value": {"threshold": "limit-1"}} for name in WINDOWS),
                                {"name": "values.dwell.last.session", "operator": "greater_than", "value": {"threshold": "long"}},
                            ]
                        },
                        "then": {"template": "hello"},
                    }
                ],
            }
        ],
    }


WINDOWS = (
    "counts.views.1h",
    "counts.dwell.1d",
    "counts.added.7d",
    "counts.clicks.session",
    "counts.searches.1h",
    "counts.orders.total",
    "values.dwell.average.1h",
    "values.velocity.percentile.session",
    "values.scroll.max.session",
)


def _signals() -> list[dict[str, Any]]:
    plain = {
        "pages": "Page Viewed",
        "views": "Product Viewed",
        "clicks": "Element Clicked",
        "searches": "Products Searched",
        "added": "Product Added",
        "checkouts": "Checkout Started",
        "orders": "Order Completed",
        "shares": "Product Shared",
    }
    valued = {
        "scroll": ("Element Scrolled", "depth"),
        "velocity": ("Element Scrolled", "velocity"),
        "dwell": ("Page Dwelled", "seconds"),
        "spent": ("Order Completed", "total"),
        "rating": ("Product Rated", "stars"),
    }
    return [
        *({"key": key, "event": event} for key, event in plain.items()),
        *({"key": key, "event": event, "value": f"properties.{name}"} for key, (event, name) in valued.items()),
        {
            "key": "electronics",
            "event": "Product Viewed",
            "where": {"all": [{"name": "properties.category", "operator": "equal_to", "value": "electronics"}]},
        },
    ]


def _tag(key: str, event: str, *, ttl: str, **assign: Any) -> dict[str, Any]:
    return {"key": key, "ttl": ttl, "assign": {"event": event, **assign}}


def _tags() -> list[dict[str, Any]]:
    likes = [
        _tag(
            f"likes-{category}",
            "Product Viewed",
            ttl="30d",
            where={"all": [{"name": "properties.category", "operator": "equal_to", "value": category}]},
            count={"at_least": 3, "within": "7d"},
        )
        for category in CATEGORIES
    ]
    return [
        *likes,
        _tag("buyer", "Order Completed", ttl="90d"),
        _tag("recent-buyer", "Order Completed", ttl="7d"),
        _tag(
            "big-spender",
            "Order Completed",
            ttl="90d",
            where={"all": [{"name": "properties.total", "operator": "greater_than", "value": 200}]},
        ),
        {**_tag("has-cart", "Product Added", ttl="2d"), "remove": {"event": "Order Completed"}},
        {**_tag("in-checkout", "Checkout Started", ttl="1h"), "remove": {"event": "Order Completed"}},
        _tag("searcher", "Products Searched", ttl="1d", count={"at_least": 3, "within": "1h"}),
        _tag("clicker", "Element Clicked", ttl="1h", count={"at_least": 5, "within": "10m"}),
        _tag(
            "deep-reader",
            "Element Scrolled",
            ttl="1h",
            where={"all": [{"name": "properties.depth", "operator": "greater_than", "value": 0.8}]},
            count={"at_least": 3, "within": "10m"},
        ),
        _tag(
            "dweller",
            "Page Dwelled",
            ttl="1h",
            where={"all": [{"name": "properties.seconds", "operator": "greater_than", "value": 30}]},
        ),
        _tag("regular", "Page Viewed", ttl="30d", count={"at_least": 50, "within": "7d"}),
        _tag("sharer", "Product Shared", ttl="30d"),
        _tag("rater", "Product Rated", ttl="30d"),
        _tag("fan", "Product Rated", ttl="90d", where={"all": [{"name": "properties.stars", "operator": "greater_than", "value": 4}]}),
        _tag(PROBE_TAG, PROBE, ttl="1d"),
        {
            "key": "left-cart",
            "ttl": "2d",
            "assign": {"steps": [{"event": "Product Added"}, {"event": "Order Completed", "not": True}], "within": "30m"},
        },
        {
            "key": "decided",
            "ttl": "1d",
            "assign": {"steps": [{"event": "Products Searched"}, {"event": "Product Viewed"}, {"event": "Product Added"}], "within": "1h"},
        },
        {
            "key": "engaged",
            "ttl": "1h",
            "assign": {
                "all": [
                    {"event": "Element Scrolled", "times": 3},
                    {"event": "Page Dwelled", "sum": {"of": "properties.seconds", "at_least": 45}},
                ],
                "within": "10m",
            },
        },
        {"key": "asleep", "ttl": "30d", "assign": {"event": "*", "inactive": "14d"}},
        _tag("category-fan", "Product Viewed", ttl="1d", count={"at_least": 4, "within": "1h", "by": "properties.category"}),
    ]


def _scores() -> list[dict[str, Any]]:
    bands = {"high": 0.8, "medium": 0.5, "low": 0}
    return [
        {
            "key": key,
            "half_life": half_life,
            "bands": bands,
            "terms": [{"signal": signal, "weight": weight, "per": per, "max": 1} for signal, weight, per in terms],
        }
        for key, half_life, terms in (
            ("intent", "10m", [("scroll", 0.3, 3), ("dwell", 0.5, 60), ("added", 0.9, 1)]),
            ("interest", "1h", [("views", 0.5, 5), ("searches", 0.5, 3)]),
            ("loyalty", "30d", [("orders", 0.7, 3), ("shares", 0.3, 2)]),
            ("attention", "5m", [("velocity", 0.4, 100), ("dwell", 0.6, 30)]),
            ("electronics", "7d", [("electronics", 1, 5)]),
            ("value", "90d", [("spent", 1, 500)]),
        )
    ]


def messages(count: int, *, users: int, seed: int, first: int = 0) -> Iterator[dict[str, Any]]:
    """Tracking messages as a client sends them, of users drawn at random; numbered from `first`, which also says when."""
    draw = random.Random(seed)
    names, weights = list(EVENTS), list(EVENTS.values())
    for number in range(first, first + count):
        name = draw.choices(names, weights)[0]
        yield {
            "type": "track",
            "event": name,
            "userId": f"user-{draw.randrange(users)}",
            "messageId": f"{seed}-{number}",
            "properties": _properties(name, draw),
            "context": {"page": {"path": f"/p/{draw.randrange(200)}"}},
        }


def _properties(name: str, draw: random.Random) -> dict[str, Any]:
    match name:
        case "Element Scrolled":
            return {"depth": round(draw.random(), 2), "velocity": draw.randrange(400)}
        case "Page Dwelled":
            return {"seconds": draw.randrange(60), "section": draw.choice(CATEGORIES)}
        case "Order Completed":
            return {"total": draw.randrange(10, 400), "currency": "EUR"}
        case "Product Rated":
            return {"stars": draw.randrange(1, 6)}
    return {"product": f"sku-{draw.randrange(2000)}", "category": draw.choice(CATEGORIES), "price": draw.randrange(5, 300)}
