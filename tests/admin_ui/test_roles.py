"""Roles: every role on every page and action by its address, and what an administrator can not give away."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection, transaction

from rules import services
from rules.models import ApiKey, Autosave, Draft, Filed, Folder, Item, Release, Version, Workspace
from rules.roles import ROLES
from tests.rules.conftest import ANNA, NOW

pytestmark = pytest.mark.django_db
ROWS = tomllib.loads((Path(__file__).parent / "roles.toml").read_text())["row"]
APART = (Autosave, Folder, Filed)
"""Without a right of their own: what is one person's alone, and where things lie, which whoever sees the things sees."""
TABLES = (
    *("rules_draft", "rules_version", "rules_approval", "rules_release", "rules_emergencyreview"),
    *("rules_apikey", "rules_autosave", "rules_folder", "rules_filed", "auth_user"),
)


@pytest.fixture
def make(django_user_model: Any) -> Any:
    """An account of a role; "nobody" may sign in and nothing else."""

    def made(role: str) -> Any:
        user = django_user_model.objects.create_user(role, id=1000 + len(role), is_staff=True)
        if role != "nobody":
            user.groups.add(Group.objects.get(name=role.capitalize()))
        return user

    return made


@pytest.fixture
def places(shop: dict[str, Any], make: Any, django_user_model: Any) -> Any:
    """The numbers that the table's addresses speak of, for one reader."""

    def of(reader: Any) -> dict[str, int]:
        ben = django_user_model.objects.create_user("ben", id=2001)
        boss = django_user_model.objects.create_superuser("boss", id=2002)
        services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
        services.save_draft("shop", kind="trait", key="mood", body={"type": "text"}, author=ben, now=NOW)
        emergency = services.publish("shop", actor=boss, reason="fire", now=NOW, emergency=True)
        services.save_draft("shop", kind="segment", key="regulars", body=None, author=ben, now=NOW)
        [version] = services.submit("shop", reason="unused", now=NOW, author=ben)
        theirs = services.save_draft("shop", kind="tag", key="buyer", body={"name": "Buyers"}, author=ben, now=NOW)
        mine = services.save_draft("shop", kind="threshold", key="mine", body={"value": 5}, author=reader, now=NOW)
        services.issue_key("shop", kind="secret", label="server", now=NOW)
        return {
            "item": Item.objects.get(kind="threshold", key="long").pk,
            "mine": mine.item_id,
            "bens_draft": theirs.pk,
            "placement": Item.objects.get(kind="placement").pk,
            "version": version.pk,
            "release": Release.objects.get(number=1).pk,
            "emergency": emergency.pk,
            "workspace": Workspace.objects.get().pk,
            "key": ApiKey.objects.get().pk,
            "ben": ben.pk,
            "boss": boss.pk,
            "folder": services.make_folder("shop", "Campaigns", actor=boss, now=NOW).pk,
        }

    return of


@pytest.mark.parametrize("role", [*(role.lower() for role in ROLES), "nobody"])
def test_every_page_and_action_is_open_to_its_roles_and_refused_to_the_others_by_address(client, make, places, role):
    reader = make(role)
    numbers = places(reader)
    client.force_login(reader)
    before = rows()
    wrong = []
    for row in ROWS:
        with undone():
            status = ask(client, row, numbers)
            allowed = status in (200, 302)
            if allowed != (role in row["may"]) or (not allowed and (status != 403 or rows() != before)):
                wrong.append((row, status))

    assert wrong == []


def ask(client: Any, row: dict[str, Any], numbers: dict[str, int]) -> int:
    if "get" in row:
        return client.get(row["get"].format(**numbers)).status_code
    data = {name: value.format(**numbers) for name, value in row.get("data", {}).items()}
    return client.post(row["post"].format(**numbers), data).status_code


def rows() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES))  # the names above, nobody's input
        return list(cursor.fetchone())


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back: the table's rows must not meet each other's changes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_superuser_may_open_all_of_it(pages, anna, places):
    numbers = places(anna)

    refused = [row for row in ROWS if "get" in row and pages.get(row["get"].format(**numbers)).status_code not in (200, 302)]

    assert refused == []


def test_an_auditor_reads_everything_and_writes_nothing():
    assert {permission.split(".")[1].split("_")[0] for permission in ROLES["Auditor"]} == {"view", "export"}
    authored = [model for model in apps.get_app_config("rules").get_models() if model not in APART]
    ours = {f"rules.view_{model._meta.model_name}" for model in authored}
    assert ours <= ROLES["Auditor"]


def test_no_role_may_publish_in_an_emergency():
    assert not any("rules.emergency_publish" in permissions for permissions in ROLES.values())


def test_a_roles_group_says_again_what_the_role_is_after_a_migration():
    auditors = Group.objects.get(name="Auditor")
    auditors.permissions.add(Permission.objects.get(codename="publish_workspace"))
    own = Group.objects.create(name="Marketing")
    own.permissions.add(Permission.objects.get(codename="publish_workspace"))

    call_command("migrate", verbosity=0)

    assert not auditors.permissions.filter(codename="publish_workspace").exists()
    assert own.permissions.filter(codename="publish_workspace").exists()


def test_an_administrator_can_not_make_a_superuser(client, make, django_user_model):
    administrator = make("administrator")
    client.force_login(administrator)
    there = f"/admin/auth/user/{administrator.pk}/change/"

    fields = {"username": "administrator", "is_active": "on", "is_staff": "on", "is_superuser": "on", "first_name": "Ada"}
    client.post(there, fields)

    assert django_user_model.objects.get(pk=administrator.pk).first_name == "Ada"
    assert not django_user_model.objects.get(pk=administrator.pk).is_superuser


def test_an_administrator_who_makes_themselves_a_reviewer_is_still_bound_by_four_eyes(client, make, shop):
    administrator = make("administrator")
    administrator.groups.add(*Group.objects.all())
    services.save_draft("shop", kind="threshold", key="long", body={"value": 900}, author=administrator, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW)
    client.force_login(administrator)

    client.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "Approve"})

    assert not version.approvals.exists()


def test_an_author_discards_their_own_draft_from_the_list_and_nobody_elses(client, make, shop):
    author = make("author")
    own = services.save_draft("shop", kind="threshold", key="long", body={"value": 900}, author=author, now=NOW)
    annas = services.save_draft("shop", kind="tag", key="buyer", body={"name": "Buyers"}, author=ANNA, now=NOW)
    client.force_login(author)

    answers = [client.post(f"/admin/rules/draft/{draft.pk}/delete/", {"post": "yes"}).status_code for draft in (own, annas)]

    assert answers == [302, 403]
    assert [draft.pk for draft in Draft.objects.all()] == [annas.pk]


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        ("author", {"submit"}),
        ("reviewer", set()),
        ("publisher", {"publish"}),
        ("auditor", set()),
    ],
)
def test_the_page_of_publishing_has_only_the_buttons_that_its_reader_may_press(client, make, shop, role, buttons):
    client.force_login(make(role))

    page = client.get(f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/").content.decode()

    assert {name for name in ("submit", "publish", "emergency") if f'name="{name}"' in page} == buttons


def test_deleting_an_account_leaves_its_history_readable(client, make, places, django_user_model, anna):
    numbers = places(anna)
    django_user_model.objects.get(pk=numbers["ben"]).delete()
    client.force_login(make("auditor"))

    page = client.get(f"/admin/rules/version/{numbers['version']}/change/").content.decode()

    assert "ben" in page
    assert Version.objects.get(pk=numbers["version"]).author_id == numbers["ben"]
