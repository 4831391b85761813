"""What tests of authoring share: a time, two people, and a small shop that is complete."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from rules import services
from rules.engine.workspace import Workspace as Document
from rules.services import Person

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
ANNA, BEN, CARA = Person(1, "Anna"), Person(2, "Ben"), Person(3, "Cara")

SHOP: dict[str, Any] = {
    "schema": 1,
    "workspace": {"key": "shop", "name": "The shop", "timezone": "Europe/Berlin"},
    "traits": [{"key": "plan", "type": "one_of", "values": ["free", "gold"]}],
    "context": [{"key": "device", "type": "text"}],
    "signals": [{"key": "carts", "event": "Product Added"}, {"key": "dwell", "event": "Page Dwelled", "value": "properties.seconds"}],
    "tags": [{"key": "buyer", "name": "Bought lately", "ttl": "7d", "assign": {"event": "Order Completed"}}],
    "scores": [{"key": "intent", "terms": [{"signal": "carts", "weight": 0.9}], "half_life": "10m", "bands": {"high": 0.8, "low": 0}}],
    "segments": [
        {"key": "regulars", "name": "Regulars", "when": {"all": [{"name": "tags", "operator": "contains", "value": "buyer"}]}},
    ],
    "thresholds": [{"key": "long", "value": 600}],
    "templates": [
        {"key": "generic", "body": "Hello"},
        {"key": "loyal", "name": "Loyal", "body": "Welcome back, {{ name | default: 'friend' }}", "locales": {"de": {"body": "Hallo"}}},
    ],
    "placements": [
        {
            "key": "banner",
            "fallback": {"template": "generic"},
            "rules": [
                {
                    "key": "bought",
                    "when": {"all": [{"name": "tags", "operator": "contains", "value": "buyer"}]},
                    "then": {"template": "loyal"},
                    "cap": {"session": 1},
                    "children": [
                        {
                            "key": "gold",
                            "when": {"all": [{"name": "traits.plan", "operator": "equal_to", "value": "gold"}]},
                            "then": {"template": "loyal"},
                        }
                    ],
                },
                {
                    "key": "lingering",
                    "when": {"all": [{"name": "counts.dwell.1h", "operator": "greater_than", "value": {"threshold": "long"}}]},
                    "then": {"template": "generic"},
                },
            ],
        }
    ],
}


@pytest.fixture
def shop() -> dict[str, Any]:
    """The shop's document, the test's own to change."""
    return deepcopy(SHOP)


@pytest.fixture
def careful(shop: dict[str, Any]) -> dict[str, Any]:
    """The shop with four eyes on, its first release made before that."""
    load(shop)
    publish()
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True, actor=BEN, now=NOW)
    return shop


def document(source: dict[str, Any]) -> Document:
    return msgspec.convert(source, Document)


def load(source: dict[str, Any], author: Person = ANNA, now: datetime = NOW) -> services.LoadReport:
    return services.load_document(document(source), author=author, now=now)


def publish(**options: Any) -> Any:
    return services.publish("shop", **{"actor": ANNA, "reason": "first", "now": NOW, **options})


def in_order(source: dict[str, Any]) -> dict[str, Any]:
    """A document with its lists by key, except the rules, whose order means something."""
    return {name: sorted(part, key=lambda thing: thing["key"]) if isinstance(part, list) else part for name, part in source.items()}


def plain(source: dict[str, Any]) -> Any:
    """What a document says, however it is written: defaults left out, lists by key."""
    return in_order(msgspec.to_builtins(document(source)))
