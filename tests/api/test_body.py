"""The quick way to read a body and the slow one: whatever comes, both say the same."""

from __future__ import annotations

import json
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from decisioning.api import body
from decisioning.api.errors import ApiError

NUMBERS = st.sampled_from(
    ["0", "-0", "-0.0", "1.0", "1e5", "0.1e1", "1E400", "5e-324", "1" * 5_000, "0.30000000000000004", "123456789.123456789"]
) | (st.sampled_from([2**53, 2**63 - 1, 2**63, -(2**63) + 1, -(2**63), 2**64, 10**30, 10**4000]).map(str))
ATOMS = NUMBERS | st.sampled_from(
    [
        "null",
        "true",
        "NaN",
        "-Infinity",
        "01",
        "1.",
        '""',
        '"a"',
        '"ü"',
        '"\\u00fc"',
        '"\\u0000"',
        '"\\ud83d"',
        '"\\/"',
        '"\\n"',
        '"\t"',
        '"{"',
    ]
)
KEYS = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"a\\tb"', '"ü"', "a"])
SPACE = st.sampled_from(["", " ", "\n  "])


def _lists(inner):
    return st.builds(lambda items, space: f"[{space}{f',{space}'.join(items)}]", st.lists(inner, max_size=3), SPACE)


def _objects(inner):
    pairs = st.lists(st.tuples(KEYS, inner), max_size=3)
    return st.builds(lambda of, space: f"{{{','.join(f'{key}:{space}{value}' for key, value in of)}{space}}}", pairs, SPACE)


TEXTS = st.recursive(ATOMS, lambda inner: _lists(inner) | _objects(inner), max_leaves=8)


def outcome(decode, raw: bytes):
    """What it comes to; of a value also which type each of its numbers has."""
    try:
        return json.dumps(decode(raw))
    except ApiError as error:
        return error.status, error.body()


@given(TEXTS.map(str.encode) | st.binary(max_size=8) | st.builds(lambda text, end: text.encode()[:-end], TEXTS, st.integers(1, 3)))
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b'{"a":1,"a":1}')
@example(b'{"a":1,"b":{"c":2,"c":1e5}}')
@example(b'["\xed\xa0\x80"]')
@example(b'{"a":{"b":1} }x')
def test_a_body_is_read_quickly_as_it_is_read_slowly(raw):
    assert outcome(body.decode, raw) == outcome(body._decode_slowly, raw)


@pytest.mark.parametrize("depth", [body.USUAL_DEPTH, body.USUAL_DEPTH + 1, body.MAX_DEPTH, body.MAX_DEPTH + 1, 100_000])
@pytest.mark.parametrize("around", [("[", "]"), ('{"a":', "}")])
def test_nesting_is_allowed_to_the_same_depth_either_way(depth, around):
    raw = (around[0] * depth + "0" + around[1] * depth).encode()

    assert outcome(body.decode, raw) == outcome(body._decode_slowly, raw)


@pytest.mark.parametrize(
    "text", ['{"batch":[{"userId":"a","properties":{"price":0.1}}]}', '{\n  "userId": "ü",\n  "context": {"page": {"path": "/"}}\n}\n']
)
def test_what_clients_usually_send_needs_no_slow_reading(text):
    with patch.object(body, "_decode_slowly", side_effect=AssertionError):
        assert body.decode(text.encode()) == json.loads(text)
