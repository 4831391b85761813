"""A started Signpost speaks to PostgreSQL as a role that may add to history and change none of it."""

from __future__ import annotations

import time

import httpx
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from decisioning import environment
from decisioning.local import postgres
from tests.system import System

OWNER = "postgresql://signpost:secret@127.0.0.1:5432/signpost"


@pytest.fixture
def database(signpost: System):
    with psycopg.connect(signpost.environment()["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "change", ["UPDATE rules_release SET reason = 'x'", "DELETE FROM rules_auditevent", "TRUNCATE rules_version CASCADE"]
)
def test_what_serves_is_not_allowed_to_change_history(database, change):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(change)


def test_what_serves_owns_nothing_and_does_not_know_the_owners_password(database, signpost):
    [(user,)] = database.execute("SELECT current_user").fetchall()

    assert user == postgres.APPLICATION
    assert database.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user").fetchone() == (0,)
    assert signpost.environment()["DATABASE_OWNER_URL"] == ""


def test_the_archive_makes_its_days_all_the_same(database, signpost):
    answer = httpx.post(
        f"{signpost.url}/v1/decide",
        json={"user_id": "two-roles", "placements": ["home-banner"]},
        headers={"Authorization": f"Bearer {signpost.keys['homepage']['secret']}"},
    )
    [decision] = answer.json()["decisions"]

    found, deadline = None, time.monotonic() + 30
    while found is None and time.monotonic() < deadline:
        sql = "SELECT tableoid::regclass::text, to_char(at, 'YYYYMMDD') FROM decisioning_decision WHERE decision_id = %s"
        found = database.execute(sql, [decision["decision_id"]]).fetchone()
        time.sleep(0.1)

    assert found is not None
    assert found[0] == f"decisioning_decision_{found[1]}"


def test_the_applications_password_comes_of_the_owners_and_is_another_one():
    url = postgres.application_url(OWNER)

    assert url == postgres.application_url(OWNER) != postgres.application_url(OWNER.replace("secret", "other"))
    assert "secret" not in url


@pytest.mark.parametrize(
    ("owner", "user"),
    [("", None), (OWNER, "signpost"), (OWNER.replace("signpost:secret", "application:x"), None)],
    ids=["none", "another", "same"],
)
def test_the_owner_is_another_role_on_the_same_database_or_nobody(monkeypatch, owner, user):
    monkeypatch.setenv("DATABASE_OWNER_URL", owner)

    found = environment.owner("DATABASE_OWNER_URL", {"NAME": "signpost", "USER": "application"})

    assert (found and found["USER"]) == user


def test_an_owner_of_another_database_is_refused(monkeypatch):
    monkeypatch.setenv("DATABASE_OWNER_URL", OWNER)

    with pytest.raises(ImproperlyConfigured, match="names the database signpost, and DATABASE_URL other; they are one"):
        environment.owner("DATABASE_OWNER_URL", {"NAME": "other", "USER": "application"})
