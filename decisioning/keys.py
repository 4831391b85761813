"""Names of everything kept in Redis. All keys of a partition carry its hash tag, so that they share a Redis Cluster slot."""

from __future__ import annotations

from hashlib import blake2b
from zlib import crc32

from django.conf import settings

PARTITIONS = "signpost:partitions"
"""How many partitions the data here was made with."""
REJECTED = "signpost:rejected"
"""How many messages were refused at the door, by hours since the epoch."""
LOG = "signpost:log"
"""Which event log the offsets here are of."""
HISTORY = "signpost:history"
"""What the newest verification of history found, as JSON."""
HISTORY_ASKED = "signpost:history:asked"
"""Who asked for a verification on the pages, and when."""
HISTORY_RUN = "signpost:history:run"
"""How far the verification is that runs now."""
WORKERS = "signpost:workers"
"""The stream workers alive: a sorted set of their names by the time they count as dead."""
LIMITS = f"{{{WORKERS}}}:limits"
"""The most partitions each of them takes, where it has a limit. In the slot of WORKERS."""


def partition_of(workspace: str, user: str) -> int:
    return crc32(f"{workspace}\0{user}".encode()) % settings.PARTITIONS


def events_key(partition: int) -> str:
    return f"{{p{partition}}}:events"


def offset_key(partition: int) -> str:
    return f"{{p{partition}}}:offset"


def lease_key(partition: int) -> str:
    return f"{{p{partition}}}:lease"


def fence_key(partition: int) -> str:
    return f"{{p{partition}}}:fence"


def stats_key(partition: int) -> str:
    return f"{{p{partition}}}:stats"


def progress_keys(partition: int) -> list[str]:
    """What says how far a partition is and who may move it on: fence, offset, stats."""
    return [fence_key(partition), offset_key(partition), stats_key(partition)]


def dead_key(partition: int) -> str:
    return f"{{p{partition}}}:dead"


def received_key(partition: int) -> str:
    """How many entries the log has taken: `total`, and a field for each hour since the epoch."""
    return f"{{p{partition}}}:received"


def archived_key(partition: int) -> str:
    """The last entry that the raw archive has."""
    return f"{{p{partition}}}:archived"


def archiver_key(partition: int) -> str:
    return f"{{p{partition}}}:archiver"


def responses_key(partition: int) -> str:
    """The last entry that was looked at for events that name a decision."""
    return f"{{p{partition}}}:responses"


def late_key(partition: int) -> str:
    return f"{{p{partition}}}:late"


def outbox_key(partition: int) -> str:
    return f"{{p{partition}}}:outbox"


def timers_key(partition: int) -> str:
    return f"{{p{partition}}}:timers"


def consents_key(partition: int) -> str:
    return f"{{p{partition}}}:consents"


def decisions_key(partition: int) -> str:
    return f"{{p{partition}}}:decisions"


def state_key(workspace: str, user: str) -> str:
    return f"{{p{partition_of(workspace, user)}}}:state:{workspace}:{user}"


def workspace_of(state: str) -> str:
    """The workspace in the key of a state."""
    return state.split(":", 3)[2]


def population_key(partition: int, workspace: str) -> str:
    """What the values that adaptive thresholds watch come to, of this partition's users."""
    return f"{{p{partition}}}:population:{workspace}"


def population_beside(state: str) -> str:
    """The document of the partition and workspace that a state is of."""
    slot, _, workspace, _ = state.split(":", 3)
    return f"{slot}:population:{workspace}"


def user_of(state: str) -> str:
    """The user in the key of a state."""
    return state.split(":", 3)[3]


def caps_key(workspace: str, session: str, user: str) -> str:
    """A session's name comes from outside and may hold a colon, so its digest stands for it. The user's is last: it may hold anything."""
    digest = blake2b(session.encode(), digest_size=8).hexdigest()
    return f"{{p{partition_of(workspace, user)}}}:caps:{workspace}:{digest}:{user}"


def user_caps_key(workspace: str, user: str) -> str:
    return f"{{p{partition_of(workspace, user)}}}:usercaps:{workspace}:{user}"


def violations_keys(workspace: str, day: int) -> tuple[str, str]:
    """How often each kind of violation of an event schema came up on a day since the epoch, and when last."""
    name = f"signpost:violations:{workspace}:{day}"
    return name, f"{name}:seen"


def editing_key(workspace: str, kind: str) -> str:
    """Who has forms of things of this kind open: a hash, a field for each person and thing."""
    return f"signpost:editing:{workspace}:{kind}"
