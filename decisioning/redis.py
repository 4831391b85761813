"""Clients of Redis or Valkey: one for the decision path with a hard time limit, one for everything that may wait."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from decisioning import keys
from decisioning.breaker import Breaker
from decisioning.cluster import UNREACHABLE, Cluster, is_cluster

OLDEST = (7, 0)
"""Redis Functions came with 7.0; every Valkey has them."""
CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 5.0
"""Limits of the patient client. A blocking read must ask for less than ANSWER_SECONDS."""
STATUS_SECONDS = 1.0

breaker = Breaker(UNREACHABLE)
"""The request path's view of Redis in this process."""


class UnsuitableServer(RuntimeError):
    """This Redis, or Kafka, would lose data or lacks what we need; the service does not start with it."""


@cache
def decision_client() -> Redis:
    """For requests that wait for a decision: one try, within DECISION_TIMEOUT_MS, waiting for a connection included."""
    limit = settings.DECISION_TIMEOUT_MS / 1000
    return client_of(settings.REDIS_URL, connect=limit, answer=limit, wait=limit, size=64, failures=5)


@cache
def worker_client() -> Redis:
    """For workers, commands and whatever may wait for seconds. It does not retry either: callers know what is safe to repeat."""
    return client_of(settings.REDIS_URL, connect=CONNECT_SECONDS, answer=ANSWER_SECONDS, wait=ANSWER_SECONDS, size=64, failures=1)


@cache
def status_client() -> Redis:
    """For whoever asks how things are: a probe gives up after seconds, and has more than one question."""
    return client_of(settings.REDIS_URL, connect=STATUS_SECONDS, answer=STATUS_SECONDS, wait=STATUS_SECONDS, size=16, failures=1)


def client_of(url: str, *, failures: int, **limits: Any) -> Redis:
    """A client of one server or of a cluster, by the address. `limits`: as of `pool`, for each node; `failures`: as of Cluster."""
    if is_cluster(url):
        return Cluster(url, lambda node: pool(node, **limits), failures=failures)
    return Redis(connection_pool=pool(url, **limits))


def reachable(client: Redis, key: str) -> bool:
    """False where the key's node of a cluster is away. A single server's calls say so themselves."""
    return not isinstance(client, Cluster) or client.reachable(key)


def pool(url: str, *, connect: float, answer: float, wait: float, size: int) -> BlockingConnectionPool:
    """Replies stay bytes. RESP 2 and no driver info: a new connection then sends nothing but AUTH and SELECT before its first command."""
    return BlockingConnectionPool.from_url(
        url,
        max_connections=size,
        timeout=wait,
        socket_connect_timeout=connect,
        socket_timeout=answer,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        protocol=2,
        driver_info=None,
    )


def infos(client: Redis, *sections: str) -> list[dict[str, Any]]:
    """What each server that holds data says of itself."""
    servers = [node.client for node in client.primaries()] if isinstance(client, Cluster) else [client]
    return [server.info(*sections) for server in servers]


def check_server(client: Redis) -> None:
    """Refuses a server that could drop state or is too old. Raises UnsuitableServer, or redis' own error where it does not answer."""
    for info in infos(client):
        _check(info)


def _check(info: Mapping[str, Any]) -> None:
    if "valkey_version" not in info:
        version = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
        if version < OLDEST:
            raise UnsuitableServer(f"Redis {info['redis_version']} is too old: Signpost needs Redis 7.0 or later, or Valkey.")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise UnsuitableServer(
            f"Redis has maxmemory-policy {policy}, which deletes users' state when memory is short. "
            "Set it to noeviction: `CONFIG SET maxmemory-policy noeviction`."
        )


def check_partitions(client: Redis, partitions: int) -> None:
    """Refuses another number of partitions than the data was made with: users would be looked for where they are not."""
    client.set(keys.PARTITIONS, partitions, nx=True)
    made_with = int(client.get(keys.PARTITIONS) or partitions)
    if made_with != partitions:
        raise UnsuitableServer(f"The data in Redis has {made_with} partitions and PARTITIONS is {partitions}. Set PARTITIONS={made_with}.")
