"""Whether the web server and the stream worker do their work yet."""

from __future__ import annotations

import http.client

from decisioning.local.ports import HOST


def web_is_ready(port: int) -> bool:
    """A verified release is in its memory."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def partitions_owned(redis_url: str, partitions: int, pid: int) -> int:
    """How many partitions of the event log are leased to the worker with this process id. A lease of one that was killed may still run."""
    from redis import BlockingConnectionPool, Redis
    from redis.exceptions import RedisError

    from decisioning.cluster import Cluster, is_cluster

    def pool(url: str) -> BlockingConnectionPool:
        return BlockingConnectionPool.from_url(url, socket_timeout=2, max_connections=1)

    client = Cluster(redis_url, pool, failures=1) if is_cluster(redis_url) else Redis(connection_pool=pool(redis_url))
    with client:
        try:
            owners = [client.get(f"{{p{partition}}}:lease") for partition in range(partitions)]
        except RedisError:
            return 0
    return sum(owner is not None and owner.decode().split(":")[-2:-1] == [str(pid)] for owner in owners)
