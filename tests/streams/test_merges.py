"""Visitors log in while the workers are killed: every event counts once, for the user it belongs to."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest

from decisioning import identities, keys, profiles
from decisioning.streams import log
from decisioning.tagging import UserState, decode_state, encode_state
from tests.streams import shop
from tests.streams.conftest import eventually, quiet

VISITORS = 60
USERS = 40


def visits(seed=7):
    """Views of visitors, of whom some log in, some as the same user, and some go on under the visitor's id all the same."""
    draw = random.Random(seed)
    for number in range(1_500):
        visitor = draw.randrange(VISITORS)
        view = shop.event(f"v{visitor}", number, name="Product Viewed")
        logged_in = number > 300 and draw.random() < 0.4
        ids = (f"u:{visitor % USERS}", f"a:v{visitor}") if logged_in else (f"a:v{visitor}", None)
        yield msgspec.structs.replace(view, user=ids[0], alias=ids[1])


def state(client, user):
    stored = client.get(keys.state_key(shop.WORKSPACE, user))
    return decode_state(stored) if stored else None


def test_killed_workers_lose_nothing_of_a_merge_and_count_nothing_twice(client, new_worker):
    events = list(visits())
    workers = [new_worker("before forget"), new_worker()]  # the first dies as soon as it has passed messages on
    for number in range(0, len(events), 25):
        if number in (500, 1_000):
            workers.pop(0).kill()
            workers.append(new_worker())
        log.append(client, events[number : number + 25])
        if number % 100 == 0:
            log.append(client, events[number : number + 5])  # sent once more
    workers.append(new_worker())
    eventually(lambda: quiet(client), seconds=30)

    merged = {event.alias: event.user for event in events if event.alias}
    expected = Counter(merged.get(event.user, event.user) for event in events)
    assert {user: state(client, user).totals["views"] for user in expected} == expected
    assert {visitor: state(client, visitor).merged_into for visitor in merged} == merged
    stats = log.stats(client)
    assert (stats["dead"], stats.get("refused", 0)) == (0, 0)


def test_a_look_at_a_merged_id_is_one_at_its_user_whatever_waits_where(client, new_consumer):
    """Each step of a merge looked at, with nothing lost between them but while a message is in the outbox."""
    view, login = shop.event("v1", 1), shop.event("v1", 2)
    log.append(client, [msgspec.structs.replace(view, user="a:1"), msgspec.structs.replace(login, user="u:1", alias="a:1")])

    def look(user):
        return identities.look(shop.DEFINITIONS, load(client), shop.WORKSPACE, user, also="a:1", now=shop.START + 9)

    seen = [look("u:1")]
    consumer = new_consumer()
    while not quiet(client):
        consumer.step(1)
        seen.append(look("u:1"))

    assert {(person.user, person.state.totals["views"]) for person in seen} == {("u:1", 2)}
    assert (look("a:1").user, look("a:1").state) == ("u:1", seen[-1].state)


def load(client):
    return lambda user: profiles.load(client, shop.WORKSPACE, user, "")


def test_a_user_read_a_moment_before_the_merge_is_read_again(client, new_consumer):
    view, login = shop.event("v1", 1), shop.event("v1", 2)
    log.append(client, [msgspec.structs.replace(view, user="a:1"), msgspec.structs.replace(login, user="u:1")])
    consumer = new_consumer()
    consumer.step(1)
    stale = [load(client)("u:1")]
    log.append(client, [msgspec.structs.replace(shop.event("v1", 3, name="Page Dwelled"), user="u:1", alias="a:1")])
    while not quiet(client):
        consumer.step(1)

    def read(user):
        return stale.pop() if user == "u:1" and stale else load(client)(user)

    person = identities.look(shop.DEFINITIONS, read, shop.WORKSPACE, "u:1", also="a:1", now=shop.START + 9)

    assert (person.user, person.state.totals["views"], stale) == ("u:1", 2, [])


def test_an_id_merged_over_and_over_is_given_up_not_followed_for_ever(client):
    for number in range(identities.MOST_IDS + 1):
        merged = encode_state(UserState(merged_into=f"u:{number + 1}"))
        client.set(keys.state_key(shop.WORKSPACE, f"u:{number}"), merged)

    with pytest.raises(profiles.Unavailable):
        identities.known(client, shop.WORKSPACE, "u:0", shop.DEFINITIONS, now=shop.START)
