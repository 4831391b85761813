"""The Redis Function library: loading it, calling it, and loading it again where the server has lost it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import ResponseError

SOURCE = Path(__file__).with_name("functions.lua").read_text(encoding="utf-8")
VERSION = blake2b(SOURCE.encode(), digest_size=4).hexdigest()
"""Part of every name in the library. A changed function is another function, which the first call finds missing and loads."""

Argument = str | bytes | int


class Call(NamedTuple):
    """One function call: `apply` for `signpost_apply_<version>`; its keys, all of one slot; its arguments."""

    function: str
    keys: Sequence[str]
    arguments: Sequence[Argument] = ()

    def command(self) -> tuple[Argument, ...]:
        return ("FCALL", f"signpost_{self.function}_{VERSION}", len(self.keys), *self.keys, *self.arguments)


def load(client: Redis) -> None:
    """Puts this release's library on the server, over the same one. Those of other releases stay."""
    client.function_load(SOURCE.replace("VERSION", VERSION), replace=True)


def call(client: Redis, function: str, keys: Sequence[str], arguments: Sequence[Argument] = ()) -> Any:
    command = Call(function, keys, arguments).command()
    try:
        return client.execute_command(*command)
    except ResponseError as error:
        if not lost(error):
            raise
    load(client)
    return client.execute_command(*command)


def call_many(client: Redis, calls: Sequence[Call]) -> list[Any]:
    """All in one trip. A refused call's error stands in its place, so that one partition's trouble is not another's."""
    replies = _send(client, calls)
    again = [index for index, reply in enumerate(replies) if lost(reply)]
    if again:
        load(client)
        for index, reply in zip(again, _send(client, [calls[index] for index in again]), strict=True):
            replies[index] = reply
    return replies


def checked(replies: list[Any]) -> list[Any]:
    """For callers to whom one refused call spoils all: raises the first error among the replies."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


def lost(reply: object) -> bool:
    return isinstance(reply, ResponseError) and "Function not found" in str(reply)


def _send(client: Redis, calls: Sequence[Call]) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    for each in calls:
        pipeline.execute_command(*each.command())
    return pipeline.execute(raise_on_error=False)
