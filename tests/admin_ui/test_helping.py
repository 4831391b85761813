"""Help on every page: the places and the tour are those of the reader's role."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from admin_ui.helping.places import PLACES, places
from admin_ui.helping.tour import tour
from rules.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody(django_user_model):
    def made(role):
        user = django_user_model.objects.create_user(role, is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
        return user

    return made


@pytest.mark.parametrize("role", list(ROLES))
def test_every_place_and_step_that_is_told_may_be_opened(client, shop, somebody, role):
    user = somebody(role)
    client.force_login(user)
    told = [*places(user, "shop"), *(step for step in tour(user) if step["address"])]

    assert {client.get(one["address"]).status_code for one in told} == {200}


@pytest.mark.parametrize(
    ("role", "its"),
    [
        ("Author", "Going live"),
        ("Reviewer", "Review"),
        ("Publisher", "Publish"),
        ("Auditor", "Audit log"),
        ("Administrator", "Workspaces and accounts"),
    ],
)
def test_the_tour_tells_of_the_readers_own_work_and_of_no_others(somebody, role, its):
    titles = [step["title"] for step in tour(somebody(role))]

    assert its in titles
    assert {"Going live", "Review", "Publish", "Audit log", "Workspaces and accounts"} & set(titles) == {its}
    assert 5 <= len(titles) <= 9


def test_the_tour_tells_a_reader_of_rules_what_they_may_do_there(somebody):
    said = {role: next(step["words"] for step in tour(somebody(role)) if step["title"] == "Rules") for role in ("Author", "Auditor")}

    assert "becomes your draft" in said["Author"]
    assert "You may read all of them" in said["Auditor"]


def test_no_two_places_have_the_same_keys():
    assert len({place.keys for place in PLACES}) == len(PLACES)


def test_places_stay_in_the_workspace_the_page_is_about(pages):
    page = pages.get("/admin/rules/rule/?workspace=shop").content.decode()

    assert 'href="/admin/rules/template/?workspace=shop" data-keys="g t"' in page


def test_who_is_not_signed_in_gets_no_help(client):
    assert 'id="keys"' not in client.get("/admin/login/").content.decode()
