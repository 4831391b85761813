"""The page for people: calls in the order they are needed, a request to begin with, and every error code there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from decisioning.api.docs import ERRORS
from decisioning.replay import REASONS

CODE = re.compile(r"(?:ApiError\(\s*(\d+), |bad_request\(\s*)\"([a-z_]+)\"")
"""As errors are raised: bad_request is always 400."""


@pytest.fixture
def page(client):
    return client.get("/v1/docs").content.decode()


def test_every_error_that_the_api_raises_is_in_the_list():
    raised = {
        (int(status or 400), code) for file in Path("decisioning").rglob("*.py") for status, code in CODE.findall(file.read_text("utf-8"))
    }

    assert len(raised) > 20
    assert raised <= {(status, code) for status, codes in ERRORS.items() for code in codes}


def test_the_calls_stand_in_the_order_in_which_an_app_needs_them(page):
    places = [page.index(f"<code>{path}</code>") for path in ("/v1/decide", "/v1/track", "/v1/users/{user_id}", "/metrics")]

    assert places == sorted(places)


def test_no_call_is_left_out(page, client):
    paths = client.get("/v1/openapi.json").json()["paths"]

    assert [path for path in paths if f"<code>{path}</code>" not in page] == []


def test_every_shape_that_is_linked_is_on_the_page(page):
    linked = set(re.findall(r'href="#([^"]+)"', page))

    assert linked <= set(re.findall(r'id="([^"]+)"', page))


def test_the_page_has_an_icon_and_nothing_inline(page):
    files = re.findall(r'(?:href|src)="/static/([^"]+)"', page)

    assert "admin_ui/mark.svg" in files
    assert all(finders.find(file) for file in files)
    assert "<style" not in page
    assert " style=" not in page


def test_every_reason_why_a_decision_cannot_be_replayed_is_in_the_list():
    assert REASONS.keys() <= ERRORS[409].keys() | ERRORS[404].keys()
