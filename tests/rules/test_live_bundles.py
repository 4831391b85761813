"""What processes fetch: the newest release of each workspace, and only what they do not have."""

from __future__ import annotations

import hashlib
from copy import deepcopy

import pytest

from rules import bundles, services
from rules.engine import parse_workspace
from tests.rules.conftest import ANNA, NOW, load, publish

pytestmark = pytest.mark.django_db
AT = NOW.timestamp()


def two_workspaces(shop):
    other = deepcopy(shop)
    other["workspace"]["key"] = "other"
    load(shop)
    load(other)
    publish()
    services.publish("other", actor=ANNA, reason="first", now=NOW)


def test_every_workspaces_newest_release_is_sent_to_who_knows_none(shop):
    two_workspaces(shop)

    assert [(bundle.workspace, bundle.number) for bundle in bundles.live_bundles(AT, {})] == [("other", 1), ("shop", 1)]


def test_what_is_known_already_is_not_sent(shop):
    two_workspaces(shop)
    known = {bundle.workspace: (bundle.number, bundle.hash) for bundle in bundles.live_bundles(AT, {})}

    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=ANNA, now=NOW)
    publish()

    assert [(bundle.workspace, bundle.number) for bundle in bundles.live_bundles(AT, known)] == [("shop", 2)]


def test_a_release_of_the_same_number_but_another_history_is_sent(shop):
    load(shop)
    publish()

    assert len(bundles.live_bundles(AT, {"shop": (1, "sha256:another")})) == 1


def test_asking_with_everything_known_costs_one_query(shop, django_assert_num_queries):
    two_workspaces(shop)
    known = {bundle.workspace: (bundle.number, bundle.hash) for bundle in bundles.live_bundles(AT, {})}

    with django_assert_num_queries(1):
        bundles.live_bundles(AT, known)


def test_a_bundles_bytes_have_its_digest_and_parse(shop):
    load(shop)
    publish()

    [bundle] = bundles.live_bundles(AT, {})

    assert "sha256:" + hashlib.sha256(bundle.document).hexdigest() == bundle.digest
    assert parse_workspace(bundle.document).workspace.key == "shop"
    assert bundle.published_at == AT


def test_a_workspace_that_was_never_published_has_no_bundle(shop):
    load(shop)

    assert bundles.live_bundles(AT, {}) == []
