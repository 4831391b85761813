"""What `GET /v1/users/{id}` tells a customer's server."""

from __future__ import annotations

import msgspec

from decisioning.api.shapes.users import UserReply
from tests.api.streams import drain


def test_a_users_tags_scores_and_counts_are_told_with_their_reasons(shop):
    shop.post("/v1/track", {"userId": "alice", "event": "Order Completed"})
    shop.post("/v1/track", {"userId": "alice", "event": "Product Viewed"})
    drain()

    user = shop.get("/v1/users/alice").json()

    msgspec.convert(user, UserReply)
    (tag,) = user["tags"]
    assert tag["key"] == "buyer"
    assert "Order Completed" in tag["because"]
    assert tag["expires"] > tag["since"]
    assert user["scores"]["intent"]["band"] == "low"
    assert user["counts"]["views"]["total"] == 1


def test_an_anonymous_user_is_found_by_its_id(shop):
    shop.post("/v1/track", {"anonymousId": "a/1 ü", "event": "Product Viewed"})
    drain()

    assert shop.get("/v1/users/a%2F1%20%C3%BC").json()["counts"]["views"]["total"] == 1


def test_an_unknown_user_is_a_404(shop):
    answer = shop.get("/v1/users/nobody")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_user")


def test_a_publishable_key_may_not_read_users(shop):
    assert shop.get("/v1/users/alice", key="publishable").status_code == 403
