"""Checks reviews of emergencies: each is of its release as that is, by somebody else, and what the audit log tells of it.

No anchor speaks of these rows. The audit log has all that they say, and anchors speak of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rules.history.findings import Finding
from rules.history.rows import AuditRow, ReviewRow, Said

REVIEWED = "release.reviewed"


def noticed(rows: Iterable[AuditRow], told: dict[int, Said]) -> Iterator[AuditRow]:
    """The rows as they come. Keeps in `told`, by the release's number, what those say that tell of a review."""
    for row in rows:
        number = row.said["object_version"]
        if row.said["action"] == REVIEWED and number is not None:
            told[number] = row.said
        yield row


def check_reviews(
    rows: Iterable[ReviewRow], hashes: Sequence[str], emergencies: Mapping[int, Any], told: Mapping[int, Said]
) -> Iterator[Finding]:
    """`hashes` of the releases in their order; `emergencies`: who published each of those that were one. After both chains were read."""
    untold = dict(told)
    for row in rows:
        number, said = row.release, row.said
        found = hashes[number - 1] if 0 < number <= len(hashes) else ""
        event = untold.pop(number, None)
        if number not in emergencies or (said["release_hash"], said["publisher_id"]) != (found, emergencies[number]):
            yield _finding("review_unbound", number, f"The review of release {number} is of no emergency that is there with this hash.")
        elif said["reviewer_id"] == said["publisher_id"]:
            yield _finding("review_by_publisher", number, f"Release {number} was reviewed by who published it.")
        if event is None or _of_event(event) != said:
            yield _finding("review_untold", number, f"The audit log does not tell of the review of release {number} as it is now.")
    for number in sorted(untold):
        yield _finding("review_missing", number, f"The audit log tells of a review of release {number}, which is not there.")


def _of_event(event: Said) -> Said:
    data = event["data"] if isinstance(event["data"], dict) else {}
    return {
        "release_hash": data.get("release_hash"),
        "publisher_id": data.get("publisher_id"),
        "reviewer_id": event["actor_id"],
        "reviewer_name": event["actor_name"],
        "comment": event["reason"],
        "created_at": event["at"],
    }


def _finding(code: str, number: int, message: str) -> Finding:
    return Finding(code, "reviews", f"review of release {number}", message)
