"""What `POST /v1/decide` answers."""

from __future__ import annotations

import copy

import msgspec
import pytest

from decisioning.api.shapes.decisions import DecideReply
from tests.api.conftest import DOCUMENT
from tests.api.streams import drain


def order(user="alice", **more):
    return {"type": "track", "userId": user, "event": "Order Completed", **more}


def test_an_unknown_user_gets_the_fallback(shop):
    decision = shop.decide("banner", user="nobody-yet")["decisions"][0]

    assert (decision["outcome"], decision["reason"]) == ("fallback", "no_match")
    assert decision["content"]["body"] == "Hello friend"


def test_an_event_sent_along_counts_in_the_same_answer(shop):
    answer = shop.decide("banner", events=[order(), {"type": "identify", "userId": "alice", "traits": {"name": "Alice"}}])

    decision = answer["decisions"][0]
    assert (decision["outcome"], decision["rule"]) == ("matched", {"key": "loyal", "version": 1})
    assert decision["template"] == {"key": "loyal", "version": 1}
    assert decision["content"] == {"type": "html", "body": "Welcome back, Alice", "fields": {}}
    assert answer["user"] == {"tags": ["buyer"]}
    assert answer["events"] == {"accepted": 2, "errors": []}


def test_an_event_sent_along_is_kept_in_the_log(shop, valkey):
    shop.decide("banner", events=[order()])

    assert sum(valkey.xlen(key) for key in valkey.scan_iter("*:events")) == 1


def test_a_bad_event_sent_along_is_reported_and_the_good_ones_count(shop):
    answer = shop.decide("banner", events=[{"type": "track", "userId": "alice"}, order()])

    assert answer["events"]["accepted"] == 1
    assert [(error["index"], error["code"]) for error in answer["events"]["errors"]] == [(0, "missing_event")]
    assert answer["decisions"][0]["outcome"] == "matched"


def test_another_users_event_sent_along_does_not_change_this_answer(shop):
    answer = shop.decide("banner", events=[order("bob")])

    assert answer["decisions"][0]["outcome"] == "fallback"
    assert answer["events"]["accepted"] == 1


def test_the_answer_names_its_release(shop):
    release = shop.decide("banner")["release"]

    assert release["number"] == 1
    assert release["hash"].startswith("sha256:")


def test_an_unknown_placement_has_an_error_and_the_others_are_answered(shop):
    unknown, known = shop.decide("nowhere", "banner")["decisions"]

    assert (unknown["placement"], unknown["error"]["code"]) == ("nowhere", "unknown_placement")
    assert known["outcome"] == "fallback"


def test_a_failing_template_gives_the_fallback_and_says_so(shop):
    answer = shop.decide("breaking")

    decision = answer["decisions"][0]
    assert (decision["outcome"], decision["reason"]) == ("fallback", "template_error")
    assert decision["content"]["body"] == "Hello friend"
    assert answer["degraded_reasons"] == ["template_fallback"]


def test_a_rule_capped_at_one_wins_once_in_a_session(shop):
    outcomes = [shop.decide("once", session_id=session)["decisions"][0]["outcome"] for session in ("s-1", "s-1", "s-2")]

    assert outcomes == ["matched", "capped", "matched"]


def test_a_cap_holds_when_the_users_first_event_comes_after_the_message(shop):
    first = shop.decide("once")["decisions"][0]["outcome"]
    second = shop.decide("once", events=[order()])["decisions"][0]["outcome"]

    assert [first, second] == ["matched", "capped"]


def test_without_a_named_session_a_pause_of_half_an_hour_frees_the_cap(shop):
    def visit(minute):
        at = f"2026-01-01T{10 + minute // 60:02}:{minute % 60:02}:00Z"
        outcome = shop.decide("once", at=at, events=[order(timestamp=at)])["decisions"][0]["outcome"]
        drain()
        return outcome

    assert [visit(minute) for minute in (0, 20, 45, 80)] == ["matched", "capped", "capped", "matched"]


def test_the_session_that_events_named_is_the_one_of_a_request_that_names_none(shop):
    shop.post("/v1/track", order(context={"sessionId": "s-1"}))
    drain()
    outcomes = [shop.decide("once", **session)["decisions"][0]["outcome"] for session in ({}, {"session_id": "s-1"}, {"session_id": "s-2"})]

    assert outcomes == ["matched", "capped", "matched"]


def test_a_capped_placement_asked_twice_in_one_call_wins_once(shop):
    outcomes = [decision["outcome"] for decision in shop.decide("once", "once", session_id="s-1")["decisions"]]

    assert outcomes == ["matched", "capped"]


def test_request_context_decides_and_is_not_stored(shop):
    with_phone = shop.decide("mobile", context={"device": "mobile"})["decisions"][0]
    without = shop.decide("mobile")["decisions"][0]

    assert (with_phone["outcome"], without["outcome"]) == ("matched", "fallback")


def test_a_locale_chooses_the_language(shop):
    bodies = [shop.decide("banner", locale=locale, events=[order()])["decisions"][0]["content"]["body"] for locale in ("de-AT", "fr")]

    assert [body.partition(",")[0] for body in bodies] == ["Willkommen zurück", "Welcome back"]


def test_explain_names_the_template_that_failed_and_why(shop):
    explain = shop.decide("breaking", explain=True)["decisions"][0]["explain"]

    assert explain["template_error"]["template"] == "broken"
    assert explain["template_error"]["code"]


def test_traits_are_escaped_in_html(shop):
    evil = {"type": "identify", "userId": "alice", "traits": {"name": "<script>alert(1)</script>"}}

    body = shop.decide("banner", events=[evil])["decisions"][0]["content"]["body"]

    assert "<script>" not in body
    assert "&lt;script&gt;" in body


def test_the_time_asked_for_is_the_time_the_rules_see(shop):
    shop.decide("banner", events=[order(timestamp="2026-01-01T00:00:00Z")])
    inside = shop.decide("banner", at="2026-01-05T00:00:00Z", events=[order(timestamp="2026-01-01T00:00:00Z")])
    after = shop.decide("banner", at="2026-01-09T00:00:00Z", events=[order(timestamp="2026-01-01T00:00:00Z")])

    assert [answer["decisions"][0]["outcome"] for answer in (inside, after)] == ["matched", "fallback"]


def test_explain_says_what_would_have_to_change(shop):
    explain = shop.decide("banner", explain=True)["decisions"][0]["explain"]

    (rule,) = explain["rules"]
    assert (rule["key"], rule["matched"]) == ("loyal", False)
    (leaf,) = rule["conditions"]["all"]
    assert (leaf["name"], leaf["expected"], leaf["actual"], leaf["matched"]) == ("tags", ["buyer"], [], False)
    assert leaf["needs"]


@pytest.mark.parametrize("extra", [{"explain": True}, {"at": "2026-01-01T00:00:00Z"}])
def test_explain_and_at_need_a_secret_key(shop, extra):
    answer = shop.post("/v1/decide", {"user_id": "a", "placements": ["banner"], **extra}, key="publishable")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "secret_key_needed")


def test_a_publishable_key_does_not_see_the_users_tags(shop):
    assert "user" not in shop.decide("banner", key="publishable")


def test_the_reply_is_what_the_schema_says(shop):
    answer = shop.decide("banner", "nowhere", "breaking", explain=True, events=[order(), {}])

    msgspec.convert(answer, DecideReply)


def test_a_batch_answers_in_order_with_errors_of_their_own(shop):
    good = {"user_id": "a", "placements": ["banner"]}

    first, second, third = shop.post("/v1/decide/batch", {"requests": [good, {"placements": []}, good]}).json()["results"]

    assert first["decisions"][0]["outcome"] == third["decisions"][0]["outcome"] == "fallback"
    assert second["error"]["code"] == "invalid_value"


def test_a_batch_needs_a_secret_key(shop):
    answer = shop.post("/v1/decide/batch", {"requests": [{"user_id": "a", "placements": ["banner"]}]}, key="publishable")

    assert answer.status_code == 403


def test_no_query_reaches_postgresql(shop, django_assert_num_queries):
    with django_assert_num_queries(0):
        shop.decide("banner", "once", events=[order()], session_id="s-1", explain=True)


def test_a_new_release_changes_the_answer_and_its_number(publish):
    publish(DOCUMENT)
    document = copy.deepcopy(DOCUMENT)
    document["templates"][0]["body"] = "Good day"

    shop = publish(document)

    answer = shop.decide("banner")
    assert answer["release"]["number"] == 2
    assert answer["decisions"][0]["content"]["body"] == "Good day"
    assert answer["decisions"][0]["template"] == {"key": "hello", "version": 2}


def test_workspaces_do_not_see_each_others_users(publish):
    shop = publish(DOCUMENT)
    other = copy.deepcopy(DOCUMENT)
    other["workspace"] = {"key": "other"}
    neighbour = publish(other)
    shop.post("/v1/track", order())
    drain()

    assert shop.decide("banner")["decisions"][0]["outcome"] == "matched"
    assert neighbour.decide("banner")["decisions"][0]["outcome"] == "fallback"
