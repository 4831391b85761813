"""What became of decisions is counted once: decisions as they are archived, and events that name them as they are applied."""

from __future__ import annotations

import time
from copy import deepcopy

import pytest
from django.db import connection
from django.db.models import Sum
from psycopg import connect

from decisioning import archive, keys, responses
from decisioning.erasing.places import places
from decisioning.erasing.scope import Scope
from decisioning.models import HourlyResult, Response
from decisioning.redis import worker_client
from tests.api.conftest import DOCUMENT
from tests.api.streams import drain

pytestmark = pytest.mark.django_db
BOUGHT = {"type": "track", "userId": "alice", "event": "Order Completed"}


def decided(shop, *placements, **asked):
    """The ids of decisions made now."""
    return [decision["decision_id"] for decision in shop.decide(*placements, **asked)["decisions"]]


def count():
    """Archives and counts all there is; says how many answers were new."""
    archive.drain(now=time.time())
    drain()
    return responses.drain(now=time.time())


def track(shop, event, decision_id, user="alice", **more):
    answer = shop.post("/v1/track", {"userId": user, "event": event, "properties": {"decision_id": decision_id}, **more})
    assert answer.status_code == 200


def counted(**wanted):
    return HourlyResult.objects.filter(**wanted).aggregate(all=Sum("count"))["all"] or 0


def test_decisions_are_counted_by_rule_version_and_outcome(shop):
    shop.decide("banner", user="alice", events=[BOUGHT])
    shop.decide("banner", user="alice")
    shop.decide("banner", user="bob")

    count()

    assert counted(kind="decision") == 3
    assert counted(kind="decision", placement="banner", rule="loyal", rule_version=1, name="matched") == 2
    assert counted(kind="decision", placement="banner", rule="", name="fallback") == 1


def test_a_decision_that_reaches_the_archive_twice_is_counted_once(shop, valkey):
    shop.decide("banner")
    (stream,) = valkey.scan_iter("*:decisions")
    ((_, fields),) = valkey.xrange(stream)
    valkey.xadd(stream, fields)
    count()
    valkey.xadd(stream, fields)

    count()

    assert counted(kind="decision") == 1


def test_a_rule_passed_over_for_its_cap_is_counted_as_such(shop):
    for _ in range(3):
        shop.decide("once", session_id="s-1")

    count()

    assert counted(kind="decision", rule="single", name="matched") == 1
    assert counted(kind="decision", rule="single", name="capped") == 2
    assert counted(kind="passed", rule="single") == 2


def test_an_event_that_names_a_decision_counts_for_the_version_that_decided(shop):
    [decision] = decided(shop, "banner", events=[BOUGHT])
    count()
    track(shop, "Decision Clicked", decision)

    assert count() == 1

    assert counted(kind="event", placement="banner", rule="loyal", rule_version=1, name="Decision Clicked") == 1


def test_a_click_is_counted_before_its_decision_is_in_the_archive(shop):
    [decision] = decided(shop, "banner")
    track(shop, "Decision Clicked", decision)
    drain()

    assert responses.drain(now=time.time()) == 1


def test_a_second_click_on_one_decision_and_a_look_at_the_same_log_again_count_nothing(shop):
    [decision] = decided(shop, "banner")
    track(shop, "Decision Clicked", decision)
    track(shop, "Decision Clicked", decision)
    assert count() == 1
    worker_client().delete(*(keys.responses_key(partition) for partition in range(16)))
    track(shop, "Decision Clicked", decision)

    assert count() == 0
    assert counted(kind="event") == 1


def test_what_followed_a_fallback_is_not_credited_to_the_rule_that_was_capped(shop):
    for _ in range(2):
        [decision] = decided(shop, "once", session_id="s-1")
    track(shop, "Decision Clicked", decision)

    count()

    assert counted(kind="event", rule="") == 1
    assert counted(kind="event", rule="single") == 0


@pytest.mark.parametrize(
    "named", ["", "nonsense", 7, None, ["x"], "0f0b7d52-5c3e-4d7a-9a55-3f2d6f0c9b11", "ffffffff-ffff-7fff-bfff-ffffffffffff"]
)
def test_an_event_that_names_nothing_that_was_decided_counts_nothing_and_stops_nothing(shop, named):
    [decision] = decided(shop, "banner")
    track(shop, "Decision Clicked", named)
    track(shop, "Decision Clicked", decision)

    assert count() == 1


def test_another_workspaces_event_counts_nothing(shop, publish):
    document = deepcopy(DOCUMENT)
    document["workspace"]["key"] = "other"
    other = publish(document)
    [decision] = decided(shop, "banner")
    track(other, "Decision Clicked", decision)

    assert count() == 0


def test_one_decision_counts_twenty_different_events_and_no_more(shop):
    [decision] = decided(shop, "banner")
    for number in range(25):
        track(shop, f"Event {number}", decision)

    assert count() == responses.NAMES


def test_what_a_user_who_has_not_agreed_does_is_not_counted(publish):
    document = deepcopy(DOCUMENT)
    document["purposes"] = [{"key": "analytics", "events": True}]
    shop = publish(document)
    [decision] = decided(shop, "banner")
    track(shop, "Decision Clicked", decision)

    assert count() == 0
    assert not Response.objects.exists()


def test_an_erased_users_answers_go_with_the_decisions_and_the_counts_stay(shop):
    [decision] = decided(shop, "banner")
    track(shop, "Decision Clicked", decision)
    count()
    [place] = [place for place in places() if place.name == "decisions"]

    place.erase(Scope("shop", ("u:alice",), {}))

    assert not Response.objects.exists()
    assert (counted(kind="decision"), counted(kind="event")) == (1, 1)


def test_a_look_at_the_log_that_another_worker_is_at_counts_nothing_twice(shop):
    [decision] = decided(shop, "banner")
    track(shop, "Decision Clicked", decision)
    archive.drain(now=time.time())
    drain()
    partition = keys.partition_of("shop", "u:alice")
    with connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [responses.LOCK, partition])

        assert responses.drain(now=time.time()) == 0

        other.execute("SELECT pg_advisory_unlock_all()")  # when a connection ends its server process still holds it for a moment

    assert responses.drain(now=time.time()) == 1
