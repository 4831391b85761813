"""Health, metrics and the API's own description."""

from __future__ import annotations

import json

import httpx
from django.conf import settings
from django.test import Client

from decisioning.raw import writer
from decisioning.raw.store import Store
from decisioning.redis import worker_client
from tests.api.streams import drain


def test_the_process_is_alive_without_a_key(shop):
    assert shop.get("/livez", key=None).json() == {"alive": True}


def test_a_process_with_a_release_is_ready(shop):
    assert shop.get("/readyz", key=None).status_code == 200


def test_a_process_without_any_release_is_not_ready():
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_release")
    assert answer["Retry-After"] == "1"


def test_status_names_each_part_and_the_release(shop):
    status = shop.get("/statusz").json()

    assert status["redis"]["ok"]
    assert status["release"]["number"] == 1
    assert status["log"]["lag_events"] == 0


def test_status_and_metrics_say_how_far_the_raw_archive_is_behind(shop, monkeypatch, tmp_path):
    assert shop.get("/statusz").json()["raw_archive"] == {"on": False}
    monkeypatch.setattr(settings, "RAW_ARCHIVE", str(tmp_path))
    shop.post("/v1/track", {"event": "Product Viewed", "userId": "alice"})
    drain()

    assert shop.get("/statusz").json()["raw_archive"] == {"on": True, "waiting_events": 1}
    assert "\nsignpost_raw_archive_waiting_events 1\n" in shop.get("/metrics", key=None).content.decode()

    writer.archive(Store(str(tmp_path)), worker_client())
    assert shop.get("/statusz").json()["raw_archive"] == {"on": True, "waiting_events": 0}


def test_status_tells_when_postgresql_last_answered(signpost):
    answer = httpx.get(f"{signpost.url}/statusz", headers={"Authorization": f"Bearer {signpost.keys['news']['secret']}"})

    postgresql = answer.json()["postgresql"]
    assert postgresql["ok"]
    assert postgresql["answered_seconds_ago"] < 30


def test_status_needs_a_secret_key(shop):
    assert shop.get("/statusz", key="publishable").status_code == 403


def test_metrics_count_decisions_by_outcome(shop):
    shop.decide("banner")

    text = shop.get("/metrics", key=None).content.decode()

    assert 'signpost_decisions_total{outcome="fallback",release="1",workspace="shop"}' in text
    assert "signpost_log_lag_seconds" in text


def test_metrics_count_values_of_a_wrong_type_once_a_request_by_name(publish):
    younger = {"all": [{"name": "traits.age", "operator": "less_than", "value": 18}]}
    rules = [{"key": key, "when": younger, "then": {"template": "hello"}} for key in ("one", "two")]
    shop = publish(
        {
            "workspace": {"key": "mistyped"},
            "traits": [{"key": "age", "type": "number"}],
            "templates": [{"key": "hello", "body": "Hello"}],
            "placements": [{"key": "banner", "rules": rules}, {"key": "aside", "rules": [{**rules[0], "key": "three"}]}],
        }
    )
    for user, age in (("alice", "seventeen"), ("bob", 17), ("carol", None)):
        told = {"type": "identify", "userId": user, "traits": {"age": age}}
        shop.decide("banner", "aside", user=user, events=[told])

    text = shop.get("/metrics", key=None).content.decode()

    counted = [line for line in text.splitlines() if line.startswith("signpost_mistyped_values_total") and "mistyped" in line]
    assert counted == ['signpost_mistyped_values_total{name="traits.age",workspace="mistyped"} 1.0']


def test_the_api_describes_itself_in_openapi_3_1(shop):
    document = shop.get("/v1/openapi.json", key=None).json()

    assert document["openapi"].startswith("3.1")
    assert {"/v1/decide", "/v1/decide/batch", "/v1/track", "/v1/batch", "/v1/users/{user_id}"} <= set(document["paths"])
    references = set(json.dumps(document).split('"#/components/schemas/')[1:])
    assert {reference.partition('"')[0] for reference in references} <= set(document["components"]["schemas"])


def test_the_docs_page_lists_every_call(shop):
    page = shop.get("/v1/docs", key=None).content.decode()

    assert "/v1/decide" in page
    assert "DecideRequest" in page
