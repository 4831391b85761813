"""What is as it should be is not called broken, however it came to be so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules import services
from tests.history.conftest import verified
from tests.rules.conftest import ANNA, BEN, NOW, load, publish

pytestmark = pytest.mark.django_db


def test_releases_without_four_eyes_ask_for_no_approval(shop):
    load(shop)
    publish()

    assert verified().ok


def test_a_roll_back_asks_for_no_approval_of_what_is_live_anyway(shop):
    load(shop)
    publish(now=NOW)
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=ANNA, now=NOW)
    publish(now=NOW, effective_from=NOW + timedelta(days=1))
    services.change_workspace("shop", name="", timezone="UTC", four_eyes=True)
    services.roll_back("shop", number=1, actor=BEN, reason="not yet", now=NOW + timedelta(hours=1))

    assert verified().ok
