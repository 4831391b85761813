"""A list with nothing in it says what would be there and how it gets there, or that a search found nothing."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission, User

from admin_ui.helping.teaching import TEACHES

pytestmark = pytest.mark.django_db
LIST = "/admin/rules/eventschema/"  # the shop has none


def test_every_list_that_can_be_empty_teaches():
    assert {model._meta.model_name for model in site._registry if model not in (User, Group)} == set(TEACHES)


def test_an_empty_list_says_what_would_be_there_and_leads_to_the_first(pages):
    page = pages.get(LIST, {"workspace": "shop"}).content.decode()

    assert TEACHES["eventschema"] in page
    assert 'href="/admin/rules/eventschema/add/?workspace=shop">Add the first</a>' in page


def test_a_search_that_finds_nothing_leads_back_to_all_of_the_workspace(pages):
    page = pages.get("/admin/rules/rule/table/", {"workspace": "shop", "q": "unicorn"}).content.decode()

    assert "No rules fit" in page
    assert 'href="?workspace=shop">Show all</a>' in page


def test_who_may_only_look_is_not_asked_to_add(client, django_user_model, shop):
    auditor = django_user_model.objects.create_user("auditor", is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(auditor)

    page = client.get(LIST).content.decode()

    assert TEACHES["eventschema"] in page
    assert "Add the first" not in page
