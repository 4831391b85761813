"""Old timestamps at the door: history is taken, what comes too late is kept and reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.streams import drain


def viewed(days_ago, **more):
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    return {"type": "track", "userId": "alice", "event": "Product Viewed", "timestamp": moment.isoformat(), **more}


def views(shop):
    return shop.get("/v1/users/alice").json()["counts"]["views"]["total"]


def kept(shop):
    drain()
    log = shop.get("/statusz").json()["log"]
    return log["late"], log["late_kept"]


def test_the_history_of_a_user_sent_in_its_order_counts_whole(shop):
    shop.post("/v1/batch", {"batch": [viewed(days) for days in (400, 300, 30, 0)]})

    assert (kept(shop), views(shop)) == ((0, 0), 4)


def test_an_event_from_long_before_the_newest_is_kept_and_reported(shop):
    shop.post("/v1/batch", {"batch": [viewed(0), viewed(30)]})

    assert views(shop) == 1, "a look before the worker has applied it says the same"
    assert (kept(shop), views(shop)) == ((1, 1), 1)
    text = shop.get("/metrics", key=None).content.decode()
    assert 'signpost_log_events_total{outcome="late"} 1' in text
    assert 'signpost_log_kept{what="late_kept"} 1' in text
    assert 'signpost_log_kept_oldest_seconds{what="dead"} 0.000' in text
    assert shop.get("/statusz").json()["log"]["late_oldest_seconds"] > 0


@pytest.mark.parametrize("whole_batch", [False, True])
def test_history_of_a_user_who_is_live_counts_where_the_message_says_that_it_is(shop, whole_batch):
    shop.post("/v1/track", viewed(0))
    said = {"context": {"historical": True}}
    shop.post("/v1/batch", {"batch": [viewed(30)], **said} if whole_batch else {"batch": [viewed(30, **said)]})

    assert (kept(shop), views(shop)) == ((0, 0), 2)
