"""History is written once: Python refuses to change or delete it."""

from __future__ import annotations

import pytest
from django.db.models import ProtectedError

from rules import services
from rules.models import Approval, Item, Release, ReleaseChange, Version, Workspace
from rules.models.insert_only import HistoryError
from tests.rules.conftest import ANNA, BEN, NOW, load, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(shop):
    load(shop)
    publish()
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=ANNA, now=NOW)
    [version] = services.submit("shop", reason="x", now=NOW)
    services.approve(version, reviewer=BEN, now=NOW)
    return {model: model.objects.first() for model in (Version, Approval, Release, ReleaseChange)}


@pytest.mark.parametrize("model", [Version, Approval, Release, ReleaseChange])
def test_a_row_of_history_can_not_be_saved_again(rows, model):
    with pytest.raises(HistoryError, match="never updated"):
        rows[model].save()


@pytest.mark.parametrize("model", [Version, Approval, Release, ReleaseChange])
def test_a_row_of_history_can_not_be_deleted(rows, model):
    with pytest.raises(HistoryError, match="never deleted"):
        rows[model].delete()


@pytest.mark.parametrize("model", [Version, Approval, Release, ReleaseChange])
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(id=1),
        lambda rows: rows.delete(),
        lambda rows: rows.bulk_update([], ["id"]),
        lambda rows: rows.bulk_create([], update_conflicts=True, update_fields=["id"], unique_fields=["id"]),
    ],
)
def test_rows_of_history_can_not_be_changed_together(rows, model, change):
    with pytest.raises(HistoryError):
        change(model.objects.all())


def test_an_item_with_history_can_not_be_deleted(rows):
    with pytest.raises(ProtectedError):
        Item.objects.get(key="long").delete()


def test_a_workspace_with_items_can_not_be_deleted(rows):
    with pytest.raises(ProtectedError):
        Workspace.objects.get().delete()


def test_history_outlives_the_account_of_who_made_it(shop, django_user_model):
    anna = django_user_model.objects.create_user("anna", first_name="Anna", last_name="Arendt")
    load(shop, author=anna)
    publish(actor=anna)

    anna.delete()

    assert Version.objects.first().author_name == Release.objects.get().publisher_name == "Anna Arendt"
