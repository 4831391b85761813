"""What a version that waits would change: for users whose states are there, for sample users, alone or with what else waits."""

from __future__ import annotations

import time

import pytest

from decisioning import effects, estimating
from decisioning.trying import CantTry
from rules import services
from rules.models import SampleUser, Version
from tests.rules.conftest import BEN
from tests.rules.conftest import NOW as THEN
from tests.trying.test_estimating import fill

NOW = time.time()


@pytest.fixture(autouse=True)
def no_old_sample():
    estimating.samples.forget()
    yield
    estimating.samples.forget()


def submitted(kind: str, key: str, body: dict | None) -> Version:
    """A draft that says this (None: removes it), submitted; the one of several that is asked for."""
    services.save_draft("shop", kind=kind, key=key, body=body, author=BEN, now=THEN)
    versions = services.submit("shop", reason="to see", now=THEN)
    return next(version for version in versions if version.item.key == key)


def rule(**body) -> dict:
    return {"placement": "banner", "then": {"template": "loyal"}, **body}


def moved(version: Version) -> list[tuple]:
    return [(move.placement, move.was, move.now, move.users.users) for move in effects.effect(version, now=NOW).moves]


def has(tag: str) -> dict:
    return {"all": [{"name": "tags", "operator": "contains", "value": tag}]}


def test_users_who_would_no_longer_match_are_counted_by_what_they_see_then(workspace, valkey):
    fill(valkey, 40, buyers=10)

    version = submitted("rule", "loyal", rule(when=has("curious")))

    assert moved(version) == [("banner", (("loyal", "loyal"),), (("", "hello"),), 10)]


def test_users_who_would_match_from_now_on_are_counted(workspace, valkey):
    fill(valkey, 40, buyers=10)

    assert moved(submitted("rule", "loyal", rule())) == [("banner", (("", "hello"),), (("loyal", "loyal"),), 30)]


def test_who_sees_the_fallback_before_and_without_consent_sees_no_change(workspace, valkey):
    fill(valkey, 40, buyers=10)
    submitted("purpose", "ads", {"name": "Ads"})
    body = Version.objects.get(item__kind="placement", item__key="banner").body

    version = submitted("placement", "banner", {**body, "purpose": "ads"})

    assert moved(version) == [("banner", (("loyal", "loyal"),), (("", "hello"),), 10)]


def test_a_template_with_another_text_changes_what_its_readers_see(workspace, valkey):
    fill(valkey, 40, buyers=10)
    seen = (("loyal", "loyal"),)

    assert moved(submitted("template", "loyal", {"body": "So glad you came"})) == [("banner", seen, seen, 10)]


def test_a_removed_rule_leaves_its_users_to_the_fallback(workspace, valkey):
    fill(valkey, 40, buyers=10)

    assert moved(submitted("rule", "loyal", None)) == [("banner", (("loyal", "loyal"),), (("", "hello"),), 10)]


def test_what_only_waits_with_it_is_not_counted(workspace, valkey):
    fill(valkey, 40, buyers=10)
    services.save_draft("shop", kind="template", key="hello", body={"body": "Good day"}, author=BEN, now=THEN)

    found = effects.effect(submitted("rule", "loyal", rule(when=has("curious"))), now=NOW)

    assert (found.changed.users, found.together) == (10, False)


def test_what_can_not_go_live_alone_is_counted_with_what_waits(workspace, valkey):
    fill(valkey, 40, buyers=10)
    services.save_draft("shop", kind="template", key="new", body={"body": "New here"}, author=BEN, now=THEN)

    found = effects.effect(submitted("rule", "loyal", rule(then={"template": "new"}, when=has("buyer"))), now=NOW)

    assert (found.changed.users, found.together) == (10, True)


def test_what_can_not_go_live_in_any_way_is_said(workspace, valkey):
    with pytest.raises(CantTry, match="nowhere"):
        effects.effect(submitted("rule", "loyal", rule(then={"template": "nowhere"})), now=NOW)


def test_each_sample_user_who_would_see_something_else_is_named(workspace, valkey):
    for key, tags in (("ida", ["buyer"]), ("jon", [])):
        SampleUser.objects.create(workspace=workspace, key=key, facts={"tags": tags}, updated_at=THEN)

    found = effects.effect(submitted("rule", "loyal", rule(when=has("curious"))), now=NOW)

    assert [(told.sample.key, told.placement, told.now) for told in found.told] == [("ida", "banner", (("", "hello"),))]
    assert found.asked == 2
