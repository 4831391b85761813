"""What a person sees where there is no page: Signpost's own words, with nothing a page's security policy would refuse."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string


def test_an_address_of_nothing_gets_signposts_own_page(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert "admin_ui/theme.css" in response.content.decode()


def test_a_page_of_somebody_elses_gets_signposts_own_page(client, django_user_model, db):
    client.force_login(django_user_model.objects.create_user("visitor", is_staff=True))

    response = client.get("/admin/rules/rule/")

    assert response.status_code == 403
    assert "This is not yours to open" in response.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_error_page_needs_no_request_and_has_nothing_inline(status):
    page = render_to_string(f"{status}.html")

    assert "<h1>" in page
    assert " style=" not in page
    assert "<style" not in page
    assert "<script" not in page


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_error_pages_files_are_there(status):
    files = re.findall(r'href="/static/([^"]+)"', render_to_string(f"{status}.html"))

    assert {"admin_ui/mark.svg", "admin_ui/theme.css", "admin_ui/pages.css"} <= set(files)
    assert all(finders.find(file) for file in files)
