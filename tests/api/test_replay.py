"""A decision made again: the same answer by its own release; by another one what differs and why, or why nobody can say."""

from __future__ import annotations

import json
import time
from copy import deepcopy

import pytest
from django.db import connection
from django.test import override_settings

from decisioning import rulesets
from decisioning.archive import drain
from decisioning.models import DecisionRecord
from decisioning.releases import Releases
from decisioning.replaying import again, sweep, tally
from rules.models import Release
from tests.api.conftest import DOCUMENT

KEY = bytes(range(32))
ORDER = {"type": "track", "userId": "alice", "event": "Order Completed"}


@pytest.fixture
def sealed():
    """A key for what is personal, and for what a request's context says."""
    with override_settings(PERSONAL_DATA_KEYS=(KEY,)):
        yield


@pytest.fixture
def changed():
    """The shop's document, to be changed and published as its second release."""
    return deepcopy(DOCUMENT)


def placement(document, key):
    return next(one for one in document["placements"] if one["key"] == key)


def archived(shop, *placements, **asked):
    """The archived record of a decision that is made now."""
    answer = shop.decide(*placements, **asked)
    drain(now=time.time())
    return DecisionRecord.objects.get(decision_id=answer["decisions"][0]["decision_id"])


def replayed(shop, record, **body):
    return shop.post(f"/v1/decisions/{record.decision_id}/replay", body)


def test_a_decision_can_be_looked_up_by_its_id(shop):
    record = archived(shop, "banner", events=[ORDER], session_id="s-1")

    told = shop.get(f"/v1/decisions/{record.decision_id}").json()

    assert (told["release"], told["user"], told["placement"], told["session"]) == (1, "u:alice", "banner", "s-1")
    assert (told["rule"], told["path"], told["outcome"]) == ({"key": "loyal", "version": 1}, ["loyal"], "matched")
    assert told["content"]["body"] == "Welcome back, "
    assert told["facts"] == {"tags": ["buyer"]}
    assert told["replayable"] is True


def test_a_decision_that_waits_for_the_archive_is_found_in_the_log_and_can_be_replayed(shop):
    decision = shop.decide("banner", events=[ORDER])["decisions"][0]

    assert not DecisionRecord.objects.exists()
    assert shop.get(f"/v1/decisions/{decision['decision_id']}").json()["content"] == decision["content"]
    assert shop.post(f"/v1/decisions/{decision['decision_id']}/replay", "").json()["same"] is True


@pytest.mark.parametrize("asked", ["nonsense", "5d0c6b0e-6c53-4c1c-9a55-0d0b1a6e1f2a", "01a0b0c0-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("what", ["", "/replay"])
def test_a_decision_that_nobody_knows_is_a_404_with_words(shop, asked, what):
    path = f"/v1/decisions/{asked}{what}"
    answer = shop.post(path, {}) if what else shop.get(path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_decision")


def test_a_key_sees_its_own_workspaces_decisions_only(shop, publish, changed):
    record = archived(shop, "banner")
    changed["workspace"]["key"] = "other"
    other = publish(changed)

    assert shop.get(f"/v1/decisions/{record.decision_id}").status_code == 200
    assert other.get(f"/v1/decisions/{record.decision_id}").status_code == 404
    assert other.post(f"/v1/decisions/{record.decision_id}/replay", {}).status_code == 404


def test_a_publishable_key_may_not_look_into_the_archive(shop):
    record = archived(shop, "banner")

    assert shop.get(f"/v1/decisions/{record.decision_id}", key="publishable").json()["error"]["code"] == "secret_key_needed"
    assert shop.post(f"/v1/decisions/{record.decision_id}/replay", {}, key="publishable").status_code == 403


@pytest.mark.parametrize("body", [{"release": 0}, {"release": "1"}, {"release": 1.5}, {"which": 1}, [], {"release": 2**40}])
def test_a_body_that_says_no_release_is_refused(shop, body):
    assert replayed_raw(shop, archived(shop, "banner"), body).status_code == 400


def replayed_raw(shop, record, body):
    return shop.post(f"/v1/decisions/{record.decision_id}/replay", json.dumps(body))


def test_a_release_that_is_not_there_is_a_404(shop):
    answer = replayed(shop, archived(shop, "banner"), release=9)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_release")


ASKED = [
    (("banner",), {"events": [ORDER]}),
    (("banner",), {"events": [ORDER], "locale": "de-AT"}),
    (("banner",), {}),
    (("breaking",), {}),
    (("once", "once"), {"session_id": "s-1"}),
    (("daily", "daily"), {"at": "2026-11-21T12:00:00Z"}),
    (("mobile",), {}),
]


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_without_any_key_what_read_no_context_is_the_same_again(shop, number):
    placements, more = ASKED[number]
    shop.decide(*placements, **more)
    drain(now=time.time())

    records = list(DecisionRecord.objects.all())

    assert len(records) == len(placements)
    assert [again(record).status for record in records] == ["same"] * len(records)


def test_a_rule_that_was_capped_is_capped_again(shop):
    first, second = shop.decide("once", "once", session_id="s-1")["decisions"]
    drain(now=time.time())

    assert [first["outcome"], second["outcome"]] == ["matched", "capped"]
    assert again(DecisionRecord.objects.get(decision_id=second["decision_id"])).answer["outcome"] == "capped"


def test_a_decision_by_context_is_the_same_again_and_the_context_stands_nowhere_in_the_clear(shop, valkey, sealed):
    answer = shop.decide("mobile", context={"device": "mobile", "secret": "told in confidence"})
    logged = b"".join(fields[b"d"] for stream in valkey.scan_iter("*:decisions") for _, fields in valkey.xrange(stream))
    drain(now=time.time())
    record = DecisionRecord.objects.get()

    assert answer["decisions"][0]["rule"]["key"] == "phone"
    assert replayed(shop, record).json()["same"] is True
    for held in (logged, bytes(record.inputs), json.dumps(record.facts).encode()):
        assert held.count(b"mobile") == (1 if held is logged else 0)  # the placement's name, in the log
        assert b"confidence" not in held


def test_without_a_key_a_decision_by_context_says_that_it_was_not_kept(shop):
    record = archived(shop, "mobile", context={"device": "mobile"})

    answer = replayed(shop, record)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "context_not_kept")
    assert "context.device" in answer.json()["error"]["message"]
    assert b"mobile" not in bytes(record.inputs)


def test_without_its_key_a_sealed_decision_says_so(shop, sealed):
    record = archived(shop, "mobile", context={"device": "mobile"})

    with override_settings(PERSONAL_DATA_KEYS=(bytes(32),)):
        assert again(record).code == "key_missing"
    with override_settings(PERSONAL_DATA_KEYS=(bytes(32), KEY)):
        assert again(record).status == "same"


def test_the_users_time_zone_from_the_context_is_kept_sealed(shop, sealed):
    record = archived(shop, "daily", at="2026-11-21T12:00:00Z", context={"timezone": "Pacific/Kiritimati"})

    assert again(record).status == "same"
    assert b"Kiritimati" not in bytes(record.inputs)


def test_by_another_release_it_says_what_differs_and_why(shop, publish, changed):
    record = archived(shop, "banner", events=[ORDER])
    placement(changed, "banner")["rules"][0]["when"]["all"][0]["value"] = ["buyer", "curious"]
    publish(changed)

    told = replayed(shop, record, release=2).json()

    assert (told["same"], told["decided_by"], told["release"]) == (False, 1, 2)
    assert [one["field"] for one in told["differences"]] == ["outcome", "reason", "rule", "template", "path", "content"]
    assert told["answer"]["template"]["key"] == "hello"
    (reason,) = told["why"]
    assert reason["rule"] == "loyal"
    assert "it wins" in reason["was"]
    assert "its conditions do not hold: needs" in reason["now"]
    assert "buyer" in reason["words"]
    assert replayed(shop, record).json()["same"] is True


def test_by_a_release_without_the_rule_it_says_so(shop, publish, changed):
    record = archived(shop, "banner", events=[ORDER])
    placement(changed, "banner")["rules"] = [{"key": "other", "then": {"template": "once"}}]
    publish(changed)

    told = replayed(shop, record, release=2).json()

    assert told["answer"]["content"]["body"] == "Only once"
    assert [(one["rule"], one["now"]) for one in told["why"]] == [("loyal", "it is not there"), ("other", "it wins")]
    assert told["why"][1]["was"] == "it is not there"


def test_a_release_that_asks_for_what_was_not_read_is_not_guessed_at(shop, publish, changed):
    record = archived(shop, "banner", events=[ORDER])
    placement(changed, "banner")["rules"][0]["when"]["all"].append({"name": "traits.plan", "operator": "equal_to", "value": "gold"})
    publish(changed)

    answer = replayed(shop, record, release=2)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "facts_not_read")
    assert "traits.plan" in answer.json()["error"]["message"]


def test_a_rule_that_surely_would_not_win_is_a_difference_though_nobody_can_say_which_would(shop, publish, changed):
    record = archived(shop, "banner", events=[ORDER])
    rules = placement(changed, "banner")["rules"]
    rules[0]["when"]["all"][0]["value"] = ["curious"]
    rules.append(
        {"key": "gold", "when": {"all": [{"name": "traits.plan", "operator": "equal_to", "value": "gold"}]}, "then": {"template": "once"}}
    )
    publish(changed)

    told = replayed(shop, record, release=2).json()

    assert (told["same"], told["answer"]) == (False, None)
    assert told["differences"][0]["words"] == "Rule loyal v1 would be another, or none."
    assert "its conditions do not hold" in told["why"][0]["now"]


def test_a_rule_that_is_switched_off_surely_would_not_win(shop, publish, changed):
    record = archived(shop, "banner", events=[ORDER])
    rules = placement(changed, "banner")["rules"]
    rules[0]["enabled"] = False
    rules.append(
        {"key": "gold", "when": {"all": [{"name": "traits.plan", "operator": "equal_to", "value": "gold"}]}, "then": {"template": "once"}}
    )
    publish(changed)

    assert "it is switched off" in replayed(shop, record, release=2).json()["why"][0]["words"]


def test_the_clock_and_fixed_thresholds_need_nobody_to_have_read_them(shop, publish, changed):
    record = archived(shop, "banner", events=[ORDER], at="2026-11-21T12:00:00Z")
    conditions = placement(changed, "banner")["rules"][0]["when"]["all"]
    conditions.append({"name": "time.hour", "operator": "equal_to", "value": 13})  # in Berlin
    publish(changed)

    assert replayed(shop, record, release=2).json()["answer"]["rule"]["key"] == "loyal"


def test_a_placement_that_another_release_lacks_is_a_difference(shop, publish, changed):
    record = archived(shop, "mobile")
    changed["placements"] = [one for one in changed["placements"] if one["key"] != "mobile"]
    publish(changed)

    told = replayed(shop, record, release=2).json()

    assert (told["answer"], told["differences"][0]["field"]) == (None, "placement")


def test_a_template_with_values_that_were_not_read_has_no_content_to_tell(shop, publish, changed):
    record = archived(shop, "once")
    next(one for one in changed["templates"] if one["key"] == "once")["body"] = "Once, {{ traits.plan }}"
    publish(changed)

    told = replayed(shop, record, release=2).json()

    assert told["differences"][0]["field"] == "template"
    assert told["answer"]["content"] is None


def test_values_of_the_context_are_not_told_in_the_reasons(shop, publish, changed, sealed):
    record = archived(shop, "mobile", context={"device": "mobile-7"})
    placement(changed, "mobile")["rules"][0]["when"]["all"][0]["value"] = "mobile-7"
    publish(changed)

    told = replayed(shop, record, release=2).json()

    assert told["answer"]["rule"]["key"] == "phone"
    assert "its value is not told" in told["why"][0]["was"]


def test_a_record_from_before_inputs_were_kept_says_so(shop):
    record = archived(shop, "banner")
    DecisionRecord.objects.update(inputs=None)

    assert shop.get(f"/v1/decisions/{record.decision_id}").json()["replayable"] is False
    assert replayed(shop, record).json()["error"]["code"] == "inputs_not_kept"


def test_a_bundle_that_is_not_what_its_digest_says_is_not_decided_by(shop, publish, changed):
    record = archived(shop, "banner")
    placement(changed, "banner")["rules"] = []
    publish(changed)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # whatever guards the table looks away
        cursor.execute("UPDATE rules_release SET bundle = replace(bundle, 'Hello', 'Hullo') WHERE number = 1")
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert replayed(shop, record).json()["error"]["code"] == "release_damaged"
    assert Release.objects.count() == 2


def test_a_users_copy_of_everything_has_what_decisions_read_in_the_clear(shop, sealed):
    archived(shop, "mobile", context={"device": "mobile"})

    told = json.loads(b"".join(shop.get("/v1/users/alice/export").streaming_content))

    assert told["decisions"][0]["inputs"] == {"facts": {"context.device": "mobile"}, "templates": {}, "locale": None}


def test_many_are_replayed_in_one_go_and_counted(shop):
    for user in range(5):
        shop.decide("banner", user=f"user-{user}", events=[])
    shop.decide("mobile", context={"device": "mobile"})
    drain(now=time.time())

    assert tally(sweep("shop", 100)) == {"same": 5, "context_not_kept": 1}


def test_only_a_few_old_releases_stay_compiled(shop, publish, changed):
    for number in (2, 3):
        changed["templates"][0]["body"] = f"Hello {number}"
        publish(changed)
    held = Releases(kept=1)

    first, again_first, second = held.get("shop", 1), held.get("shop", 1), held.get("shop", 2)

    assert first is again_first
    assert (first.number, second.number) == (1, 2)
    assert held.get("shop", 1) is not first
    assert held.get("shop", 3) is rulesets.live("shop")
    assert held.get("shop", 4) is None


def test_a_decision_withheld_for_lack_of_consent_is_withheld_again(publish, changed):
    changed["purposes"] = [{"key": "advertising"}]
    placement(changed, "banner")["purpose"] = "advertising"
    record = archived(publish(changed), "banner", events=[ORDER])

    assert record.outcome == "no_consent"
    assert again(record).status == "same"


def test_each_decision_of_a_placement_that_collects_is_the_same_again(publish, changed):
    changed["placements"].append(
        {
            "key": "list",
            "mode": "collect",
            "rules": [{"key": f"part-{key}", "then": {"template": key}} for key in ("hello", "broken", "once")],
        }
    )
    publish(changed).decide("list")
    drain(now=time.time())

    records = DecisionRecord.objects.all()

    assert {record.rule for record in records} == {"part-hello", "part-once"}
    assert [again(record).status for record in records] == ["same", "same"]
