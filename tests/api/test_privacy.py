"""Consent, export and erasure through the whole door; PostgreSQL, Valkey, the consumer and the raw archive are real."""

from __future__ import annotations

import gzip
import json
import time
from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings as dj
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from decisioning import archive, consents, erasure, keys, rulesets
from decisioning.models import ConsentRecord, DecisionRecord, ErasureJob, ErasureRecord
from decisioning.raw import writer
from decisioning.raw.rebuild import Rebuild, Report
from decisioning.raw.store import Store
from decisioning.redis import worker_client
from decisioning.streams.log import FIELD, stats
from decisioning.tagging.event import decode_event
from decisioning.tagging.identity import unpacked
from rules.models import AuditEvent
from tests.api.conftest import DOCUMENT
from tests.api.streams import drain

pytestmark = pytest.mark.django_db

PLACES = ("states", "caps", "raw_archive", "event_log", "set_aside", "decisions_waiting", "decisions", "consent_log")
EMAIL = "marker-of-alice@example.org"


def document(**more):
    found = deepcopy(DOCUMENT)
    found["purposes"] = [{"key": "ads"}, {"key": "analytics"}]
    found["traits"] += [{"key": "email", "personal": True}, {"key": "segment", "purpose": "ads"}]
    found["signals"].append({"key": "clicks", "event": "Ad Clicked", "purpose": "ads"})
    found["tags"].append({"key": "clicker", "assign": {"event": "Ad Clicked"}, "purpose": "ads"})
    found["placements"].append(
        {"key": "ad", "purpose": "ads", "fallback": {"template": "hello"}, "rules": [{"key": "ad-rule", "then": {"template": "once"}}]}
    )
    found["placements"].append(
        {
            "key": "asked",
            "fallback": {"template": "hello"},
            "rules": [
                {
                    "key": "who-agreed",
                    "when": {"all": [{"name": "consent.ads", "operator": "is_true", "value": True}]},
                    "then": {"template": "once"},
                },
                {
                    "key": "by-mail",
                    "when": {"all": [{"name": "traits.email", "operator": "non_empty", "value": True}]},
                    "then": {"template": "loyal"},
                },
            ],
        }
    )
    return {**found, **more}


@pytest.fixture
def shop(publish):
    return publish(document())


@pytest.fixture
def raw(tmp_path):
    with override_settings(RAW_ARCHIVE=str(tmp_path / "raw")):
        yield Store(str(tmp_path / "raw"))


def put(shop, purposes, user="alice", key="secret", **more):
    return shop._client.put(
        f"/v1/users/{user}/consent", json.dumps({"purposes": purposes, **more}), HTTP_AUTHORIZATION=f"Bearer {shop.keys.get(key, key)}"
    )


def track(shop, event="Ad Clicked", user="alice", key="publishable", **more):
    assert shop.post("/v1/track", {"userId": user, "event": event, **more}, key=key).status_code == 200


def delete(shop, user="alice"):
    return shop._client.delete(f"/v1/users/{user}", HTTP_AUTHORIZATION=f"Bearer {shop.keys['secret']}")


def decided(shop, placement):
    [decision] = shop.decide(placement)["decisions"]
    return decision["outcome"], decision["content"]["body"]


def test_a_placement_shows_its_fallback_to_who_has_not_agreed(shop):
    assert decided(shop, "ad") == ("no_consent", "Hello friend")
    assert decided(shop, "asked") == ("fallback", "Hello friend")


def test_what_was_said_counts_in_the_very_next_decision(shop):
    assert put(shop, {"ads": True}).json() == {"user_id": "alice", "purposes": {"ads": True}, "recorded": True}
    assert decided(shop, "ad") == ("matched", "Only once")
    assert decided(shop, "asked") == ("matched", "Only once")

    put(shop, {"ads": False})
    assert decided(shop, "ad") == ("no_consent", "Hello friend")


def test_a_browser_says_it_with_its_messages_for_its_own_user(shop):
    track(shop, context={"consent": {"categoryPreferences": {"ads": True}}})
    drain()

    told = shop.get("/v1/users/alice").json()
    assert (told["tags"][0]["key"], told["consent"]["ads"]["granted"]) == ("clicker", True)
    assert put(shop, {"ads": True}, key="publishable").status_code == 403


def test_events_that_nothing_may_use_are_counted_as_withheld(shop):
    track(shop)
    track(shop, "Product Viewed")
    drain()

    counted = stats(worker_client())
    assert (counted["withheld"], counted["applied"]) == (1, 1)
    assert "clicks" not in shop.get("/v1/users/alice").json()["counts"]


def test_the_log_of_consent_has_every_word_once_and_is_never_changed(shop):
    put(shop, {"ads": True, "analytics": False}, source="banner v2", at="2026-11-21T10:00:00Z")
    track(shop, context={"consent": {"categoryPreferences": {"ads": False}}})
    drain()
    consents.drain()
    consents.drain()

    log = shop._client.get("/v1/users/alice/consent", HTTP_AUTHORIZATION=f"Bearer {shop.keys['secret']}").json()["log"]
    assert [(word["purpose"], word["granted"], word["source"]) for word in log] == [
        ("ads", True, "banner v2"), ("analytics", False, "banner v2"), ("ads", False, "track message"),
    ]  # fmt: skip
    assert log[0]["at"] == "2026-11-21T10:00:00Z"
    for change in ("UPDATE decisioning_consent SET granted = NOT granted", "DELETE FROM decisioning_consent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_a_refusal_is_in_effect_though_postgresql_is_away(shop, monkeypatch):
    def away(*_: object) -> None:
        raise DatabaseError("away")

    put(shop, {"ads": True})
    with monkeypatch.context() as patch:
        patch.setattr(consents, "record", away)
        answer = put(shop, {"ads": False})
    assert (answer.status_code, answer.json()["recorded"]) == (202, False)
    assert decided(shop, "ad")[0] == "no_consent"
    drain()
    consents.drain()
    assert list(ConsentRecord.objects.values_list("granted", flat=True)) == [True, False]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"purposes": {"sales": True}}, "unknown_purpose"),
        ({"purposes": {"ads": "yes"}}, "invalid_value"),
        ({"purposes": {}}, "invalid_value"),
        ({"purposes": {"ads": True}, "at": "2999-01-01T00:00:00Z"}, "invalid_time"),
        ({"purposes": {"ads": True}, "at": "soon"}, "invalid_time"),
        ({"purposes": {"ads": True}, "who": "me"}, "unknown_field"),
        ([], "invalid_value"),
    ],
)
def test_what_is_no_consent_is_refused(shop, body, code):
    answer = shop._client.put("/v1/users/alice/consent", json.dumps(body), HTTP_AUTHORIZATION=f"Bearer {shop.keys['secret']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("user", ["a" * 257, "%00", "b%00c"])
def test_an_id_no_user_can_have_is_refused(shop, user):
    for answer in (put(shop, {"ads": True}, user=user), delete(shop, user)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_id")


def test_the_export_has_everything(shop, raw):
    put(shop, {"ads": True})
    shop.post("/v1/identify", {"userId": "alice", "traits": {"email": EMAIL}})
    track(shop, properties={"which": "blue"})
    shop.decide("banner")
    drain()
    writer.archive(raw, worker_client())
    track(shop, "Product Viewed")
    archive.drain(now=time.time())

    answer = shop.get("/v1/users/alice/export")
    told = json.loads(b"".join(answer.streaming_content))
    [state] = told["states"]
    assert (state["traits"]["email"], state["tags"][0]["key"], told["complete"]) == (EMAIL, "clicker", True)
    assert [word["purpose"] for word in told["consent"]] == ["ads"]
    assert [decision["placement"] for decision in told["decisions"]] == ["banner"]
    assert [event["name"] for event in told["events"]] == ["Identified", "Ad Clicked", "Product Viewed"]


def everywhere(needle: bytes, folder: Path) -> list[str]:
    """Every place that has these bytes: all of Redis, of PostgreSQL and of the raw archive."""
    client, hits = worker_client(), []
    for name in client.scan_iter("*"):
        kind = client.type(name)
        if kind == b"stream":
            held: object = client.xrange(name)
        elif kind == b"hash":
            held = client.hgetall(name)
        elif kind == b"zset":
            held = client.zrange(name, 0, -1)
        else:
            held = client.get(name)
        if needle in repr(held).encode() or needle in name:
            hits.append(name.decode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE position(%s in row::text) > 0', [needle.decode()])
            hits += [table] if cursor.fetchone()[0] else []
    hits += [str(path.name) for path in folder.rglob("*.gz") if needle in gzip.decompress(path.read_bytes())]
    return hits


def lived(shop, raw, user="alice"):
    """A user of whom something is in every place."""
    put(shop, {"ads": True}, user=user, source="marker-of-alice banner")
    shop.post(
        "/v1/identify", {"userId": user, "traits": {"email": EMAIL, "name": "marker-of-alice"}, "context": {"page": {"url": f"/{user}"}}}
    )
    track(shop, user=user, properties={"who": "marker-of-alice"})
    for placement in ("once", "daily", "asked"):
        shop.decide(placement, user=user, session_id="s-1")
    drain()
    archive.drain(now=time.time())
    writer.archive(raw, worker_client())
    client, partition = worker_client(), keys.partition_of("shop", f"u:{user}")
    shop.decide("banner", user=user)
    entry = next(fields for _, fields in client.xrevrange(keys.events_key(partition)) if decode_event(fields[FIELD]).user == f"u:{user}")
    for stream in (keys.dead_key(partition), keys.late_key(partition), keys.outbox_key(partition)):
        client.xadd(stream, entry)
    track(shop, "Product Viewed", user=user)


def test_an_erased_user_is_nowhere_any_more(shop, raw, settings):
    settings.ERASURE_WAIT_SECONDS = 0
    lived(shop, raw, user="alice-too")
    lived(shop, raw)
    assert len(everywhere(b"marker-of-alice", Path(settings.RAW_ARCHIVE))) > 5

    answer = delete(shop)
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert erasure.work(now=time.time()) == 0, "nothing is proved before the event log has come to it"
    finished()

    receipt = shop.get(f"/v1/erasures/{answer.json()['receipt']}").json()
    assert receipt["status"] == "erased"
    assert {name: (place["left"], place["found"] > 0) for name, place in receipt["places"].items()} == dict.fromkeys(PLACES, (0, True))
    assert not ErasureJob.objects.exists()
    for place in everywhere(b"u:alice", Path(settings.RAW_ARCHIVE)) + everywhere(b"marker-of-alice", Path(settings.RAW_ARCHIVE)):
        assert place in set(everywhere(b"alice-too", Path(settings.RAW_ARCHIVE))), place
    assert shop.get("/v1/users/alice").status_code == 404
    assert shop.get("/v1/users/alice-too").json()["traits"]["email"] == EMAIL
    assert DecisionRecord.objects.filter(user="u:alice-too").exists()
    assert ConsentRecord.objects.filter(user=receipt["pseudonym"], source="").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("DELETE FROM decisioning_erasure")
    assert ErasureRecord.objects.count() == 1
    event = AuditEvent.objects.get(action="user.erased")
    assert (event.object_key, event.data) == (receipt["receipt"], {"pseudonym": receipt["pseudonym"]})
    assert "alice" not in str(AuditEvent.objects.filter(pk=event.pk).values().get())


def finished() -> int:
    """What the task does every second, and the workers all the time, until the work is done."""
    for number in range(5):
        drain()
        if erasure.work(now=time.time()):
            return number
    raise AssertionError(list(ErasureJob.objects.values_list("error", flat=True)))


def test_no_byte_of_an_erased_user_is_left(shop, raw, settings):
    settings.ERASURE_WAIT_SECONDS = 0
    lived(shop, raw)
    delete(shop)

    assert finished() == 1, "the message that was on its way came after the erasure"
    for mark in (b"alice", EMAIL.encode()):
        assert everywhere(mark, Path(settings.RAW_ARCHIVE)) == []


def test_what_comes_after_an_erasure_is_of_a_new_user(shop, raw, settings):
    settings.ERASURE_WAIT_SECONDS = 0
    lived(shop, raw)
    receipt = delete(shop).json()["receipt"]
    track(shop, "Product Viewed", key="secret")
    worker_client().delete(keys.outbox_key(keys.partition_of("shop", "u:alice")))
    assert finished() == 0

    assert shop.get(f"/v1/erasures/{receipt}").json()["places"]["states"]["left"] == 0
    told = shop.get("/v1/users/alice").json()
    assert (told["traits"], told["consent"], told["counts"]["views"]["total"]) == ({}, {}, 1)


def test_an_erasure_answers_with_its_proof_where_it_is_quick(shop, settings, monkeypatch):
    settings.ERASURE_WAIT_SECONDS, settings.RAW_ARCHIVE = 5, ""
    track(shop)
    drain()
    real = erasure.told
    with monkeypatch.context() as patch:  # the workers and the task, between two looks of the request
        patch.setattr(erasure, "told", lambda *of: (drain(), erasure.work(now=time.time()), real(*of))[2])
        answer = delete(shop)
    assert (answer.status_code, answer.json()["status"]) == (200, "erased")


def test_a_receipt_is_told_to_its_own_workspace_only(shop):
    assert shop.get("/v1/erasures/7d9f5a0e-0000-4000-8000-000000000000").status_code == 404
    assert shop.get("/v1/erasures/nonsense").status_code == 404
    assert shop.get("/v1/erasures/nonsense", key="publishable").status_code == 403


def test_a_personal_trait_is_nowhere_to_be_read_when_there_is_a_key(shop, raw, settings):
    settings.PERSONAL_DATA_KEYS = (b"k" * 32,)
    shop.post("/v1/identify", {"userId": "alice", "traits": {"email": EMAIL, "plan": "gold"}})
    assert everywhere(EMAIL.encode(), Path(settings.RAW_ARCHIVE)) == []
    drain()
    writer.archive(raw, worker_client())
    shop.decide("asked")
    archive.drain(now=time.time())

    assert everywhere(EMAIL.encode(), Path(settings.RAW_ARCHIVE)) == []
    assert shop.get("/v1/users/alice").json()["traits"] == {"email": EMAIL, "plan": "gold"}
    assert decided(shop, "asked")[0] == "matched", "rules read it as ever"


def test_without_its_key_a_personal_trait_is_missing_and_stays(shop, settings):
    settings.PERSONAL_DATA_KEYS = (b"k" * 32,)
    shop.post("/v1/identify", {"userId": "alice", "traits": {"email": EMAIL}})
    drain()
    settings.PERSONAL_DATA_KEYS = (b"n" * 32,)
    track(shop, "Product Viewed")
    drain()
    assert (shop.get("/v1/users/alice").json()["traits"], decided(shop, "asked")[0]) == ({}, "fallback")

    settings.PERSONAL_DATA_KEYS = (b"n" * 32, b"k" * 32)
    assert shop.get("/v1/users/alice").json()["traits"] == {"email": EMAIL}


def test_a_sealed_value_can_not_be_moved_to_another_user(shop, settings):
    settings.PERSONAL_DATA_KEYS = (b"k" * 32,)
    for user in ("alice", "bob"):
        shop.post("/v1/identify", {"userId": user, "traits": {"email": EMAIL}})
    drain()
    client = worker_client()
    alice, bob = (keys.state_key("shop", f"u:{user}") for user in ("alice", "bob"))
    client.set(bob, client.get(alice))

    assert shop.get("/v1/users/bob").json()["traits"] == {}


def test_without_a_purpose_of_events_agreed_to_the_archive_has_no_content(publish, raw, settings):
    shop = publish(document(purposes=[{"key": "ads"}, {"key": "analytics", "events": True}]))
    track(shop, "Product Viewed", properties={"which": "before-consent"})
    put(shop, {"analytics": True})
    track(shop, "Product Viewed", properties={"which": "with-consent"})
    drain()
    writer.archive(raw, worker_client())
    put(shop, {"analytics": False})
    track(shop, "Product Viewed", properties={"which": "after-consent"})
    drain()
    writer.archive(raw, worker_client())

    kept = b"".join(gzip.decompress(path.read_bytes()) for path in Path(settings.RAW_ARCHIVE).rglob("*.gz"))
    assert [mark in kept for mark in (b"before-consent", b"with-consent", b"after-consent")] == [False, True, False]
    assert kept.count(b"Product Viewed") == 3


def rebuilt(raw) -> Report:
    """States computed anew from the archive and the log, held against the live ones."""
    report = Report()
    work = Rebuild(raw, worker_client(), lambda workspace: rulesets.live(workspace).definitions)
    for partition in range(dj.PARTITIONS):
        work.partition(partition, report)
    return report


def test_an_erasure_is_no_gap_and_brings_nobody_back_when_states_are_computed_anew(shop, raw, settings):
    settings.ERASURE_WAIT_SECONDS = 0
    lived(shop, raw, user="bob")
    lived(shop, raw)
    delete(shop)
    finished()
    writer.archive(raw, worker_client())

    report = rebuilt(raw)

    assert (report.gaps, report.different, report.equal) == ([], 0, 1)


def test_sealed_and_withheld_states_computed_anew_are_the_live_ones(publish, raw, settings):
    settings.PERSONAL_DATA_KEYS = (b"k" * 32,)
    shop = publish(document(purposes=[{"key": "ads"}, {"key": "analytics", "events": True}]))
    for user, agrees in (("alice", True), ("bob", False)):
        track(shop, "Product Viewed", user=user)
        put(shop, {"analytics": agrees, "ads": True}, user=user)
        shop.post("/v1/identify", {"userId": user, "traits": {"email": EMAIL}})
        track(shop, user=user)
    drain()
    writer.archive(raw, worker_client())

    report = rebuilt(raw)

    assert (report.gaps, report.different, report.equal) == ([], 0, 2)
    assert shop.get("/v1/users/bob").json()["traits"] == {}


def logged_in(shop) -> None:
    """A visitor tells the e-mail address and agrees under an anonymous id, and then becomes Alice."""
    told = {"email": EMAIL}
    shop.post(
        "/v1/identify", {"anonymousId": "device-of-alice", "traits": told, "context": {"consent": {"categoryPreferences": {"ads": True}}}}
    )
    shop.post("/v1/track", {"anonymousId": "device-of-alice", "event": "Ad Clicked"})
    shop.post("/v1/identify", {"userId": "alice", "anonymousId": "device-of-alice", "traits": {"plan": "gold"}})
    drain()
    drain()


def test_what_an_id_agreed_to_comes_with_it_to_its_user(shop):
    logged_in(shop)
    assert shop.get("/v1/users/alice").json()["aliases"] == ["a:device-of-alice"]
    assert decided(shop, "ad")[0] == "matched"

    put(shop, {"ads": False})
    drain()
    told = shop.get("/v1/users/alice").json()
    assert (told["tags"], "clicks" in told["counts"], decided(shop, "ad")[0]) == ([], False, "no_consent")


@pytest.mark.parametrize("asked", ["alice", "device-of-alice"])
def test_all_ids_of_a_user_are_erased_whichever_is_named(shop, raw, settings, asked):
    settings.ERASURE_WAIT_SECONDS = 0
    logged_in(shop)
    writer.archive(raw, worker_client())
    delete(shop, asked)
    finished()

    for mark in (b"alice", EMAIL.encode()):
        assert everywhere(mark, Path(settings.RAW_ARCHIVE)) == []


def test_a_personal_trait_stays_sealed_on_its_way_from_one_id_to_another(shop, raw, settings):
    settings.PERSONAL_DATA_KEYS = (b"k" * 32,)
    logged_in(shop)
    writer.archive(raw, worker_client())

    assert shop.get("/v1/users/alice").json()["traits"]["email"] == EMAIL
    assert everywhere(EMAIL.encode(), Path(settings.RAW_ARCHIVE)) == []
    for partition in range(dj.PARTITIONS):
        for _, fields in worker_client().xrange(keys.events_key(partition)):
            event = decode_event(fields[FIELD])
            assert event.type != "merged" or EMAIL not in str(unpacked(event.properties["state"]).traits)
