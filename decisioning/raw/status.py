"""How far the raw archive is behind what was applied."""

from __future__ import annotations

from django.conf import settings
from redis import Redis

from decisioning import keys
from decisioning.streams import ids


def waiting(client: Redis) -> int | None:
    """Applied events that are not archived yet; None where the archive is off. The log keeps them until they are."""
    if not settings.RAW_ARCHIVE:
        return None
    pipeline = client.pipeline(transaction=False)
    for partition in range(settings.PARTITIONS):
        pipeline.get(keys.offset_key(partition))
        pipeline.get(keys.archived_key(partition))
    numbers = [ids.parts((found or ids.NEVER.encode()).decode())[1] for found in pipeline.execute()]
    return sum(max(0, applied - archived) for applied, archived in zip(numbers[::2], numbers[1::2], strict=True))
