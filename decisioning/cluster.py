"""A client of a Redis Cluster that asks each node at most once, and lets one dead node be no trouble of the others'.

redis-py's own asks a server for the keys of every function call, repeats what a node did not answer (a win would count twice), and fails a
pipeline as a whole where one node is away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from redis import BlockingConnectionPool, Redis
from redis.client import Pipeline, PubSub
from redis.commands import CoreCommands
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from decisioning.breaker import Breaker, CircuitOpen

UNREACHABLE = (RedisConnectionError, RedisTimeoutError)
"""Errors that mean Redis did not answer, or is still loading. Any other error is an answer."""
SCHEMES = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
KEYLESS = frozenset({"PING", "INFO", "PUBLISH", "TIME"})
"""Commands that any node may answer."""
EVERYWHERE = frozenset({"FUNCTION LOAD", "FUNCTION FLUSH"})
"""Commands for every primary."""
AFTER = {"XREAD": b"STREAMS", "SCAN": b"MATCH"}
"""Commands whose first key comes after a word."""
LOOK_SECONDS = 0.5
"""How often it asks at most which node has which slots, when nodes do not answer."""
REDIRECTS = 3

MakePool = Callable[[str], BlockingConnectionPool]
"""Connections to the node with that address, with the limits of whoever waits."""


def is_cluster(url: str) -> bool:
    return url.partition("://")[0] in SCHEMES


@dataclass(frozen=True, slots=True)
class Node:
    client: Redis
    breaker: Breaker


class Cluster(Redis):
    """What this house uses of redis.Redis, over all primaries: commands on the keys of one slot, and pipelines of such commands.

    `failures`: how many in a row make a node be left alone until one of a trial each second is answered. Thread-safe.
    """

    def __init__(self, url: str, make_pool: MakePool, *, failures: int) -> None:
        """`url`: `redis+cluster://user:password@host:port,host:port`. Nothing is asked before the first command."""
        parts = urlsplit(url)
        self._access, _, hosts = parts.netloc.rpartition("@")
        self._scheme, self._start = SCHEMES[parts.scheme], hosts.split(",")
        self._make_pool, self._failures = make_pool, failures
        self._nodes: dict[str, Node] = {}
        self._slots: list[str] = []
        """The address of the primary of each slot; none before the first look."""
        self._looked, self._looking, self._making = float("-inf"), Lock(), Lock()
        super().__init__(connection_pool=self._node(self._start[0]).client.connection_pool)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Raises a redis ConnectionError or TimeoutError where the keys' node is away. Nothing is repeated that a node may have done."""
        if args[0] in EVERYWHERE:
            replies = [self._ask(node, args, options) for node in self.primaries()]
            return replies[0]
        if args[0] in KEYLESS:
            return self._ask(self._any(), args, options)
        address = self.address(slot_of(args))
        for _ in range(REDIRECTS):
            try:
                return self._ask(self._node(address), args, options)
            except MovedError as moved:  # before AskError, of which it is one in redis-py
                self._look(at_once=True)
                address = f"{moved.host or address.rpartition(':')[0]}:{moved.port}"
            except AskError as elsewhere:
                return self._ask_on_move(f"{elsewhere.host or address.rpartition(':')[0]}:{elsewhere.port}", args, options)
            except UNREACHABLE:
                self._look()  # for the next one: whether the node did it, nobody can say
                raise
        raise RedisConnectionError("the cluster does not know where a slot is")

    def pipeline(self, transaction: bool = True, shard_hint: None = None) -> Trip | Step:
        """Commands that go out to all nodes concerned at once; as a transaction, on the keys of one slot."""
        return Step(self) if transaction else Trip(self)

    def pubsub(self, **options: Any) -> PubSub:
        """At any node: nodes tell each other what is published."""
        return self._any().client.pubsub(**options)

    def close(self) -> None:
        """Ends the connections to all nodes."""
        for node in self.__dict__.get("_nodes", {}).values():  # none yet where making one failed
            node.client.connection_pool.disconnect()
        super().close()

    def primaries(self) -> list[Node]:
        """Those that answer. Raises a redis ConnectionError where none does."""
        self.address(0)
        nodes = [self._node(address) for address in dict.fromkeys(self._slots) if address]
        answering = [node for node in nodes if node.breaker.state == "closed"]
        if not answering:
            raise RedisConnectionError("no node of the cluster answers")
        return answering

    def reachable(self, key: str) -> bool:
        """Whether the node of a key answers; one that did not a moment ago is tried again, with a `PING`, once a second."""
        try:
            node = self._node(self.address(key_slot(key.encode())))
            if node.breaker.state == "closed":
                return True
            self._ask(node, ("PING",), {})
        except RedisError:
            self._look()
            return False
        return True

    def address(self, slot: int) -> str:
        if not self._slots:
            self._look(at_once=True)
        if not self._slots or not self._slots[slot]:
            self._look()
            raise RedisConnectionError("the cluster is not formed, or no node of it answers")
        return self._slots[slot]

    def _node(self, address: str) -> Node:
        if address not in self._nodes:
            with self._making:
                if address not in self._nodes:
                    access = f"{self._access}@" if self._access else ""
                    client = Redis(connection_pool=self._make_pool(f"{self._scheme}://{access}{address}/0"))
                    self._nodes[address] = Node(client, Breaker(UNREACHABLE, limit=self._failures))
        return self._nodes[address]

    def _ask(self, node: Node, args: Sequence[Any], options: dict[str, Any]) -> Any:
        try:
            with node.breaker.guard():
                return node.client.execute_command(*args, **options)
        except CircuitOpen as error:
            raise away() from error

    def _ask_on_move(self, address: str, args: Sequence[Any], options: dict[str, Any]) -> Any:
        """A slot on its way to another node: that one answers if asked so."""
        pipeline = self._node(address).client.pipeline(transaction=False)
        pipeline.execute_command("ASKING")
        pipeline.execute_command(*args, **options)
        return pipeline.execute()[1]

    def _any(self) -> Node:
        return self.primaries()[0]

    def _look(self, *, at_once: bool = False) -> None:
        """Asks who has which slots: the first node that answers knows."""
        with self._looking:
            if not at_once and time.monotonic() - self._looked < LOOK_SECONDS:
                return
            for address in dict.fromkeys([*self._slots, *self._start]):
                try:
                    found = self._ask(self._node(address), ("CLUSTER", "SLOTS"), {}) if address else []
                except RedisError:
                    continue
                if found:
                    self._slots = _spread(found, address)
                    break
            self._looked = time.monotonic()


def _spread(found: list[list[Any]], asked: str) -> list[str]:
    """The reply to CLUSTER SLOTS as the primary's address by slot. Whoever does not know its own name is where it was `asked`."""
    slots = [""] * 16_384
    for start, end, (host, port, *_), *_ in found:
        slots[start : end + 1] = [f"{host.decode() if host else asked.rpartition(':')[0]}:{port}"] * (end - start + 1)
    return slots


def slot_of(args: Sequence[Any]) -> int:
    """The slot of a command's first key; the others share it, or the node says no."""
    if args[0] == "FCALL":
        key = args[3]
    elif args[0] in AFTER:  # of a pattern, the slot of its hash tag
        key = args[list(args).index(AFTER[args[0]]) + 1]
    else:
        key = args[1]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())


def away() -> RedisConnectionError:
    return RedisConnectionError("the node did not answer a moment ago")


class Trip(CoreCommands):
    """A pipeline over several nodes: all are written to, then all are read, so that it takes as long as the slowest."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._commands: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def execute_command(self, *args: Any, **options: Any) -> Trip:
        options.pop("keys", None)
        self._commands.append((args, options))
        return self

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """The replies in order; an error stands in the place of each command that was refused, or whose node is away."""
        commands, self._commands = self._commands, []
        replies: list[Any] = [None] * len(commands)
        by_node: dict[str, list[int]] = {}
        for place, (args, _) in enumerate(commands):
            by_node.setdefault(self._cluster.address(slot_of(args)), []).append(place)
        sent = [(node, self._send(node, [commands[place] for place in places]), places) for node, places in self._nodes(by_node)]
        for node, connection, places in sent:
            for place, reply in zip(places, self._receive(node, connection, [commands[place] for place in places]), strict=True):
                replies[place] = reply
        for place, reply in enumerate(replies):
            if isinstance(reply, AskError):  # or MovedError, which is one: the node has not done it
                replies[place] = self._again(*commands[place])
        if any(isinstance(reply, UNREACHABLE) for reply in replies):
            self._cluster._look()  # noqa: SLF001 - the two are one
        if raise_on_error:
            for reply in replies:
                if isinstance(reply, Exception):
                    raise reply
        return replies

    def _nodes(self, by_node: dict[str, list[int]]) -> list[tuple[Node, list[int]]]:
        return [(self._cluster._node(address), places) for address, places in by_node.items()]  # noqa: SLF001 - as above

    def _again(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            return self._cluster.execute_command(*args, **options)
        except RedisError as error:
            return error

    @staticmethod
    def _send(node: Node, commands: list[tuple[tuple[Any, ...], dict[str, Any]]]) -> Any:
        """The connection that was written to, or the error."""
        if not node.breaker.allow():
            return away()
        connection = None
        try:
            connection = node.client.connection_pool.get_connection()
            connection.send_packed_command(connection.pack_commands([args for args, _ in commands]))
        except RedisError as error:
            node.breaker.failed()
            if connection is not None:
                node.client.connection_pool.release(connection)
            return error
        return connection

    @staticmethod
    def _receive(node: Node, connection: Any, commands: list[tuple[tuple[Any, ...], dict[str, Any]]]) -> list[Any]:
        if isinstance(connection, Exception):
            return [connection] * len(commands)
        replies: list[Any] = []
        try:
            for args, options in commands:
                try:
                    replies.append(node.client.parse_response(connection, args[0], **options))
                except ResponseError as error:
                    replies.append(error)
            node.breaker.succeeded()
        except RedisError as error:
            node.breaker.failed()
            connection.disconnect()
            replies += [error] * (len(commands) - len(replies))
        except BaseException:
            connection.disconnect()  # half of the replies are still to come on it
            raise
        finally:
            node.client.connection_pool.release(connection)
        return replies


class Step:
    """A transaction. The key of its first command says on which node; what it does from then on is a pipeline of redis-py."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pipeline: Pipeline | None = None

    def __getattr__(self, name: str) -> Any:
        if self._pipeline is not None:
            return getattr(self._pipeline, name)

        def first(key: str, *args: Any, **options: Any) -> Any:
            address = self._cluster.address(key_slot(key.encode()))
            self._pipeline = self._cluster._node(address).client.pipeline(transaction=True)  # noqa: SLF001 - the two are one
            return getattr(self._pipeline, name)(key, *args, **options)

        return first

    def __enter__(self) -> Step:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pipeline is not None:
            self._pipeline.reset()
