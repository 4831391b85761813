"""Writes reviews of what was published in an emergency: the second pair of eyes, afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from rules import bundles, selectors
from rules.engine import DocumentError, Problem
from rules.models import EmergencyReview, Release
from rules.services import acts
from rules.services.audit import Act, note
from rules.services.people import person
from rules.services.refusals import altered, own_contribution
from rules.services.refused import keep_problems
from rules.services.workspaces import hold


@transaction.atomic
def review_emergency(release: Release, *, reviewer: Any, comment: str, now: datetime) -> EmergencyReview:
    """Records that somebody who neither published it nor wrote what went out unapproved has looked at it. Superusers included."""
    reviewer = person(reviewer)
    workspace = hold(release.workspace.key)
    problems = []
    if not release.emergency:
        problems.append(Problem("no_emergency", "$", f"{release} was no emergency.", "There is nothing to review afterwards."))
    if EmergencyReview.objects.filter(release=release).exists():
        problems.append(Problem("already_reviewed", "$", f"{release} was reviewed already.", "Look at it on its page."))
    if reviewer.id == release.publisher_id:
        problems.append(Problem("own_release", "$", f"{reviewer.name} published {release}.", "Somebody else has to look at it."))
    elif reviewer.id in selectors.unapproved_hands(release):
        problems.append(own_contribution(reviewer.name, f"{release} brought out unapproved"))
    if not comment.strip():
        problems.append(Problem("comment_missing", "$", "A review needs words.", "Say what you looked at, and what you found."))
    if bundles.release_hash(release) != release.hash:
        problems.append(altered(release))
    if problems:
        about = Act("", "release", workspace.key, (), release.number)
        keep_problems(workspace, reviewer, f"review the emergency {release}", about, problems)
        raise DocumentError(problems)
    review = EmergencyReview.objects.create(
        release=release,
        release_hash=release.hash,
        publisher_id=release.publisher_id,
        reviewer_id=reviewer.id,
        reviewer_name=reviewer.name,
        comment=comment,
        created_at=now,
    )
    note(workspace, reviewer, now, acts.emergency_reviewed(review))
    return review
