"""Everything in a Redis Cluster of three nodes: partitions on all of them, workers that are killed, a node that dies, slots that move."""

from __future__ import annotations

import msgspec
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import ConnectionError as RedisConnectionError

from decisioning import environment as env
from decisioning import keys, pressure, profiles
from decisioning import redis as clients
from decisioning.cluster import slot_of
from decisioning.local.ready import partitions_owned
from decisioning.raw import rebuild
from decisioning.streams import batch, deadletters, functions, log
from decisioning.streams.log import LogUnavailable
from decisioning.streams.outbox import Outbox
from decisioning.streams.port import Held
from decisioning.tagging import encode_state, new_state
from decisioning.tagging.event import encode_event
from tests.cluster import Nodes
from tests.streams import shop
from tests.streams.conftest import eventually
from tests.streams.test_consumer import states
from tests.streams.test_real_timers import CARTS


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    nodes = Nodes(tmp_path_factory.mktemp("cluster"))
    yield nodes
    nodes.stop()


@pytest.fixture
def client(nodes, monkeypatch):
    """The cluster, empty, for this process and those that it starts."""
    nodes.empty()
    monkeypatch.setattr(settings, "REDIS_URL", nodes.url)
    monkeypatch.setenv("REDIS_URL", nodes.url)
    forget()
    yield clients.worker_client()
    forget()


@pytest.fixture
def valkey(client):
    """The cluster stands in for the one server that other tests use."""
    return client


def forget():
    clients.decision_client.cache_clear()
    clients.worker_client.cache_clear()
    clients.status_client.cache_clear()


def node_of(client, partition):
    return int(client.address(slot_of(("GET", keys.offset_key(partition)))).rpartition(":")[2])


def users_by_node(client):
    """A user on each node."""
    found = {}
    for number in range(200):
        found.setdefault(node_of(client, keys.partition_of(shop.WORKSPACE, f"u:user{number}")), f"user{number}")
    return found


def applied(client):
    return not any(row["events"] for row in log.lag(client))


def test_states_equal_a_plain_fold_when_a_worker_is_killed_amid_its_work(client, new_worker):
    events = shop.traffic(6_000, users=60, repeated=0.05)
    victim, survivor = new_worker(), new_worker()
    eventually(lambda: len(set(owners(client))) == 2 and None not in owners(client), seconds=20)
    for start in range(0, len(events), 500):
        log.append(client, events[start : start + 500])
        if start == 2_000:
            eventually(lambda: log.stats(client)["applied"])
            victim.kill()
    eventually(lambda: applied(client), seconds=20)

    assert every_state(client) == shop.folded(events)
    stats = log.stats(client)
    assert stats["applied"] + stats["duplicate"] == len(events)
    eventually(lambda: partitions_owned(settings.REDIS_URL, settings.PARTITIONS, survivor.pid) == settings.PARTITIONS)


def owners(client):
    return [client.get(keys.lease_key(partition)) for partition in range(settings.PARTITIONS)]


def every_state(client):
    return {key: state for node in client.primaries() for key, state in states(node.client).items()}


def test_a_check_asks_every_node(client, nodes):
    clients.check_server(client)
    clients.check_partitions(client, settings.PARTITIONS)
    log.check(client)
    last = nodes.clients[nodes.ports[2]]
    last.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(clients.UnsuitableServer, match="noeviction"):
            clients.check_server(client)
    finally:
        last.config_set("maxmemory-policy", "noeviction")


def test_decisions_read_and_commit_in_one_question_to_one_node(client):
    for user in users_by_node(client).values():
        log.append(client, [shop.event(user, 1)])
        name = f"u:{user}"
        assert len(profiles.load(clients.decision_client(), shop.WORKSPACE, name, "s").unread) == 1
        counts = [("session", "once", "", 1, 1)]
        for refused in (set(), {"once"}):
            committed = profiles.commit_decisions(
                clients.decision_client(), shop.WORKSPACE, name, "s", counts, [{"n": 1}], at=5.0, since=0.0
            )
            assert committed == refused
        assert client.xlen(keys.decisions_key(keys.partition_of(shop.WORKSPACE, name))) == 1


def test_functions_a_node_has_lost_are_loaded_again(client, nodes, new_consumer):
    functions.load(client)
    nodes.clients[nodes.ports[1]].function_flush("SYNC")
    users = users_by_node(client).values()
    log.append(client, [shop.event(user, 1) for user in users])
    new_consumer().step()

    assert log.stats(client)["applied"] == 3


def test_messages_reach_users_on_other_nodes_once(client, new_consumer, monkeypatch):
    monkeypatch.setattr(batch, "fold", shop.telling_fold)
    users = users_by_node(client).values()
    log.append(client, [shop.event(user, 1, name="Referred") for user in users])
    consumer = new_consumer()
    for _ in range(4):
        consumer.step(block_ms=20)

    told = profiles.load(client, shop.WORKSPACE, shop.TOLD, "").state
    assert told.revision == 3
    assert sum(client.xlen(keys.outbox_key(p)) for p in range(settings.PARTITIONS)) == 0


def test_timers_fire_on_every_node(client, new_consumer):
    users = users_by_node(client).values()
    log.append(client, [shop.event(user, 1, name="Cart") for user in users])
    consumer = new_consumer(definitions=lambda _: CARTS)
    consumer.step(block_ms=20)
    assert [tags(client, user) for user in users] == [set(), set(), set()]
    consumer.step(block_ms=20, now=shop.START + 40)

    assert log.stats(client)["timers"] == 3
    assert [tags(client, user) for user in users] == [{"abandoned"}] * 3


def tags(client, user):
    return set(profiles.load(client, shop.WORKSPACE, f"u:{user}", "").state.tags)


def test_dead_letters_and_pressure_are_seen_on_every_node(client):
    for partition in range(settings.PARTITIONS):
        client.xadd(keys.dead_key(partition), {"e": b"\xc1", "reason": "bad"})

    found = list(deadletters.find(client, "dead"))
    assert deadletters.discard(client, "dead", found)["discarded"] == settings.PARTITIONS
    assert pressure.measure(client).passed() == {}


def test_a_rebuild_seizes_a_partition_and_writes_its_states_on_any_node(client):
    for user in users_by_node(client).values():
        name = f"u:{user}"
        partition, key = keys.partition_of(shop.WORKSPACE, name), keys.state_key(shop.WORKSPACE, name)
        with rebuild._seized(client, partition) as fence:
            rebuild._write(client, partition, fence, {key: (encode_state(new_state()), None)})
            with pytest.raises(rebuild.Taken):
                rebuild._write(client, partition, fence + 1, {})
        assert list(client.scan_iter(f"{{p{partition}}}:state:*")) == [key.encode()]
        assert client.get(keys.lease_key(partition)) is None


def test_what_is_published_at_one_node_is_heard_at_another(client, nodes):
    with nodes.clients[nodes.ports[2]].pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe("channel")
        heard.get_message(timeout=1)
        client.publish("channel", b"changed")
        assert eventually(lambda: heard.get_message(timeout=0.1)) is None


def test_a_slot_that_moved_is_found_where_it_is_now(client, nodes):
    partition = keys.partition_of(shop.WORKSPACE, "u:alice")
    slot, away = slot_of(("GET", keys.offset_key(partition))), node_of(client, partition)
    there = next(port for port in nodes.ports if port != away)
    move(nodes, slot, there)
    try:
        log.append(client, [shop.event("alice", 1)])
        assert node_of(client, partition) == there
        assert client.xlen(keys.events_key(partition)) == 1
    finally:
        nodes.empty()
        move(nodes, slot, away)


def test_a_slot_on_its_way_is_asked_for_where_it_goes(client, nodes):
    partition = keys.partition_of(shop.WORKSPACE, "u:alice")
    slot, source = slot_of(("GET", keys.offset_key(partition))), node_of(client, partition)
    there = next(port for port in nodes.ports if port != source)
    names = {port: nodes.clients[port].execute_command("CLUSTER MYID") for port in (source, there)}
    nodes.clients[there].execute_command("CLUSTER SETSLOT", slot, "IMPORTING", names[source])
    nodes.clients[source].execute_command("CLUSTER SETSLOT", slot, "MIGRATING", names[there])
    try:
        client.set(keys.offset_key(partition), "1-1")
        assert client.get(keys.offset_key(partition)) == b"1-1"
        assert nodes.clients[there].execute_command("CLUSTER COUNTKEYSINSLOT", slot) == 1
        with pytest.raises(LogUnavailable, match="rehashing"):  # no node has all keys of the call: try again
            log.append(client, [shop.event("alice", 1)])
    finally:
        nodes.empty()
        for port in names:
            nodes.clients[port].execute_command("CLUSTER SETSLOT", slot, "STABLE")


def move(nodes, slot, port):
    """An empty slot, to the node of that port."""
    name = nodes.clients[port].execute_command("CLUSTER MYID")
    for each in sorted(nodes.ports, key=lambda other: other != port):
        nodes.clients[each].execute_command("CLUSTER SETSLOT", slot, "NODE", name)


def test_celerys_broker_is_never_the_cluster(monkeypatch):
    monkeypatch.delenv("BROKER_URL")
    with pytest.raises(ImproperlyConfigured, match="BROKER_URL is not set, so it would be a Redis Cluster"):
        env.broker("BROKER_URL", "redis+cluster://one:6379")


def test_one_dead_node_stops_its_own_partitions_and_no_others(client, nodes, new_consumer):
    """The last test of this module: the node stays dead."""
    users = users_by_node(client)
    consumer = new_consumer(definitions=shop.definitions)
    consumer.start()
    log.append(client, [shop.event(user, 1) for user in users.values()])
    eventually(lambda: applied(client))
    dead = node_of(client, slot_partition(client, keys.WORKERS))
    nodes.kill(dead)

    with pytest.raises(LogUnavailable):
        log.append(client, [shop.event(users[dead], 2)])
    living = [user for port, user in users.items() if port != dead]
    log.append(client, [shop.event(user, 2) for user in living])
    eventually(lambda: all(revision(client, user) == 2 for user in living))
    with pytest.raises(RedisConnectionError):
        client.get(keys.state_key(shop.WORKSPACE, f"u:{users[dead]}"))

    till = dead_till(client, dead)
    messages = [
        msgspec.structs.replace(shop.event(user, 3), user=told) for user, told in zip(living, (till, f"u:{living[0]}"), strict=True)
    ]
    mine = keys.partition_of(shop.WORKSPACE, f"u:{living[0]}")
    for message in messages:
        client.xadd(keys.outbox_key(mine), {"e": encode_event(message)})
    before = client.xlen(keys.events_key(mine))
    outbox = Outbox(client, lambda events: log.append(client, events))
    assert outbox.relay([Held(mine, 1, "0-0", 0)]) == 1, "the other waits"
    assert outbox.relay([Held(mine, 1, "0-0", 0)]) == 0
    assert client.xlen(keys.events_key(mine)) == before + 1
    assert client.xlen(keys.outbox_key(mine)) == 1


def dead_till(client, dead):
    """A user whose partition is on the dead node."""
    return next(f"u:till{n}" for n in range(200) if node_of(client, keys.partition_of(shop.WORKSPACE, f"u:till{n}")) == dead)


def slot_partition(client, key):
    """A partition on the node that has this key: the worst one to lose, where it is that of the list of workers."""
    return next(
        p
        for p in range(settings.PARTITIONS)
        if client.address(slot_of(("GET", key))) == client.address(slot_of(("GET", keys.offset_key(p))))
    )


def revision(client, user):
    return profiles.load(client, shop.WORKSPACE, f"u:{user}", "").state.revision
