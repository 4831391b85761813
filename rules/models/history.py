"""History: versions, approvals and releases. Insert-only; people's ids and names are copied, so no account can take them along."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from rules.models.insert_only import InsertOnly
from rules.models.items import Item
from rules.models.workspaces import Workspace

SHA256 = r"^sha256:[0-9a-f]{64}$"


class Version(InsertOnly):
    """What an item said from one submission on. Its hash is that of the body's RFC 8785 form."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    schema = models.PositiveSmallIntegerField(default=1)
    body = models.JSONField(null=True, help_text="null: the item was removed")
    body_hash = models.CharField(max_length=71)
    author_id = models.BigIntegerField(help_text="a user's id as it was; 0 is the command line")
    author_name = models.CharField("author", max_length=150)
    reason = models.CharField(max_length=500, blank=True)
    based_on = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    contributors = ArrayField(
        models.BigIntegerField(), default=list, help_text="ids of the others who wrote what it was made from since the last release"
    )
    contributor_names = ArrayField(models.CharField(max_length=150), default=list)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="no_two_versions_with_one_number"),
            # Only so that an approval can point at all of them: see the migrations.
            models.UniqueConstraint(fields=["id", "author_id", "body_hash"], name="no_two_versions_with_one_id"),
            models.UniqueConstraint(fields=["id", "contributors"], name="no_two_versions_with_one_id_and_people"),
            models.CheckConstraint(condition=Q(number__gte=1), name="no_version_below_one"),
            models.CheckConstraint(condition=Q(body_hash__regex=SHA256), name="no_body_hash_of_another_shape"),
        ]

    def __str__(self) -> str:
        return f"{self.item} v{self.number}"


class Approval(InsertOnly):
    """A second person's word on one version. The newest one counts."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", "approved"
        CHANGES_ASKED = "changes_asked", "asked for changes"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="approvals")
    body_hash = models.CharField(max_length=71)
    author_id = models.BigIntegerField(help_text="the version's author; the database holds it equal")
    contributors = ArrayField(models.BigIntegerField(), default=list, help_text="the version's; the database holds them equal, and apart")
    reviewer_id = models.BigIntegerField()
    reviewer_name = models.CharField("reviewer", max_length=150)
    verdict = models.CharField(max_length=20, choices=Verdict)
    comment = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reviewer_id=F("author_id")), name="no_approval_by_the_author"),
            models.CheckConstraint(condition=Q(verdict__in=["approved", "changes_asked"]), name="no_other_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_verdict_display()} by {self.reviewer_name}"


class Release(InsertOnly):
    """All that is live from one moment on, as versions and as the bundle that processes load. Each carries the hash of the one before."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    manifest = models.JSONField(help_text="every live version: kind, key, version, body_hash")
    bundle = models.TextField(help_text="the workspace document in its RFC 8785 form")
    digest = models.CharField(max_length=71, help_text="of the bundle")
    effective_from = models.DateTimeField()
    published_at = models.DateTimeField()
    publisher_id = models.BigIntegerField()
    publisher_name = models.CharField("publisher", max_length=150)
    reason = models.CharField(max_length=500)
    four_eyes = models.BooleanField(help_text="whether a second person had to approve")
    emergency = models.BooleanField(default=False, help_text="published without the approvals that four eyes ask for")
    rolled_back_to = models.PositiveIntegerField(null=True, help_text="the release whose manifest this one repeats")
    prev_hash = models.CharField(max_length=71, blank=True, help_text="hash of the release before; empty for the first")
    hash = models.CharField(max_length=71)

    class Meta:
        ordering = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="no_two_releases_with_one_number"),
            models.UniqueConstraint(fields=["workspace", "prev_hash"], name="no_two_releases_after_one"),
            # Only so that a review can point at all three: see the migration.
            models.UniqueConstraint(fields=["id", "publisher_id", "hash"], name="no_two_releases_with_one_id"),
            models.CheckConstraint(condition=Q(number__gte=1), name="no_release_below_one"),
            models.CheckConstraint(condition=~Q(emergency=True, four_eyes=True), name="no_emergency_with_four_eyes"),
            models.CheckConstraint(condition=Q(hash__regex=SHA256) & Q(digest__regex=SHA256), name="no_release_hash_of_another_shape"),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.workspace}"


class ReleaseChange(InsertOnly):
    """One item that a release changed: the difference between two manifests, kept so that "live since when" is a look-up."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="changes")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="changes")
    before = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, related_name="+")
    after = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="released", help_text="null: not there by a roll-back"
    )

    class Meta:
        ordering = ["item_id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "item"], name="no_two_changes_of_one_item"),
            models.CheckConstraint(condition=Q(before__isnull=False) | Q(after__isnull=False), name="no_change_of_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.item} in {self.release}"


class EmergencyReview(InsertOnly):
    """Somebody else's word on a release that was published in an emergency, given afterwards. One closes it."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="review")
    release_hash = models.CharField(max_length=71)
    publisher_id = models.BigIntegerField(help_text="the release's publisher; the database holds it equal")
    reviewer_id = models.BigIntegerField()
    reviewer_name = models.CharField("reviewer", max_length=150)
    comment = models.CharField(max_length=2000)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reviewer_id=F("publisher_id")), name="no_emergency_review_by_the_publisher"),
            models.CheckConstraint(condition=~Q(comment=""), name="no_emergency_review_without_words"),
        ]

    def __str__(self) -> str:
        return f"{self.release} reviewed by {self.reviewer_name}"
