"""How much of the log must stay: what the raw archive has not got yet."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.streams import ids


def keep_from(client: Redis, partitions: Sequence[int], wanted: str) -> dict[int, str]:
    """The oldest id to keep of each partition: `wanted`, or the last one archived where that is older."""
    if not settings.RAW_ARCHIVE or not partitions:
        return dict.fromkeys(partitions, wanted)
    pipeline = client.pipeline(transaction=False)
    for partition in partitions:
        pipeline.get(keys.archived_key(partition))
    archived = [(found or ids.NEVER.encode()).decode() for found in pipeline.execute()]
    return {partition: min(position, wanted, key=ids.parts) for partition, position in zip(partitions, archived, strict=True)}
