"""Whatever a client sends is refused with a code or accepted; nothing makes a 500."""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path

import pytest

CASES = tomllib.loads((Path(__file__).parent / "bodies.toml").read_text())["case"]
DEEP = b'{"user_id":"a","placements":["banner"],"context":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"


@pytest.mark.parametrize("case", CASES, ids=[case["note"] for case in CASES])
def test_a_bad_decide_body_is_refused_with_its_code(shop, case):
    answer = shop.post("/v1/decide", case["body"])

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == case["code"]
    assert error["message"]
    assert all({"code", "path", "message", "fix"} == set(problem) for problem in error["problems"])


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/decide/batch", "/v1/track", "/v1/batch", "/v1/identify"])
def test_a_hundred_thousand_brackets_are_refused(shop, path):
    answer = shop.post(path, DEEP)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "too_deep")


def test_a_body_past_the_limit_is_refused_with_413(shop):
    answer = shop.post("/v1/batch", b" " * 600_000)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_a_gzip_bomb_is_refused_before_it_unfolds(shop):
    answer = shop.post("/v1/batch", gzip.compress(b"0" * 50_000_000), HTTP_CONTENT_ENCODING="gzip")

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b'{"a": 1}', mtime=0)[:-9]])
def test_broken_gzip_is_refused(shop, body):
    answer = shop.post("/v1/track", body, HTTP_CONTENT_ENCODING="gzip")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_gzip")


def test_an_unknown_encoding_is_refused(shop):
    answer = shop.post("/v1/track", b"{}", HTTP_CONTENT_ENCODING="br")

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_encoding")


def test_a_gzipped_message_is_taken(shop):
    message = {"userId": "alice", "event": "Order Completed"}

    answer = shop.post("/v1/track", gzip.compress(json.dumps(message).encode()), HTTP_CONTENT_ENCODING="gzip")

    assert answer.json() == {"success": True}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
def test_json_is_read_whatever_the_content_type_says(shop, content_type):
    answer = shop.post("/v1/track", {"userId": "alice", "event": "Order Completed"}, content_type=content_type)

    assert answer.json() == {"success": True}


def test_another_method_is_refused_in_the_same_shape(shop):
    answer = shop.get("/v1/decide")

    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_an_unknown_address_is_refused_in_the_same_shape(shop):
    answer = shop.post("/v1/nothing-here", {})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_address")


def test_two_thousand_query_parameters_change_nothing(shop):
    answer = shop.get("/livez?" + "&".join(f"a{number}=1" for number in range(2000)), key=None)

    assert answer.status_code == 200


def test_a_duplicate_key_among_many_is_found_in_one_pass(shop):
    """Looking for each key anew took 20 s for a body of this size."""
    keys = ",".join(f'"k{number}":1' for number in range(35_000))

    answer = shop.post("/v1/track", f'{{{keys},"k34999":1}}', key=None)

    assert answer.json()["error"]["code"] == "duplicate_key"


@pytest.mark.parametrize("encoding", ["GZIP", "x-gzip"])
def test_gzip_goes_by_its_other_spellings_too(shop, encoding):
    body = gzip.compress(json.dumps({"userId": "alice", "event": "Order Completed"}).encode())

    assert shop.post("/v1/track", body, HTTP_CONTENT_ENCODING=encoding).json() == {"success": True}


def test_a_context_past_its_limit_is_refused(shop):
    answer = shop.post("/v1/decide", {"user_id": "a", "placements": ["banner"], "context": {"x": "y" * 33_000}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "context_too_large")


def test_a_refused_method_names_the_allowed_ones(shop):
    assert shop.get("/v1/decide")["Allow"] == "POST"
