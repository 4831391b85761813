"""What the service keeps in PostgreSQL: the archive of decisions and their results, the log of consent, and who was erased when."""

from __future__ import annotations

from django.db import models

from rules.models.insert_only import InsertOnly


class DecisionRecord(models.Model):
    """One decision as it was served. The table is partitioned by day of `at`; its key in the database is (at, decision_id)."""

    decision_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField(help_text="when it was served")
    evaluated_at = models.DateTimeField(help_text="the time the rules saw: another one where the caller asked for it with `at`")
    workspace = models.CharField(max_length=64)
    user = models.CharField(max_length=300)
    session = models.CharField(max_length=256, blank=True)
    placement = models.CharField(max_length=64)
    release = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=40)
    rule = models.CharField(max_length=64, blank=True)
    rule_version = models.PositiveIntegerField(null=True)
    template = models.CharField(max_length=64, blank=True)
    template_version = models.PositiveIntegerField(null=True)
    path = models.JSONField(default=list)
    content = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    degraded = models.JSONField(default=list)
    inputs = models.BinaryField(null=True, editable=False)
    """What it takes to decide again (`decisioning.inputs`); none of decisions from before this was kept."""

    class Meta:
        db_table = "decisioning_decision"
        verbose_name = "decision"
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["workspace", "-at"], name="decision_by_workspace"),
            models.Index(fields=["workspace", "user", "-at"], name="decision_by_user"),
            models.Index(fields=["decision_id"], name="decision_by_id"),
            models.Index(fields=["workspace", "rule", "-at"], name="decision_by_rule"),
            models.Index(fields=["workspace", "placement", "-at"], name="decision_by_placement"),
            models.Index(fields=["workspace", "release", "-at"], name="decision_by_release"),
        ]

    def __str__(self) -> str:
        return f"{self.placement}, {self.at:%Y-%m-%d %H:%M:%S} UTC"


class HourlyResult(models.Model):
    """How often something came of the decisions of an hour. It names no user, so it outlives the decisions."""

    class Kind(models.TextChoices):
        DECISION = "decision", "decisions of an outcome"
        PASSED = "passed", "a rule passed over for its cap"
        EVENT = "event", "decisions answered by an event"

    hour = models.DateTimeField(help_text="its beginning, by when the decisions were served")
    workspace = models.CharField(max_length=64)
    placement = models.CharField(max_length=64)
    rule = models.CharField(max_length=64, blank=True)
    rule_version = models.PositiveIntegerField(help_text="0: of no rule, or of whichever version was live")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        db_table = "decisioning_hourly_result"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "placement", "hour", "rule", "rule_version", "kind", "name"], name="one_result_an_hour"
            )
        ]
        indexes = [models.Index(fields=["workspace", "rule", "hour"], name="results_by_rule")]

    def __str__(self) -> str:
        return f"{self.count} {self.name or self.kind} of {self.rule or self.placement} from {self.hour:%Y-%m-%d %H:%M} UTC"


class Response(models.Model):
    """That an event named a decision: kept so that it is counted once. It goes when the decision's user is erased."""

    decision_id = models.UUIDField()
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "decisioning_response"
        constraints = [models.UniqueConstraint(fields=["decision_id", "name"], name="no_response_twice")]

    def __str__(self) -> str:
        return f"{self.name} after decision {self.decision_id}"


class ConsentRecord(InsertOnly):
    """One word of a user about one purpose. Never changed; only the user's name in it gives way to a pseudonym when the user is erased."""

    workspace = models.CharField(max_length=64)
    user = models.CharField(max_length=300)
    purpose = models.CharField(max_length=64)
    granted = models.BooleanField()
    at = models.DateTimeField(help_text="when it was given")
    received = models.DateTimeField()
    source = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=300)

    class Meta:
        db_table = "decisioning_consent"
        ordering = ["received", "id"]
        indexes = [models.Index(fields=["workspace", "user"], name="consent_by_user")]
        constraints = [
            # The same word comes from the request and from the event log: it is one.
            models.UniqueConstraint(fields=["workspace", "user", "message_id", "purpose"], name="no_word_of_consent_twice"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {'agreed to' if self.granted else 'refused'} {self.purpose} at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class ErasureJob(models.Model):
    """An erasure under way. It names the user, so the row goes when the work is done."""

    receipt = models.UUIDField(primary_key=True)
    workspace = models.CharField(max_length=64)
    user = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=20)
    """The readable part of the API key."""
    after = models.JSONField()
    """By id of the user, where its partition of the event log was before the erasure was put into it."""
    entries = models.JSONField(default=dict)
    """By id, the entry of the log that erases it."""
    rounds = models.PositiveSmallIntegerField(default=0)
    """How often it was put into the log again, since something from before it came after it."""
    found = models.JSONField(default=dict)
    """What was removed so far, by place."""
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "decisioning_erasure_job"
        ordering = ["asked_at"]

    def __str__(self) -> str:
        return f"erasure {self.receipt}"


class DryRun(models.Model):
    """Archived decisions decided again by what a release made now would hold. A task goes through them; the page shows how far it is."""

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        RUNNING = "running", "running"
        DONE = "done", "done"
        CANCELED = "canceled", "canceled"
        FAILED = "failed", "failed"

    id = models.UUIDField(primary_key=True)
    workspace = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    shown = models.CharField(max_length=64)
    """The `selectors.proposal` it was asked for: another one waits as soon as somebody edits."""
    document = models.BinaryField(editable=False)
    """What would be published; empty when it is over."""
    last = models.PositiveIntegerField(help_text="how many decisions, the newest ones")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    seconds = models.FloatField(default=0)
    found = models.JSONField(default=dict)

    class Meta:
        db_table = "decisioning_dry_run"
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["workspace", "-asked_at"], name="dry_run_by_workspace")]

    def __str__(self) -> str:
        return f"dry run of {self.workspace}, {self.asked_at:%Y-%m-%d %H:%M:%S} UTC"


class ErasureRecord(InsertOnly):
    """The proof that a user was erased: under a pseudonym, what was found, removed and left in each place. `left` is searched for anew."""

    receipt = models.UUIDField(unique=True)
    workspace = models.CharField(max_length=64)
    pseudonym = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=20)
    finished_at = models.DateTimeField()
    ids = models.PositiveSmallIntegerField(help_text="how many ids the user had")
    places = models.JSONField()

    class Meta:
        db_table = "decisioning_erasure"
        ordering = ["-finished_at"]
        indexes = [models.Index(fields=["workspace", "pseudonym"], name="erasure_by_pseudonym")]

    def __str__(self) -> str:
        return f"erasure {self.receipt}"
