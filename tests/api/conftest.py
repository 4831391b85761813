"""A published workspace with keys, asked in process through the whole door; PostgreSQL and Valkey are real."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from decisioning import access, profiles, rulesets
from decisioning.refresher import Refresher
from rules import services
from rules.engine import parse_workspace

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "workspace": {"key": "shop", "name": "Shop", "timezone": "Europe/Berlin"},
    "traits": [{"key": "name"}, {"key": "plan", "type": "one_of", "values": ["free", "gold"]}],
    "signals": [
        {"key": "views", "event": "Product Viewed"},
        {"key": "seconds", "event": "Page Dwelled", "value": "properties.seconds"},
    ],
    "tags": [
        {"key": "buyer", "ttl": "7d", "assign": {"event": "Order Completed"}},
        {"key": "curious", "ttl": "30d", "assign": {"event": "Product Viewed", "count": {"at_least": 3, "within": "7d"}}},
    ],
    "scores": [
        {
            "key": "intent",
            "half_life": "10m",
            "terms": [{"signal": "views", "weight": 0.3}, {"signal": "seconds", "weight": 0.5, "per": 60, "max": 1}],
            "bands": {"high": 0.8, "medium": 0.5, "low": 0},
        }
    ],
    "templates": [
        {"key": "hello", "body": "Hello {{ name | default: 'friend' }}"},
        {"key": "loyal", "body": "Welcome back, {{ name }}", "locales": {"de": {"body": "Willkommen zurück, {{ name }}"}}},
        {"key": "broken", "body": "{{ 1 | divided_by: 0 }}"},
        {"key": "once", "body": "Only once"},
    ],
    "placements": [
        {
            "key": "banner",
            "fallback": {"template": "hello"},
            "rules": [
                {
                    "key": "loyal",
                    "when": {"all": [{"name": "tags", "operator": "contains_all", "value": ["buyer"]}]},
                    "then": {"template": "loyal"},
                }
            ],
        },
        {
            "key": "breaking",
            "fallback": {"template": "hello"},
            "rules": [{"key": "bad", "then": {"template": "broken"}}],
        },
        {
            "key": "once",
            "fallback": {"template": "hello"},
            "rules": [{"key": "single", "then": {"template": "once"}, "cap": {"session": 1}}],
        },
        {
            "key": "daily",
            "fallback": {"template": "hello"},
            "rules": [{"key": "of-the-day", "then": {"template": "once"}, "cap": {"day": 1}}],
        },
        {
            "key": "mobile",
            "fallback": {"template": "hello"},
            "rules": [
                {
                    "key": "phone",
                    "when": {"all": [{"name": "context.device", "operator": "equal_to", "value": "mobile"}]},
                    "then": {"template": "once"},
                }
            ],
        },
    ],
}


class Shop:
    """The published workspace and its two keys."""

    def __init__(self, secret: str, publishable: str) -> None:
        self.keys = {"secret": secret, "publishable": publishable}
        self._client = Client(raise_request_exception=False)

    def post(self, path: str, body: Any, *, key: str | None = "secret", **headers: str) -> Any:
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        if key:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {self.keys.get(key, key)}"
        return self._client.post(path, raw, content_type=headers.pop("content_type", "application/json"), **headers)

    def get(self, path: str, *, key: str | None = "secret", **headers: str) -> Any:
        if key:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {self.keys.get(key, key)}"
        return self._client.get(path, **headers)

    def options(self, path: str, **headers: str) -> Any:
        return self._client.options(path, **headers)

    def decide(self, *placements: str, user: str = "alice", key: str = "secret", **more: Any) -> dict[str, Any]:
        answer = self.post("/v1/decide", {"user_id": user, "placements": list(placements or ["banner"]), **more}, key=key)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


@pytest.fixture
def publish(db: None, valkey: Any) -> Iterator[Callable[[dict[str, Any]], Shop]]:
    """Loads and publishes a document, issues its keys and takes both over into this process."""
    refresher = Refresher()

    def act(document: dict[str, Any]) -> Shop:
        workspace = parse_workspace(document)
        services.load_document(workspace, author=services.COMMAND_LINE, now=now_utc())
        services.publish(workspace.workspace.key, actor=services.COMMAND_LINE, reason="for a test", now=now_utc())
        secret, publishable = (
            services.issue_key(workspace.workspace.key, kind=kind, label="tests", origins=["http://shop.example"], now=now_utc())
            for kind in ("secret", "publishable")
        )
        assert refresher.fetch(now=time.time())
        return Shop(secret, publishable)

    yield act
    access.keys.replace([])
    rulesets.rulesets.__init__()
    profiles._memory.__init__()


@pytest.fixture
def shop(publish: Callable[[dict[str, Any]], Shop]) -> Shop:
    return publish(DOCUMENT)


def now_utc() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
