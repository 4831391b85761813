"""GET /v1/audit: the workspace's audit log for servers."""

from __future__ import annotations

import time

import pytest
from django.db import DatabaseError

from decisioning import auditing
from decisioning.refresher import Refresher
from rules import services
from tests.api.conftest import now_utc

PATH = "/v1/audit"


@pytest.fixture
def busy(shop):
    """Two releases, and another workspace whose events are nobody else's business."""
    for value in (100, 200, 300):
        services.save_draft(
            "shop", kind="threshold", key="big-cart", body={"value": value}, author=services.Person(7, "Ada"), now=now_utc()
        )
    services.publish("shop", actor=services.Person(8, "Paul"), reason="spring", now=now_utc())
    services.create_workspace("other")
    return shop


def events(shop, query: str = "") -> list[dict]:
    answer = shop.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["events"]


def test_the_log_is_told_from_its_beginning_in_order(busy):
    answer = busy.get(PATH).json()
    numbers = [event["number"] for event in answer["events"]]

    assert numbers == list(range(1, len(numbers) + 1))
    assert answer["next"] is None
    assert answer["events"][0]["action"] == "workspace.created"
    assert {event["object"]["key"] for event in answer["events"] if event["object"]["kind"] == "workspace"} == {"shop"}


def test_an_event_says_who_did_what_to_what_and_why(busy):
    event = events(busy, "action=release.published")[-1]

    assert event["actor"] == {"id": 8, "name": "Paul"}
    assert event["object"] == {"kind": "release", "key": "shop", "version": 2}
    assert (event["reason"], event["words"][0]) == ("spring", "Paul published release 2: spring")
    assert "New: threshold big-cart v1 by Ada." in event["words"]
    assert event["prev_hash"] == events(busy, f"after={event['number'] - 2}&limit=1")[0]["hash"]


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("action=release", {"release.published"}),
        ("action=version.submitted&object=threshold", {"version.submitted"}),
        ("object=threshold/big-cart", {"draft.begun", "version.submitted"}),
        ("object=release/shop", {"release.published"}),
        ("object=threshold/nothing", set()),
        ("action=release.publishe", set()),
        ("object=thresh", set()),
    ],
)
def test_it_can_be_asked_for_one_action_or_one_object(busy, query, actions):
    assert {event["action"] for event in events(busy, query)} == actions


def test_pages_follow_on_each_other_without_a_gap_or_a_repetition(busy):
    whole, found, after = events(busy), [], 0
    while after is not None:
        page = busy.get(f"{PATH}?limit=3&after={after}").json()
        assert len(page["events"]) <= 3
        found += page["events"]
        after = page["next"]

    assert found == whole


def test_since_is_a_number_or_a_time(busy):
    whole = events(busy)
    at = whole[5]["at"]

    assert events(busy, "since=5") == whole[5:]
    assert events(busy, f"since={at}") == [event for event in whole if event["at"] >= at]
    assert events(busy, f"since={at.replace('Z', '+00:00')}") == events(busy, f"since={at}")
    assert events(busy, f"since={at}&after={whole[-2]['number']}") == whole[-1:]
    assert events(busy, "since=2999-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        ("since=yesterday", "invalid_time", "$.since"),
        ("since=-1", "invalid_time", "$.since"),
        ("since=2026-13-01T00:00:00Z", "invalid_time", "$.since"),
        ("since=99999999999", "invalid_time", "$.since"),
        ("since=9999999999", "invalid_value", "$.since"),
        ("limit=0", "invalid_value", "$.limit"),
        ("limit=501", "invalid_value", "$.limit"),
        ("limit=ten", "invalid_value", "$.limit"),
        ("limit=%D9%A1", "invalid_value", "$.limit"),
        ("after=2147483648", "invalid_value", "$.after"),
        ("action=Release", "invalid_value", "$.action"),
        ("action=%00", "invalid_value", "$.action"),
        ("object=rule/%00", "invalid_value", "$.object"),
        ("object=/loyalty", "invalid_value", "$.object"),
        ("object=rule/", "invalid_value", "$.object"),
        ("who=ada", "unknown_field", "$.who"),
        ("&".join(["limit=1"] * 51), "unknown_field", "$"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_what_to_write(busy, query, code, path):
    answer = busy.get(f"{PATH}?{query}")

    [problem] = answer.json()["error"]["problems"]
    assert (answer.status_code, problem["code"], problem["path"]) == (400, code, path)
    assert problem["fix"]


def test_it_needs_a_secret_key_with_the_scope_history(busy):
    text = services.issue_key("shop", kind="secret", label="decides", now=now_utc(), scopes=["decide"])

    Refresher().fetch(now=time.time())

    refused = [busy.get(PATH, key=key) for key in (None, "publishable", text)]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in refused] == [
        (401, "key_missing"), (403, "secret_key_needed"), (403, "scope_missing"),
    ]  # fmt: skip
    assert busy.post(PATH, {}).status_code == 405


def test_without_postgresql_it_says_so(busy, monkeypatch):
    def away(*_: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(auditing, "page", away)
    answer = busy.get(PATH)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")


def test_it_is_in_the_openapi_document_with_its_parameters(client):
    operation = client.get("/v1/openapi.json").json()["paths"][PATH]["get"]

    assert {parameter["name"] for parameter in operation["parameters"]} == {"since", "after", "action", "object", "limit"}


def test_an_act_that_a_key_was_refused_for_want_of_a_scope_is_told_once_and_names_no_user(shop, client):
    text = services.issue_key("shop", kind="secret", label="reports", now=now_utc(), scopes=["history"])
    Refresher().fetch(now=time.time())
    for _ in range(2):
        assert client.delete("/v1/users/alice", HTTP_AUTHORIZATION=f"Bearer {text}").status_code == 403
    assert shop.get("/v1/users/alice", key=text).status_code == 403

    [event] = events(shop, "action=act.refused")
    assert event["words"] == [f"The key {text[:11]}… was not allowed to erase a user.", "This key lacks the scope privacy."]
    assert event["actor"] == {"id": -1, "name": "an API key"}
    assert event["object"] == {"kind": "api_key", "key": text[:11], "version": None}


def test_a_refusal_does_not_come_among_what_was_done(shop):
    who = services.Person(7, "Ada")
    about = services.Act("", "release", "shop", (), 1)
    services.tell_refusal(
        services.find("shop"), who, services.refused_act(who, "roll back to shop release 1", about, "no_right", "No."), now=now_utc()
    )

    assert all(event["action"] == "release.published" for event in events(shop, "action=release"))
    assert [event["action"] for event in events(shop, "action=act")] == ["act.refused"]
