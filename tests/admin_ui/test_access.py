"""The table of who may do what: by roles, by what was given beside them, and without those who can't sign in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from admin_ui.rights import ACTS, people
from rules import selectors, services

pytestmark = pytest.mark.django_db


def may(username: str) -> set[str]:
    [row] = [one for one in people() if one["user"].username == username]
    return {act for act, yes in zip(ACTS, row["may"], strict=True) if yes}


@pytest.fixture
def paula(django_user_model):
    user = django_user_model.objects.create_user("paula", is_staff=True)
    user.groups.add(Group.objects.get(name="Publisher"))
    return user


@pytest.mark.parametrize("act", ACTS)
def test_every_act_of_the_table_is_a_permission_that_there_is(act):
    label, codename = act.split(".")

    assert Permission.objects.filter(content_type__app_label=label, codename=codename).count() == 1


def test_the_table_says_what_the_application_itself_would_allow(paula, anna):
    for user in (paula, anna):
        assert may(user.username) == {act for act in ACTS if user.has_perm(act)}


def test_what_was_given_beside_a_role_is_named(pages, paula):
    paula.user_permissions.add(Permission.objects.get(codename="emergency_publish"))

    assert "Publisher, and: Publish in an emergency" in pages.get("/admin/access/").content.decode()


def test_who_can_not_sign_in_is_not_there(paula, django_user_model):
    django_user_model.objects.create_user("gone", is_staff=True, is_active=False)
    django_user_model.objects.create_user("customer")

    assert [one["user"].username for one in people()] == ["paula"]


def test_more_accounts_ask_no_more_queries(paula, django_user_model, django_assert_num_queries):
    for number in range(5):
        django_user_model.objects.create_user(f"author{number}", is_staff=True).groups.add(Group.objects.get(name="Author"))

    with django_assert_num_queries(5):
        people()


def changes(pages) -> list[list[str]]:
    return [event.words for event, _ in pages.get("/admin/access/").context["changes"]]


def test_beneath_it_stands_who_lately_changed_whose_rights_so_that_it_can_be_said_who_could_what_before(pages, paula, anna):
    with services.acting(anna):
        paula.groups.clear()

    assert changes(pages)[0] == ["anna changed the account paula (paula).", "Took away the group Publisher."]
    page = " ".join(pages.get("/admin/access/").content.decode().split())
    assert "Took away the group Publisher." in page
    assert 'href="/admin/rules/auditevent/?workspace=-"' in page


def test_what_was_refused_and_what_is_long_ago_is_no_change_of_rights(pages, paula, django_user_model):
    who = services.Person(paula.pk, "Paula")
    about = services.Act("", "account", "anna", ())
    services.tell_refusal(None, who, services.refused_act(who, "change the account anna", about, "no_right"), now=timezone.now())

    assert not any("not allowed" in words[0] for words in changes(pages))
    assert not selectors.rights_changes(timezone.now() + timedelta(days=1)).exists()


def test_changes_are_told_to_those_alone_who_may_read_the_log(client, django_user_model):
    keeper = django_user_model.objects.create_user("keeper", is_staff=True)
    keeper.user_permissions.add(*Permission.objects.filter(codename__in=("view_user", "view_group")))
    client.force_login(keeper)

    page = client.get("/admin/access/")
    assert page.status_code == 200
    assert "changes" not in page.context
