"""Two roles in PostgreSQL: the owner of the tables, who migrates, and the application, which may add to history and nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import ProgrammingError, connection
from psycopg import sql

from decisioning.models import ConsentRecord
from rules import selectors

MIGRATIONS = "django_migrations"
PSEUDONYM = ("user", "source", "message_id")
"""What of a word of consent gives way when its user is erased. A trigger sees to how."""
FUNCTIONS = ("decisioning_make_partition(date)",)


class NoRole(Exception):
    """The application's role is not there and can't be made."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Within, this process speaks to the database as the owner of its tables (DATABASE_OWNER_URL)."""
    plain = connection.settings_dict
    connection.close()
    connection.settings_dict = plain | {name: settings.DATABASE_OWNER[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = plain


def admit(role: str, password: str) -> None:
    """Makes the application's role where it is not there yet, and gives it what it may do. For the owner; any number of times."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
        if cursor.rowcount == 0:
            _make(role, password)
    name, kept = sql.Identifier(role), selectors.kept_tables()
    others = sorted({*connection.introspection.django_table_names(only_existing=True)} - {*kept, MIGRATIONS})
    _run("GRANT USAGE ON SCHEMA {} TO {}", _schema(), name)
    _run("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}", _tables(others), name)
    _run("REVOKE ALL ON {} FROM {}", _tables([*kept, MIGRATIONS]), name)
    _run("GRANT SELECT ON {} TO {}", _tables([*kept, MIGRATIONS]), name)
    _run("GRANT INSERT ON {} TO {}", _tables(kept), name)
    columns = sql.SQL(", ").join(map(sql.Identifier, PSEUDONYM))
    _run("GRANT UPDATE ({}) ON {} TO {}", columns, _tables([ConsentRecord._meta.db_table]), name)  # noqa: SLF001  Django's public word
    _run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}", _schema(), name)
    for function in FUNCTIONS:
        _run("GRANT EXECUTE ON FUNCTION {} TO {}", sql.SQL(function), name)


def _make(role: str, password: str) -> None:
    try:
        _run("CREATE ROLE {} LOGIN PASSWORD {}", sql.Identifier(role), sql.Literal(password))
    except ProgrammingError as error:
        raise NoRole(f"The role {role} of DATABASE_URL is not there, and DATABASE_OWNER_URL's may not make it: CREATE ROLE it.") from error


def _schema() -> sql.Identifier:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return sql.Identifier(cursor.fetchone()[0])


def _tables(names: list[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _run(text: str, *parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(text).format(*parts))
