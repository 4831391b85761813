"""Each recording, played against the running system, shows every branch of its workspace at least once."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command

from decisioning.management.recording import read
from rules.engine import parse_workspace
from rules.engine.workspace import Rule
from tests.examples.shipped import KEYS, document, recording

CHANGE = re.compile(r"^\S+ \d\d \S+ \d\d:\d\d:\d\d  (?P<user>\S+) +(?P<placement>\S+)  (?P<rule>\S+) +(?P<outcome>\S+) +(?P<preview>.+)$")


@pytest.fixture(scope="session")
def played(signpost):
    """The changes of each recording, in order."""

    def play(key: str) -> list[dict[str, str]]:
        out = StringIO()
        call_command("replay", recording(key), workspace=key, url=signpost.url, key=signpost.keys[key]["secret"], stdout=out)
        lines = out.getvalue().splitlines()
        assert re.fullmatch(r"Done: \d+ events, \d+ changes\.", lines[-1])
        return [CHANGE.match(line).groupdict() for line in lines[2:-1]]

    return {key: play(key) for key in KEYS}


def deciding(rules: list[Rule]) -> set[str]:
    return {key for rule in rules for key in (*([rule.key] if rule.then else []), *deciding(rule.children))}


def shows(changes: list[dict[str, str]], user: str, rule: str, words: str) -> bool:
    return any(change["user"] == user and change["rule"] == rule and words in change["preview"] for change in changes)


@pytest.mark.parametrize("key", KEYS)
def test_every_rule_of_the_recorded_placements_decides_at_least_once(played, key):
    recorded = read(recording(key)).header.placements
    placements = [placement for placement in parse_workspace(document(key)).placements if placement.key in recorded]
    assert {change["rule"] for change in played[key]} - {"-"} == set().union(*(deciding(placement.rules) for placement in placements))


@pytest.mark.parametrize("key", [key for key in KEYS if key != "apparel"])
def test_the_fallback_is_seen(played, key):
    assert "fallback" in {change["outcome"] for change in played[key]}


def test_apparel_goes_from_low_to_high_intent_in_order(played):
    mara = [change["rule"] for change in played["apparel"] if change["user"] == "mara"]
    assert mara == [
        "low-intent",
        "low-but-looking",
        "medium-intent",
        "medium-size-checked",
        "high-intent",
        "high-and-engaged",
        "just-bought",
        "low-intent",
    ]


def test_apparel_shows_what_each_band_is_for(played):
    changes = played["apparel"]
    assert shows(changes, "mara", "high-intent", "Only 2 left")
    assert shows(changes, "mara", "medium-intent", "Frequently bought together")
    assert shows(changes, "mara", "low-intent", "returns policy")


def test_apparel_holds_still_for_a_slow_phone_until_it_has_wifi(played):
    assert [change["rule"] for change in played["apparel"] if change["user"] == "theo"] == ["hold-still", "high-intent", "low-but-compared"]


def test_homepage_names_the_category_and_forgets_the_order_after_a_week(played):
    changes = played["homepage"]
    assert shows(changes, "ada", "browsing-garden", "More from Garden")
    assert shows(changes, "lena", "browsing", "More from Electronics")
    lena = [change["rule"] for change in changes if change["user"] == "lena"]
    assert "loyal" in lena[-3:-1] or "loyal-evening" in lena[-3:-1]
    assert lena[-1] in {"-", "morning", "evening"}


def test_checkout_reminds_once_per_session(played):
    kari = [(change["rule"], change["outcome"]) for change in played["checkout"] if change["user"] == "kari"]
    assert kari == [
        ("-", "fallback"),
        ("reminder", "matched"),
        ("reminder", "capped"),
        ("reminder", "matched"),
        ("reminder", "capped"),
        ("-", "fallback"),
    ]


def test_checkout_says_nothing_until_it_reminds(played):
    assert {change["preview"] for change in played["checkout"] if change["outcome"] != "matched"} == {"(nothing)"}
    assert shows(played["checkout"], "ola", "reminder", "Ola, delivery is on us")


def test_checkout_reminds_of_a_cart_left_behind_half_an_hour_ago(played):
    assert shows(played["checkout"], "kari", "reminder", "You left it here")


def test_news_follows_the_strongest_interest_as_it_moves(played):
    changes = played["news"]
    assert shows(changes, "rosa", "devoted-for-days", "Rosa, your week in Science")
    assert shows(changes, "rosa", "devoted-for-days", "Rosa, your week in Sport")
    assert shows(changes, "sam", "curious", "A little more culture?")
    assert shows(changes, "sam", "devoted", "More from Sport")


def test_academy_speaks_by_mastery_and_in_two_languages(played):
    changes = played["academy"]
    assert shows(changes, "mira", "beginner", "Well done, Mira! Sessions done: 1")
    assert shows(changes, "mira", "regular", "Mira, 10 sessions and 22 %")
    assert shows(changes, "mira", "regular-back", "Good to see you, Mira")
    assert shows(changes, "jonas", "expert", "Jonas: 64 Einheiten, 72 %")
    assert shows(changes, "jonas", "beginner", "Gut gemacht, Jonas!")


def test_longread_takes_one_rapid_scroll_for_nothing_and_three_for_skimming(played):
    changes = played["longread"]
    assert [change["rule"] for change in changes if change["user"] == "otto"] == ["-", "skimming", "-"]
    assert shows(changes, "otto", "skimming", "In a hurry?")


def test_longread_notices_attention_and_then_an_unusually_long_stay(played):
    changes = played["longread"]
    assert [change["rule"] for change in changes if change["user"] == "ines"] == ["-", "attentive", "absorbed"]
    assert shows(changes, "ines", "absorbed", "More on results")


def test_a_second_replay_starts_anew(signpost, played):
    out = StringIO()
    call_command("replay", recording("checkout"), url=signpost.url, key=signpost.keys["checkout"]["secret"], stdout=out)
    again = [CHANGE.match(line).groupdict() for line in out.getvalue().splitlines()[2:-1]]
    assert again == played["checkout"]
