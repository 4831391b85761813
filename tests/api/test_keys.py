"""Who may call, and from where."""

from __future__ import annotations

import time

import pytest

from decisioning.refresher import Refresher
from rules import services
from rules.models import ApiKey
from tests.api.conftest import now_utc

BODY = {"user_id": "a", "placements": ["banner"]}


def test_a_call_without_a_key_is_refused(shop):
    answer = shop.post("/v1/decide", BODY, key=None)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key_missing")


@pytest.mark.parametrize("key", ["nonsense", "sk_" + "a" * 44, "pk_live_" + "0" * 48, "sk_\u00e9"])
def test_a_wrong_key_is_refused(shop, key):
    header = f"Bearer {key}".encode().decode("latin-1")

    answer = shop.post("/v1/decide", BODY, key=None, HTTP_AUTHORIZATION=header)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key_invalid")


def test_a_revoked_key_is_refused_at_the_next_look(shop):
    key = ApiKey.objects.get(kind="secret", workspace__key="shop")
    services.revoke_key(key.pk, now=now_utc())
    Refresher().fetch(now=time.time())

    assert shop.post("/v1/decide", BODY).status_code == 401


def test_a_publishable_key_works_from_its_origin_and_the_browser_may_read_the_answer(shop):
    answer = shop.post("/v1/decide", BODY, key="publishable", HTTP_ORIGIN="http://shop.example")

    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "http://shop.example"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://shop.example.evil.example", "https://shop.example"])
def test_a_publishable_key_is_refused_from_another_origin(shop, origin):
    answer = shop.post("/v1/decide", BODY, key="publishable", HTTP_ORIGIN=origin)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer


def test_a_browsers_preflight_is_answered_for_an_allowed_origin_only(shop):
    good, evil = (shop.options("/v1/decide", HTTP_ORIGIN=origin) for origin in ("http://shop.example", "http://evil.example"))

    assert (good.status_code, good["Access-Control-Allow-Origin"]) == (204, "http://shop.example")
    assert "authorization" in good["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in evil


def test_a_secret_key_never_opens_cors(shop):
    assert "Access-Control-Allow-Origin" not in shop.post("/v1/decide", BODY, HTTP_ORIGIN="http://shop.example")


@pytest.mark.parametrize("origin", ["http://[", "http://a]b", "http://[::1", "\u00e9", "http://localhost:abc"])
def test_an_origin_that_is_none_is_refused_like_any_other(shop, origin):
    header = origin.encode().decode("latin-1")
    asked = shop.post("/v1/decide", BODY, key="publishable", HTTP_ORIGIN=header)
    preflight = shop.options("/v1/decide", HTTP_ORIGIN=header)

    assert asked.status_code == 403
    assert preflight.status_code == 204
    assert "Access-Control-Allow-Origin" not in preflight


def test_a_page_may_read_the_error_of_a_call_whose_key_was_not_found_yet(shop):
    answer = shop.post("/v1/track", b"{", key=None, HTTP_ORIGIN="http://shop.example")

    assert answer.status_code == 400
    assert answer["Access-Control-Allow-Origin"] == "http://shop.example"
    assert answer["Access-Control-Expose-Headers"] == "Retry-After"
