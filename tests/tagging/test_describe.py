"""A user as people and templates see one."""

from __future__ import annotations

import msgspec

from decisioning.tagging import describe, new_state, template_data
from tests.tagging.building import DAY, START, defined, event, folded, identify, seen

SHOP = defined(
    "counts.views.1h",
    signals=[{"key": "views", "event": "Product Viewed"}, {"key": "visits", "event": "Page Viewed"}],
    tags=[{"key": "fan", "ttl": "7d", "assign": {"event": "Product Viewed"}}, {"key": "member", "assign": {"event": "Joined"}}],
    scores=[{"key": "intent", "terms": [{"signal": "views", "weight": 0.5}], "bands": {"high": 1, "low": 0}}],
)
PAGE = {"path": "/p/1", "url": "https://shop.example/p/1", "title": "One", "referrer": ""}
EVENTS = [
    identify(0, name="Ada", address={"city": "Bonn"}, gone="x"),
    event("Page Viewed", 1, properties=PAGE),
    event("Product Viewed", 2, session="s-1"),
    event("Joined", 3),
    identify(4, gone=None),
]
STATE = folded(SHOP, EVENTS)


def test_a_user_is_told_in_full():
    assert describe(SHOP, STATE, now=START + 60) == {
        "ids": ["u:alice"],
        "first_seen": "2026-11-21T10:00:00Z",
        "last_seen": "2026-11-21T10:00:04Z",
        "traits": {"name": "Ada", "address": {"city": "Bonn"}},
        "tags": [
            {
                "key": "fan",
                "since": "2026-11-21T10:00:02Z",
                "expires": "2026-11-28T10:00:02Z",
                "because": "Product Viewed at 2026-11-21T10:00:02Z",
            },
            {"key": "member", "since": "2026-11-21T10:00:03Z", "expires": None, "because": "Joined at 2026-11-21T10:00:03Z"},
        ],
        "progress": [],
        "scores": {"intent": {"value": 0.5, "band": "low", "at": "2026-11-21T10:01:00Z"}},
        "counts": {"views": {"1h": 1, "session": 1, "total": 1}, "visits": {"session": 0, "total": 1}},
        "values": {},
        "session": {
            "id": "s-1",
            "started": "2026-11-21T10:00:02Z",
            "last": "2026-11-21T10:00:04Z",
            "events": 3,
            "active": True,
            "page_seconds": None,
        },
        "page": {**PAGE, "at": "2026-11-21T10:00:01Z"},
        "aliases": [],
        "merges": [],
        "conflicts": [],
        "ignored": {},
        "consent": {},
    }


def test_what_has_run_out_is_not_told():
    later = describe(SHOP, STATE, now=START + 8 * DAY)

    assert [tag["key"] for tag in later["tags"]] == ["member"]
    assert (later["counts"]["views"], later["session"]["active"]) == ({"1h": 0, "session": 0, "total": 1}, False)


def test_a_user_nobody_has_seen_is_told_too():
    told = describe(SHOP, new_state(), now=START)

    assert (told["first_seen"], told["last_seen"], told["tags"], told["session"], told["page"]) == (None, None, [], {}, {})


def test_a_late_event_can_be_the_first_seen_and_never_the_last():
    told = describe(SHOP, folded(SHOP, [event("Anything", 60), event("Anything", 0, received=60)]), now=START + 60)

    assert (told["first_seen"], told["last_seen"]) == ("2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z")


def test_the_newest_page_is_the_last_one_whatever_comes_last():
    events = [event("Page Viewed", 9, properties={"path": "/new"}), event("Page Viewed", 5, properties={"path": "/old"})]

    assert describe(SHOP, folded(SHOP, events), now=START)["page"]["path"] == "/new"


def test_the_page_in_another_calls_context_counts_as_the_last_one():
    state = folded(SHOP, [event("Product Viewed", 0, context={"page": {"path": "/p/7", "title": 5}})])

    page = describe(SHOP, state, now=START)["page"]
    assert page == {"path": "/p/7", "url": "", "title": "", "referrer": "", "at": "2026-11-21T10:00:00Z"}


def data(state=STATE, **told):
    return template_data(SHOP, state, now=START + 60, context={"device": "mobile"}, locale="de", session="s-1", **told)


def test_a_template_names_traits_and_signals_at_the_top():
    given = data()

    assert (given["name"], given["views"], given["address"]) == ("Ada", 1, {"city": "Bonn"})
    assert given["counts"]["views"] == {"1h": 1, "session": 1, "total": 1}
    assert given["scores"] == {"intent": {"value": 0.5, "band": "low"}}
    assert (given["tags"], given["user"], given["context"], given["locale"]) == (
        ["fan", "member"], {"known": True}, {"device": "mobile"}, "de",
    )  # fmt: skip


def test_templates_count_what_conditions_count():
    asked = seen(SHOP, STATE, 60, session="s-1")

    for key, lengths in data()["counts"].items():
        assert {length: asked.get(f"counts.{key}.{length}") for length in lengths} == lengths


def test_a_trait_wins_over_a_signal_and_our_own_names_over_both():
    given = data(folded(SHOP, [identify(9, views="many", tags="mine", user="me", counts=1)], STATE))

    assert (given["views"], given["tags"], given["user"]) == ("many", ["fan", "member"], {"known": True})
    assert given["traits"]["tags"] == "mine"


def test_what_templates_get_is_plain_data():
    assert msgspec.json.decode(msgspec.json.encode(data())) == data()
