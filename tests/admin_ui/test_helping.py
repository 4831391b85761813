"""Help on every page: the places and the tour are those of the reader's role."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import resolve, reverse

from admin_ui.helping.places import PLACES, places
from admin_ui.helping.tour import tour
from admin_ui.opening import READS
from rules.models import Item, Workspace
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


@pytest.fixture
def with_rights(django_user_model):
    """A person of a group that somebody put together, which no role of ours is like."""

    def made(rights):
        user = django_user_model.objects.create_user("custom", is_staff=True)
        named = [right.split(".") for right in rights]
        user.user_permissions.set([Permission.objects.get(content_type__app_label=app, codename=name) for app, name in named])
        return user

    return made


@pytest.mark.parametrize("page", [place.page for place in PLACES if place.page in READS])
def test_a_place_is_told_to_who_may_read_all_that_its_page_shows_and_to_nobody_else(client, shop, with_rights, page):
    user = with_rights(READS[page])
    number = Workspace.objects.get().pk
    client.force_login(user)
    [place] = [
        one
        for one in places(user, "shop", number)
        if one["address"].startswith(reverse(page, args=[number] if page.endswith("_publish") else []))
    ]
    assert client.get(place["address"]).status_code == 200

    for right in READS[page]:
        app, name = right.split(".")
        user.user_permissions.remove(Permission.objects.get(content_type__app_label=app, codename=name))
        less = type(user).objects.get(pk=user.pk)
        assert place["address"] not in [one["address"] for one in places(less, "shop", number)]
        assert client.get(place["address"]).status_code == 403
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=name))


@pytest.mark.parametrize("right", sorted({place.permission for place in PLACES if place.permission}))
def test_who_has_one_right_alone_is_told_of_nothing_that_does_not_open(client, shop, with_rights, right):
    user = with_rights([right])
    client.force_login(user)
    told = [*places(user, "shop", Workspace.objects.get().pk), *(step for step in tour(user) if step["address"])]

    assert {client.get(one["address"]).status_code for one in told} == {200}


def test_menus_lead_a_custom_group_only_to_what_it_may_open(client, shop, with_rights):
    """One who reads releases, rules and workspaces, and no drafts."""
    user = with_rights(["rules.view_release", "rules.view_rule", "rules.view_workspace"])
    client.force_login(user)
    number, rule = Workspace.objects.get().pk, Item.objects.get(key="bought").pk
    shown = [
        "/admin/",
        "/admin/rules/release/",
        "/admin/rules/rule/table/",
        f"/admin/rules/workspace/{number}/change/",
        f"/admin/rules/rule/{rule}/change/",
    ]
    led = {address for page in shown for address in re.findall(r'<a [^>]*href="(/admin/[^"#?]*)', client.get(page).content.decode())}
    led = {address for address in led if resolve(address).view_name in READS}

    assert led == {"/admin/folders/"}
    assert {client.get(address, follow=True).status_code for address in led} == {200}


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
