"""Each message counts once: the ids seen, as 8-byte hashes in two generations.

A generation is a half hour of received time; the ids of this one and of the one before are known. So an id is known for at least 30
minutes and at most 60. A generation that is full (4,096 ids) grows old at once: past 8,192 ids an hour the window is that much shorter.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from decisioning.tagging.limits import MESSAGE_IDS

GENERATION = 1_800
BYTES = 8


class Seen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The hashes end to end: bytes decode in no time, where a list of 4,096 numbers takes longer than everything else together."""

    generation: int = 0
    young: bytes = b""
    old: bytes = b""


def remembered(seen: Seen, message_id: str, received: float) -> Seen | None:
    """The ids seen with this one among them; None when it was there already."""
    generation, young, old = seen.generation, seen.young, seen.old
    now = int(received // GENERATION)
    if now > generation:
        old = young if now == generation + 1 else b""
        generation, young = now, b""
    digest = blake2b(message_id.encode("utf-8", "surrogatepass"), digest_size=BYTES).digest()
    if (digest in young and _holds(young, digest)) or (digest in old and _holds(old, digest)):
        return None
    if len(young) >= MESSAGE_IDS * BYTES:
        young, old = b"", young
    return Seen(generation, young + digest, old)


def joined(one: Seen, other: Seen) -> Seen:
    """The ids that two users have seen, as the later of the two would know them. Of too many the newest are kept."""
    one, other = (one, other) if one.generation >= other.generation else (other, one)
    if other.generation == one.generation:
        young, old = other.young, other.old
    else:
        young, old = b"", other.young if other.generation == one.generation - 1 else b""
    return Seen(one.generation, _both(one.young, young), _both(one.old, old))


def _both(block: bytes, more: bytes) -> bytes:
    if not block or not more:
        return block or more
    digests = dict.fromkeys(each[at : at + BYTES] for each in (block, more) for at in range(0, len(each), BYTES))
    return b"".join(digests)[-MESSAGE_IDS * BYTES :]


def _holds(block: bytes, digest: bytes) -> bool:
    place = block.find(digest)
    while place > 0 and place % BYTES:  # a match across two hashes is none
        place = block.find(digest, place + 1)
    return place >= 0
