"""The tamper set: what is tried on history, with both roles of the database, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from decisioning import roles
from decisioning.models import ConsentRecord, ErasureRecord
from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Approval, AuditEvent, EmergencyReview, Release, ReleaseChange, Version
from rules.models.insert_only import HistoryError
from tests.rules.conftest import ANNA, BEN, NOW, load, publish
from tests.tamper import execute

pytestmark = pytest.mark.django_db
APPLICATION = "signpost_of_this_test"
KEPT = (Version, Approval, Release, ReleaseChange, EmergencyReview, AuditEvent, ConsentRecord, ErasureRecord)


@pytest.fixture
def released(shop):
    """Something in every table, and a version that waits for approval."""
    load(shop)
    publish()
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True)
    services.save_draft("shop", kind="threshold", key="spare", body={"value": 1}, author=ANNA, now=NOW)
    emergency = services.publish("shop", actor=BEN, reason="fire", now=NOW, emergency=True)
    services.review_emergency(emergency, reviewer=services.Person(99, "Cora"), comment="it was", now=NOW)
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="x", now=NOW)
    services.approve(version, reviewer=BEN, now=NOW)
    services.save_draft("shop", kind="threshold", key="long", body={"value": 800}, author=ANNA, now=NOW)
    services.submit("shop", reason="y", now=NOW)
    ConsentRecord.objects.create(workspace="shop", user="u:a", purpose="ads", granted=True, at=NOW, received=NOW, message_id="1")
    ErasureRecord.objects.create(
        receipt="00000000-0000-0000-0000-000000000001", workspace="shop", pseudonym="erased:x", asked_at=NOW, asked_by="sk", ids=1,
        finished_at=NOW, places={},
    )  # fmt: skip
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # or PostgreSQL refuses TRUNCATE for a reason of its own


@pytest.fixture(params=["owner", "application"])
def role(request, released) -> Iterator[str]:
    """Who the database takes us for. The owner here is even a superuser."""
    if request.param == "application":
        roles.admit(APPLICATION, "a password")
        execute(f"SET LOCAL ROLE {APPLICATION}")
    yield request.param
    if request.param == "application":
        execute("RESET ROLE")


def is_refused(act: Callable[[], object], *, match: str = "never changed or deleted|permission denied|must be owner") -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()


def test_our_models_refuse_to_save_and_to_delete_a_row(role):
    for model in KEPT:
        row = model.objects.first()
        for act in (row.save, row.delete):
            with pytest.raises(HistoryError):
                act()


def test_our_models_refuse_to_write_over_or_delete_many_rows(role):
    for model in KEPT:
        rows = list(model.objects.all())
        for act in (
            lambda model=model: model.objects.update(id=1),
            model.objects.all().delete,
            lambda model=model, rows=rows: model.objects.bulk_update(rows, ["id"]),
            lambda model=model, rows=rows: model.objects.bulk_create(
                rows, update_conflicts=True, update_fields=["id"], unique_fields=["id"]
            ),
        ):
            with pytest.raises(HistoryError):
                act()


def test_djangos_own_queries_are_refused_by_the_database(role):
    """A query set that is not of ours goes round Python's half of the guard."""
    for model in KEPT:
        is_refused(lambda model=model: QuerySet(model).update(id=1_000_000))
        is_refused(lambda model=model: QuerySet(model)._raw_delete("default"))


@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"])
def test_raw_sql_is_refused(role, sql):
    for table in selectors.kept_tables():
        is_refused(lambda table=table: execute(sql.format(table)), match=r"never changed or deleted|permission denied|cannot truncate")


def test_emptying_out_what_history_points_at_is_refused(role):
    for table in ("rules_workspace", "rules_item"):
        is_refused(lambda table=table: execute(f"TRUNCATE {table} CASCADE"))
        is_refused(lambda table=table: execute(f"DELETE FROM {table}"), match="violates foreign key constraint")


def test_the_application_can_not_switch_the_guards_off(released):
    roles.admit(APPLICATION, "a password")
    execute(f"SET LOCAL ROLE {APPLICATION}")

    for table in selectors.kept_tables():
        is_refused(lambda table=table: execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL"), match="must be owner")
        is_refused(lambda table=table: execute(f"DROP TABLE {table} CASCADE"), match="must be owner")
    is_refused(lambda: execute("SET LOCAL session_replication_role = replica"), match="permission denied")
    is_refused(lambda: execute("DROP FUNCTION history_is_kept() CASCADE"), match="must be owner")
    is_refused(lambda: execute("DELETE FROM django_migrations"), match="permission denied")


def test_a_temporary_table_of_the_same_name_deceives_no_guard(role):
    execute("CREATE TEMP TABLE rules_version (id bigint, item_id bigint, number int)")
    execute("INSERT INTO pg_temp.rules_version SELECT 1, id, 8 FROM rules_item")

    is_refused(
        lambda: execute(
            "INSERT INTO public.rules_version (item_id, number, schema, body, body_hash, author_id, author_name, reason, created_at)"
            " SELECT item_id, 9, schema, body, body_hash, author_id, author_name, '', now() FROM public.rules_version LIMIT 1"
        ),
        match="the item has no version 8",
    )


def test_the_application_can_do_its_work(role):
    """Everything from a draft to a release and back, the pseudonym in the log of consent, and a day of the archive."""
    version = Version.objects.get(item__key="long", number=3)
    services.approve(version, reviewer=BEN, now=NOW)
    publish(reason="approved")
    services.change_workspace("shop", name="Shop", timezone="UTC", four_eyes=False)
    services.roll_back("shop", number=1, actor=BEN, reason="back", now=NOW)
    services.issue_key("shop", kind="secret", label="server", now=NOW)

    assert execute("UPDATE decisioning_consent SET \"user\" = 'erased:x', source = '', message_id = 'erased:1' WHERE \"user\" = 'u:a'") == 1
    execute("SELECT decisioning_make_partition('2031-05-01')")
    assert Release.objects.count() == 4


def test_of_a_word_of_consent_only_the_name_gives_way(role):
    for change in ("granted = NOT granted", "\"user\" = 'u:b'", "at = now()", "\"user\" = 'erased:x', granted = NOT granted"):
        is_refused(lambda change=change: execute(f"UPDATE decisioning_consent SET {change}"))


def _approval(version: Version, **changes: object) -> Approval:
    row = {"version": version, "body_hash": version.body_hash, "author_id": version.author_id, "reviewer_id": BEN.id, "verdict": "approved"}
    return Approval(**(row | {"reviewer_name": "x", "created_at": NOW} | changes))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"reviewer_id": ANNA.id}, "no_approval_by_the_author"),
        ({"reviewer_id": ANNA.id, "author_id": BEN.id}, "no_approval_of_another_body"),
        ({"body_hash": "sha256:" + "0" * 64}, "no_approval_of_another_body"),
    ],
)
def test_an_approval_of_ones_own_or_of_another_body_is_refused_by_the_database(role, changes, constraint):
    version = Version.objects.get(item__key="long", number=3)
    approval = _approval(version, **changes)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    raw = (
        "INSERT INTO rules_approval (version_id, body_hash, author_id, reviewer_id, reviewer_name, verdict, comment, created_at)"
        " VALUES (%s, %s, %s, %s, 'x', 'approved', '', now())"
    )

    for act in (
        approval.save,
        lambda: Approval.objects.bulk_create([_approval(version, **changes)]),
        lambda: execute(raw, version.pk, approval.body_hash, approval.author_id, approval.reviewer_id),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            act()


def test_a_superuser_can_not_approve_a_version_of_their_own(shop, django_user_model):
    boss = django_user_model.objects.create_superuser("boss")
    load(shop, author=boss)
    version = services.submit("shop", reason="x", now=NOW)[0]

    with pytest.raises(DocumentError, match="wrote"):
        services.approve(version, reviewer=boss, now=NOW)
    with pytest.raises(IntegrityError, match="no_approval_by_the_author"), transaction.atomic():
        _approval(version, reviewer_id=boss.pk).save()


def test_an_approval_is_void_once_the_thing_is_edited(released):
    """v2 was approved and v3 came after it: neither goes live."""
    services.change_workspace("shop", name="Our shop", timezone="Europe/Berlin", four_eyes=True)

    release = publish(reason="another name")

    assert next(entry["version"] for entry in release.manifest if entry["key"] == "long") == 1


def test_history_is_readable_when_the_accounts_are_gone(shop, django_user_model):
    anna, ben = (django_user_model.objects.create_user(name, first_name=name.title()) for name in ("anna", "ben"))
    load(shop, author=anna)
    version = services.submit("shop", reason="x", now=NOW, author=anna)[0]
    services.approve(version, reviewer=ben, now=NOW)
    publish(actor=ben)

    anna.delete()
    ben.delete()

    assert (version.author_name, Approval.objects.get().reviewer_name, Release.objects.get().publisher_name) == ("Anna", "Ben", "Ben")
    assert "Ben approved" in AuditEvent.objects.get(action="version.approved").words[0]
    assert connection.introspection.get_relations(connection.cursor(), "rules_auditevent").keys() == {"workspace_id"}


def test_a_role_that_is_missing_and_can_not_be_made_is_named(db):
    execute(f"CREATE ROLE {APPLICATION}")
    execute(f"SET LOCAL ROLE {APPLICATION}")

    with pytest.raises(roles.NoRole, match="role nobody_yet of DATABASE_URL is not there"), transaction.atomic():
        roles.admit("nobody_yet", "x")
