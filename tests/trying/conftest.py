"""The published shop of the API's tests, its row, and a marketer at work in it."""

from __future__ import annotations

from typing import Any

import pytest

from rules.models import Workspace
from tests.api.conftest import publish, shop  # noqa: F401  fixtures


@pytest.fixture
def workspace(shop: Any) -> Workspace:  # noqa: F811  the fixture
    return Workspace.objects.get(key="shop")


@pytest.fixture
def anna(django_user_model: Any) -> Any:
    return django_user_model.objects.create_superuser("anna", id=101)
