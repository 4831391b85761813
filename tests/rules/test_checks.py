"""System checks say at start what would break the first publish."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from rules import checks


@pytest.mark.django_db
def test_the_database_of_this_installation_passes():
    assert run_checks(databases=["default"]) == []


@pytest.mark.django_db
def test_an_old_postgresql_is_an_error_with_an_id(monkeypatch):
    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 990_000)

    assert [found.id for found in checks.database_is_recent_postgresql(["default"])] == ["rules.E002"]


def test_without_a_database_to_ask_nothing_is_said():
    assert checks.database_is_recent_postgresql(None) == []
