"""Sealed values: only the right key, user and trait open one, and the same value of the same user is the same bytes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from decisioning import environment
from decisioning.sealing import Ring, Unreadable
from decisioning.tagging.traits import SEALED

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = ("shop", "u:alice", "email")
VALUES = ["a@example.org", 7, 1.5, True, ["a", {"b": None}], {"city": "Bonn"}, "", {}]


@pytest.mark.parametrize("value", VALUES)
def test_what_is_sealed_opens_as_it_was(value):
    ring = Ring([OLD])
    sealed = ring.seal(value, *PLACE)

    assert list(sealed) == [SEALED]
    assert (ring.open(sealed, *PLACE), ring.seal(value, *PLACE), ring.seal(sealed, *PLACE)) == (value, sealed, sealed)


@pytest.mark.parametrize("place", [("other", "u:alice", "email"), ("shop", "u:bob", "email"), ("shop", "u:alice", "phone")])
def test_a_value_that_was_moved_does_not_open(place):
    ring = Ring([OLD])
    with pytest.raises(Unreadable):
        ring.open(ring.seal("a@example.org", *PLACE), *place)


def test_the_first_key_seals_and_every_key_opens():
    old = Ring([OLD]).seal("a@example.org", *PLACE)
    both = Ring([NEW, OLD])

    assert both.open(old, *PLACE) == "a@example.org"
    assert Ring([NEW]).open(both.seal("a@example.org", *PLACE), *PLACE) == "a@example.org"
    with pytest.raises(Unreadable):
        Ring([NEW]).open(old, *PLACE)


@pytest.mark.parametrize("forged", ["", "x", "x.y", ".", 7, None, ["a"], "é.é", "00000000.AAAA"])
def test_what_only_looks_sealed_does_not_open(forged):
    with pytest.raises(Unreadable):
        Ring([OLD]).open({SEALED: forged}, *PLACE)


def test_without_a_key_nothing_is_sealed():
    assert Ring([]).seal("a@example.org", *PLACE) == "a@example.org"


@pytest.mark.parametrize("given", ["c2hvcnQ=", "not base64!", "b" * 44 + ",c2hvcnQ="])
def test_a_key_that_is_none_stops_the_start_and_is_not_shown(monkeypatch, given):
    monkeypatch.setenv("PERSONAL_DATA_KEY", given)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.keys("PERSONAL_DATA_KEY", size=32)
    assert given not in str(refused.value)
