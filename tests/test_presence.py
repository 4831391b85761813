"""Who has which form open: seen while their pages say so, and gone when they stop or leave."""

from __future__ import annotations

from decisioning import keys, presence
from decisioning.presence import EVERY, GONE

NOW = 1_790_000_000.0
PAULA, BEN = {"person_id": 1, "name": "Paula"}, {"person_id": 2, "name": "Ben"}


def here(valkey, who, now, key="welcome"):
    return presence.here(valkey, "shop", "rule", key, **who, now=now)


def test_two_people_in_one_form_see_each_other_since_they_opened_it(valkey):
    assert here(valkey, PAULA, NOW) == []
    here(valkey, PAULA, NOW + EVERY)

    [seen] = here(valkey, BEN, NOW + EVERY)

    assert (seen.name, seen.since) == ("Paula", NOW)
    assert [one.name for one in here(valkey, PAULA, NOW + 2 * EVERY)] == ["Ben"]


def test_people_in_other_forms_and_workspaces_are_not_told(valkey):
    here(valkey, PAULA, NOW, key="welcome-back")
    presence.here(valkey, "news", "rule", "welcome", **PAULA, now=NOW)
    presence.here(valkey, "shop", "tag", "welcome", **PAULA, now=NOW)

    assert here(valkey, BEN, NOW) == []


def test_who_says_nothing_any_more_is_gone_and_comes_back_as_new(valkey):
    here(valkey, PAULA, NOW)

    assert here(valkey, BEN, NOW + GONE) == []
    here(valkey, PAULA, NOW + GONE)
    assert [one.since for one in here(valkey, BEN, NOW + GONE)] == [NOW + GONE]


def test_who_leaves_is_gone_at_once(valkey):
    here(valkey, PAULA, NOW)
    presence.left(valkey, "shop", "rule", "welcome", person_id=1)

    assert here(valkey, BEN, NOW) == []


def test_a_list_asks_for_several_workspaces_at_once(valkey):
    here(valkey, PAULA, NOW)
    presence.here(valkey, "news", "rule", "front", **BEN, now=NOW)

    found = presence.editing(valkey, ["shop", "news", "shop", "empty"], "rule", now=NOW)

    assert {place: [one.name for one in editors] for place, editors in found.items()} == {
        ("shop", "welcome"): ["Paula"],
        ("news", "front"): ["Ben"],
    }
    assert presence.editing(valkey, ["shop"], "rule", now=NOW + GONE) == {}
    assert presence.editing(valkey, [], "rule", now=NOW) == {}


def test_nothing_of_it_stays(valkey):
    here(valkey, PAULA, NOW)
    here(valkey, BEN, NOW + GONE)

    assert valkey.hlen(keys.editing_key("shop", "rule")) == 1
    assert 0 < valkey.ttl(keys.editing_key("shop", "rule")) <= 2 * GONE
