"""What a release changed is written in its transaction, and nobody adds to it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from rules import services
from rules.models import Item, Release, ReleaseChange, Version
from tests.rules.conftest import ANNA, NOW, load, publish

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = "it is not written together with its release"
ADDED = (
    "INSERT INTO rules_releasechange (release_id, item_id, after_id)"
    " SELECT release.id, version.item_id, version.id FROM rules_release AS release, rules_version AS version"
    " JOIN rules_item AS item ON item.id = version.item_id WHERE release.number = 1 AND item.key = 'later'"
)


@pytest.fixture
def released(shop: dict[str, Any]) -> None:
    """A release that is committed, and a version of a thing that it does not have."""
    load(shop)
    publish()
    services.save_draft("shop", kind="threshold", key="later", body={"value": 1}, author=ANNA, now=NOW)
    services.submit("shop", reason="x", now=NOW)


@pytest.fixture
def another() -> Iterator[Callable[[str], Any]]:
    """A session of its own beside the test's."""
    session = connections.create_connection("default")

    def execute(sql: str) -> Any:
        with session.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None

    yield execute
    session.close()


def test_a_change_that_comes_after_its_release_is_refused(released):
    with pytest.raises(IntegrityError, match=REFUSED):
        ReleaseChange.objects.create(release=Release.objects.get(), item=Item.objects.get(key="later"), after=Version.objects.latest("id"))
    with pytest.raises(IntegrityError, match=REFUSED), connection.cursor() as cursor:
        cursor.execute(ADDED)


def test_a_transaction_that_began_before_the_release_may_not_add_to_it_either(shop, another):
    load(shop)
    services.save_draft("shop", kind="threshold", key="later", body={"value": 1}, author=ANNA, now=NOW)
    another("BEGIN")
    another("SELECT pg_current_xact_id()")  # its number is lower than the release's from here on
    publish()

    with pytest.raises(IntegrityError, match=REFUSED):
        another(ADDED.replace("'later'", "'long'"))
    another("ROLLBACK")


def test_a_release_that_is_written_within_savepoints_has_its_changes(shop):
    load(shop)

    with transaction.atomic(), transaction.atomic():
        publish()

    assert ReleaseChange.objects.count() == len(Release.objects.get().manifest)
