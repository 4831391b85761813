"""The places. Each is emptied of a user and says how much it found; each can be searched again. Both may be done any number of times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from decisioning import consents, keys, profiles
from decisioning.erasing.scope import ERASED, Scope, pseudonym
from decisioning.models import ConsentRecord, DecisionRecord, Response
from decisioning.raw import erase as raw
from decisioning.raw.store import configured
from decisioning.redis import worker_client
from decisioning.streams.log import FIELD

BATCH = 1000


@dataclass(frozen=True)
class Place:
    """`erase` gives how much was found and removed, `left` how much a new search finds. `note`: what can't be done there, and why."""

    name: str
    erase: Callable[[Scope], int]
    left: Callable[[Scope], int]
    note: str = ""


def _states(scope: Scope) -> list[str]:
    return [keys.state_key(scope.workspace, user) for user in scope.ids]


def _left_states(scope: Scope) -> int:
    """States from before: one that there is because of a later event is of a new user."""
    client, left = worker_client(), 0
    for user, name in zip(scope.ids, _states(scope), strict=True):
        partition = keys.partition_of(scope.workspace, user)
        if client.exists(name) and not _came_back(scope, user, partition):
            left += 1
        due = client.zscore(keys.timers_key(partition), name)
        left += due is not None and not client.exists(name)
    return left


def _came_back(scope: Scope, user: str, partition: int) -> bool:
    """Whether the log has an event of the user from after the erasure."""
    if settings.EVENT_LOG != "redis":
        return True  # the event that erased the state was applied, so what is there now came after it
    mine = Scope(scope.workspace, (user,), scope.until)
    return any(mine.holds(fields.get(FIELD, b"")) for _, fields in _entries(keys.events_key(partition), after=scope.until[partition]))


def _forget_states(scope: Scope) -> int:
    """The event of the erasure has removed the states; here what this process remembers goes."""
    for user in scope.ids:
        profiles.forget(scope.workspace, user)
    return 0


def _caps(scope: Scope) -> list[bytes]:
    """A session's name is in the key as a digest, so these keys are found by looking at all."""
    client = worker_client()
    found = [name.encode() for user in scope.ids if client.exists(name := keys.user_caps_key(scope.workspace, user))]
    suffixes = tuple(f":{user}".encode() for user in scope.ids)
    named = client.scan_iter(match=f"*:caps:{scope.workspace}:*", count=BATCH)
    return found + [name for name in named if name.endswith(suffixes) and name.decode("utf-8", "replace").split(":", 4)[4] in scope.ids]


def _erase_caps(scope: Scope) -> int:
    found = _caps(scope)
    if found:
        worker_client().unlink(*found)
    return len(found)


def _entries(stream: str, after: str = "", until: str = "+") -> Iterator[tuple[bytes, Mapping[bytes, bytes]]]:
    start = f"({after}" if after else "-"
    while found := worker_client().xrange(stream, start, until, count=BATCH):
        yield from found
        start = f"({found[-1][0].decode()}"


def _log(scope: Scope) -> Iterator[tuple[str, list[bytes]]]:
    """Up to the erasure: later entries are of a new user."""
    if settings.EVENT_LOG == "redis":
        for partition in scope.partitions:
            stream = keys.events_key(partition)
            yield (
                stream,
                [entry for entry, fields in _entries(stream, until=scope.until[partition]) if scope.holds(fields.get(FIELD, b""))],
            )


def _kept_aside(scope: Scope) -> Iterator[tuple[str, list[bytes]]]:
    """Events and messages that wait or were set aside, in any partition."""
    for partition in range(settings.PARTITIONS):
        for stream in (keys.outbox_key(partition), keys.dead_key(partition), keys.late_key(partition)):
            mine = [
                entry
                for entry, fields in _entries(stream)
                if scope.holds(fields.get(FIELD, b"")) or any(scope.holds_record(fields.get(name, b"")) for name in (b"d", b"w"))
            ]
            yield stream, mine


def _waiting_decisions(scope: Scope) -> Iterator[tuple[str, list[bytes]]]:
    for partition in scope.partitions:
        stream = keys.decisions_key(partition)
        yield stream, [entry for entry, fields in _entries(stream) if scope.holds_record(fields.get(b"d", b""))]


Streams = Callable[[Scope], Iterator[tuple[str, list[bytes]]]]


def _erase_of(streams: Streams) -> Callable[[Scope], int]:
    def erase(scope: Scope) -> int:
        found = 0
        for stream, entries in streams(scope):
            for start in range(0, len(entries), BATCH):
                worker_client().xdel(stream, *entries[start : start + BATCH])
            found += len(entries)
        return found

    return erase


def _left_of(streams: Streams) -> Callable[[Scope], int]:
    return lambda scope: sum(len(entries) for _, entries in streams(scope))


def _erase_decisions(scope: Scope) -> int:
    """With what remembers that they were answered. How many there were stays in the results, which name nobody."""
    mine = DecisionRecord.objects.filter(workspace=scope.workspace, user__in=scope.ids)
    Response.objects.filter(decision_id__in=mine.values("decision_id")).delete()
    return mine.delete()[0]


def _left_decisions(scope: Scope) -> int:
    return DecisionRecord.objects.filter(workspace=scope.workspace, user__in=scope.ids).count()


def _erase_consents(scope: Scope) -> int:
    """What was said stays, for who must prove it; who said it does not."""
    found = 0
    for partition in scope.partitions:
        consents.drain_partition(partition)
    for user in scope.ids:
        with connection.cursor() as cursor:
            cursor.execute(  # only the table's name and a constant of ours stand in the text; `_meta` is Django's public word for them
                f"UPDATE {ConsentRecord._meta.db_table} SET \"user\" = %s, source = '', message_id = '{ERASED}' || id"  # noqa: S608, SLF001
                ' WHERE workspace = %s AND "user" = %s',
                [pseudonym(scope.workspace, user), scope.workspace, user],
            )
            found += cursor.rowcount
    return found


def _left_consents(scope: Scope) -> int:
    waiting = (
        scope.holds_record(fields.get(b"w", b"")) for partition in scope.partitions for _, fields in _entries(keys.consents_key(partition))
    )
    return ConsentRecord.objects.filter(workspace=scope.workspace, user__in=scope.ids).count() + sum(waiting)


def _erase_raw(scope: Scope) -> int:
    store = configured()
    if store is None:
        return 0
    return sum(raw.erase(store, worker_client(), partition, scope.until[partition], scope.holds) for partition in scope.partitions)


def _left_raw(scope: Scope) -> int:
    store = configured()
    if store is None:
        return 0
    return sum(raw.left(store, partition, scope.until[partition], scope.holds) for partition in scope.partitions)


KAFKA = (
    "Entries of Kafka can't be deleted one by one: they go when the topic's retention ends. Personal traits in them are sealed where a key "
    "is set."
)


def places() -> Iterable[Place]:
    log_note = KAFKA if settings.EVENT_LOG == "kafka" else ""
    return (
        Place("states", _forget_states, _left_states),
        Place("caps", _erase_caps, lambda scope: len(_caps(scope))),
        Place("raw_archive", _erase_raw, _left_raw),
        Place("event_log", _erase_of(_log), _left_of(_log), log_note),
        Place("set_aside", _erase_of(_kept_aside), _left_of(_kept_aside)),
        Place("decisions_waiting", _erase_of(_waiting_decisions), _left_of(_waiting_decisions)),
        Place("decisions", _erase_decisions, _left_decisions),
        Place("consent_log", _erase_consents, _left_consents, "the words stay as proof, under a pseudonym"),
    )
