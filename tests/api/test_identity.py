"""Several ids of one user, through the whole door and the stream worker's own consumer."""

from __future__ import annotations

import copy

import msgspec
import pytest

from decisioning import profiles
from decisioning.api.shapes.users import UserReply
from tests.api.conftest import DOCUMENT
from tests.api.streams import drain

ORDER = {"event": "Order Completed"}
VIEW = {"event": "Product Viewed"}


def send(shop, *messages, key="secret"):
    for message in messages:
        answer = shop.post("/v1/track", message, key=key)
        assert answer.json() == {"success": True}


def told(shop, user):
    answer = shop.get(f"/v1/users/{user}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_visitor_who_logs_in_is_one_user_with_one_history(shop):
    send(shop, {"anonymousId": "a-1", **ORDER}, {"anonymousId": "a-1", **VIEW})
    shop.post("/v1/identify", {"userId": "alice", "anonymousId": "a-1", "traits": {"name": "Ada"}})
    send(shop, {"userId": "alice", **VIEW})
    drain()
    send(shop, {"anonymousId": "a-1", **VIEW})
    drain()

    alice = told(shop, "alice")
    msgspec.convert(alice, UserReply)
    assert (alice["counts"]["views"]["total"], [tag["key"] for tag in alice["tags"]]) == (3, ["buyer", "curious"])
    assert (alice["aliases"], alice["merged_into"], alice["conflicts"]) == (["a:a-1"], None, [])
    assert [merge["id"] for merge in alice["merges"]] == ["a:a-1"]
    visitor = told(shop, "a-1")
    assert (visitor["user_id"], visitor["merged_into"], visitor["counts"]) == ("a-1", "u:alice", alice["counts"])


def test_the_same_messages_sent_again_count_nothing(shop):
    messages = [{"anonymousId": "a-1", "messageId": "one", **VIEW}, {"userId": "alice", "anonymousId": "a-1", "messageId": "two", **VIEW}]
    for _ in range(3):
        send(shop, *messages)
    drain()

    assert told(shop, "alice")["counts"]["views"]["total"] == 2


def test_a_banner_stays_when_its_visitor_logs_in_before_any_worker_has_merged_the_two(shop):
    send(shop, {"anonymousId": "a-1", **ORDER})

    before = shop.decide(user="alice")["user"]["tags"]
    both = shop.decide(user="alice", anonymous_id="a-1")["user"]["tags"]
    identify = {"type": "identify", "traits": {"name": "Ada"}}
    logging_in = shop.decide(user="alice", anonymous_id="a-1", events=[identify])
    drain()
    after = shop.decide(user="alice")

    assert (before, both) == ([], ["buyer"])
    assert logging_in["decisions"][0]["content"]["body"] == after["decisions"][0]["content"]["body"] == "Welcome back, Ada"


def test_a_decision_sees_what_waits_under_either_id(shop):
    send(shop, {"anonymousId": "a-1", **ORDER}, {"userId": "alice", "anonymousId": "a-1", **VIEW})

    assert shop.decide(user="alice", anonymous_id="a-1")["user"]["tags"] == ["buyer"]
    assert told(shop, "alice")["counts"]["views"]["total"] == 1


def test_events_under_the_anonymous_id_count_in_the_answer_they_are_sent_along_with(shop):
    answer = shop.decide(user="alice", anonymous_id="a-1", events=[{"type": "track", "anonymousId": "a-1", **ORDER}])

    assert answer["user"]["tags"] == ["buyer"]


def test_a_decision_for_a_merged_id_is_one_for_its_user(shop):
    send(shop, {"userId": "alice", "anonymousId": "a-1", **ORDER})
    drain()

    of_visitor = shop.post("/v1/decide", {"anonymous_id": "a-1", "placements": ["daily"]}).json()
    of_user = shop.decide("daily")

    assert of_visitor["user"]["tags"] == ["buyer"]
    assert [answer["decisions"][0]["outcome"] for answer in (of_visitor, of_user)] == ["matched", "capped"]


def test_a_device_of_two_users_stays_with_the_first_and_both_show_the_conflict(shop):
    send(shop, {"anonymousId": "tv", **ORDER}, {"userId": "alice", "anonymousId": "tv", **VIEW})
    drain()
    send(shop, {"userId": "bob", "anonymousId": "tv", **VIEW})
    drain()

    alice, bob = told(shop, "alice"), told(shop, "bob")
    msgspec.convert(bob, UserReply)
    assert ([conflict["with"] for conflict in alice["conflicts"]], [conflict["with"] for conflict in bob["conflicts"]]) == (
        ["u:bob"],
        ["u:alice"],
    )
    assert shop.decide(user="bob", anonymous_id="tv")["user"]["tags"] == []


def test_a_shared_device_is_read_no_more_once_it_is_known_whose_it_is(shop, monkeypatch):
    send(shop, {"userId": "alice", "anonymousId": "tv", **VIEW}, {"userId": "bob", "anonymousId": "tv", **VIEW})
    drain()
    read, load = [], profiles.load

    def watched(client, workspace, user, session):
        read.append(user)
        return load(client, workspace, user, session)

    monkeypatch.setattr(profiles, "load", watched)
    for user in ("alice", "bob"):
        shop.decide(user=user, anonymous_id="tv")

    assert read == ["u:alice", "u:bob"]


def test_undoing_a_merge_is_refused_with_a_reason(shop):
    send(shop, {"userId": "alice", "anonymousId": "a-1", **VIEW})
    drain()

    refused = shop._client.delete("/v1/users/alice/aliases/a:a-1", HTTP_AUTHORIZATION=f"Bearer {shop.keys['secret']}")
    unknown = shop._client.delete("/v1/users/alice/aliases/a:a-2", HTTP_AUTHORIZATION=f"Bearer {shop.keys['secret']}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unmerge_refused")
    assert "new anonymous id" in refused.json()["error"]["message"]
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_alias")


def test_a_server_can_make_one_known_user_another(shop):
    send(shop, {"userId": "old", **ORDER})
    shop.post("/v1/alias", {"previousId": "old", "userId": "alice"})
    drain()

    alice = told(shop, "alice")
    assert (set(alice["aliases"]), [tag["key"] for tag in alice["tags"]]) == ({"u:old", "a:old"}, ["buyer"])
    assert told(shop, "old")["merged_into"] == "u:alice"


def test_a_publishable_key_can_not_take_a_known_users_state(shop):
    send(shop, {"userId": "victim", **ORDER})
    shop.post("/v1/alias", {"previousId": "victim", "userId": "thief"}, key="publishable")
    shop.post("/v1/batch", {"batch": [{"type": "alias", "previousId": "u:victim", "userId": "thief"}]}, key="publishable")
    drain()

    assert told(shop, "thief")["tags"] == []
    assert [tag["key"] for tag in told(shop, "victim")["tags"]] == ["buyer"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"userId": "alice"}, "missing_previous_id"),
        ({"previousId": "a-1"}, "missing_user"),
        ({"anonymousId": "a-1", "previousId": "a-2"}, "missing_user"),
        ({"userId": "alice", "previousId": ["a-1"]}, "invalid_id"),
        ({"userId": "alice", "previousId": "x" * 300}, "invalid_id"),
    ],
)
def test_an_alias_that_says_too_little_is_refused(shop, message, code):
    answer = shop.post("/v1/alias", message)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


@pytest.mark.parametrize("kind", ["merge", "merged", "refused", "contested", "forward"])
def test_no_client_can_send_what_partitions_tell_each_other(shop, kind):
    answer = shop.post("/v1/batch", {"batch": [{"type": kind, "userId": "alice", "properties": {"into": "u:thief"}}]})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_type")


def test_a_trait_of_both_is_what_its_rule_says(publish):
    document = copy.deepcopy(DOCUMENT)
    document["traits"] += [{"key": "points", "type": "number", "merge": "sum"}, {"key": "source", "merge": "first"}]
    shop = publish(document)
    shop.post("/v1/identify", {"anonymousId": "a-1", "traits": {"points": 3, "source": "ad", "plan": "free"}})
    shop.post("/v1/identify", {"userId": "alice", "anonymousId": "a-1", "traits": {"points": 4, "source": "mail", "plan": "gold"}})
    drain()

    assert told(shop, "alice")["traits"] == {"points": 7, "source": "ad", "plan": "gold"}
