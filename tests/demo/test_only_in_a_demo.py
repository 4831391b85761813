"""The demo shop stands only where it was switched on."""

from __future__ import annotations

import pytest
from django.http import Http404

from decisioning.demo import views


@pytest.mark.parametrize("view", [views.shop, views.panel])
def test_switched_off_there_is_no_demo(rf, settings, view):
    settings.DEMO = False
    with pytest.raises(Http404):
        view(rf.get("/demo/", {"anonymous_id": "demo-1"}))


def test_without_a_key_the_page_still_stands(rf, settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    answer = views.shop(rf.get("/demo/"))
    assert answer.status_code == 200
    assert 'data-key=""' in answer.content.decode()
