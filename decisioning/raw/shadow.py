"""One partition's states computed anew beside the live ones: the same fold, into keys of their own that vanish by themselves."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Sequence

from redis import Redis

from decisioning.raw.gaps import Numbers
from decisioning.streams import ids
from decisioning.streams.batch import DefinitionsOf, Entry, fold_entries, read
from decisioning.streams.log import entries

CHUNK = 500
EXPIRE_SECONDS = 86_400
"""A rebuild that was killed leaves its keys no longer than this."""


class Shadow:
    """`position` is the last entry in the states, `users` are the keys of the live states that these stand for."""

    def __init__(self, client: Redis, partition: int, definitions: DefinitionsOf, workspace: str | None) -> None:
        self._client, self._definitions, self._workspace = client, definitions, workspace
        self._run = secrets.token_hex(6)
        self.partition, self.position = partition, ids.NEVER
        self.numbers = Numbers(partition)
        self.users: set[str] = set()

    def replay(self, found: Iterable[tuple[str, bytes]]) -> None:
        """Folds entries of the partition, in their order."""
        stream = iter(found)
        while chunk := list(itertools.islice(stream, CHUNK)):
            self._fold(chunk)

    def catch_up(self, until: str) -> None:
        """Folds what the log has after `position`, up to and including `until`."""
        while ids.parts(self.position) < ids.parts(until):
            found = entries(self._client, self.partition, self.position, until, CHUNK)
            if not found:
                return
            self._fold(found)

    def load(self, users: Sequence[str]) -> list[bytes | None]:
        return list(self._client.mget([self._key(user) for user in users])) if users else []

    def drop(self) -> None:
        names = sorted(self.users)
        for start in range(0, len(names), CHUNK):
            self._client.unlink(*(self._key(user) for user in names[start : start + CHUNK]))

    def _fold(self, found: Sequence[tuple[str, bytes]]) -> None:
        for entry_id, _ in found:
            self.numbers.see(entry_id)
        self.position = found[-1][0]
        read_ones = [read(*each) for each in found if each[1]]
        wanted = [
            each for each in read_ones if isinstance(each, Entry) and (self._workspace is None or each.event.workspace == self._workspace)
        ]
        if not wanted:
            return
        users = list({each.state_key: None for each in wanted})
        batch = fold_entries(wanted, dict(zip(users, self.load(users), strict=True)), self._definitions)
        pipeline = self._client.pipeline(transaction=False)
        for user, state in batch.states.items():
            if state:
                pipeline.set(self._key(user), state, ex=EXPIRE_SECONDS)
            else:
                pipeline.delete(self._key(user))
        pipeline.execute()
        self.users.update(batch.states)

    def _key(self, user: str) -> str:
        """Within the partition's slot, and never the live key itself, whatever that is called."""
        tag = f"{{p{self.partition}}}:"
        return f"{tag}shadow-{self._run}:{user.removeprefix(tag)}"
