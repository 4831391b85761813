"""The playground and the sample users: their pages, by hand and as the script asks them."""

from __future__ import annotations

from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from decisioning import codec, estimating, keys
from decisioning.tagging import new_state
from decisioning.tagging.state import Tag
from rules import services
from rules.models import Item, SampleUser, Version, Workspace
from tests.api.conftest import publish, shop  # noqa: F401 - fixtures

TRY = "/admin/try/"
LIST = "/admin/rules/sampleuser/"
BUYER = {"workspace": "shop", "placement": "banner", "version": "draft", "who": "facts", "facts": "tags = buyer\ntraits.name = Ada"}


@pytest.fixture
def anna(shop, client, django_user_model):  # noqa: F811 - the fixture
    """Signed in, with the published shop before her."""
    user = django_user_model.objects.create_superuser("anna", id=101)
    client.force_login(user)
    return user


def answer(client, **asked):
    return unescape(client.post(TRY, {**BUYER, **asked}, headers={"X-Signpost-Part": "answer"}).content.decode())


def keep(key="ada", facts=None, **more):
    return services.save_sample_user("shop", key=key, facts=facts or {"tags": ["buyer"]}, now=timezone.now(), **more)


def test_the_page_opens_with_an_answer_for_somebody_of_whom_nothing_is_known(client, anna):
    page = unescape(client.get(TRY).content.decode())

    assert "No rule matched" in page
    assert "What would have to change" in page


def test_the_answer_says_who_wins_and_why_and_shows_it(client, anna):
    page = answer(client)

    assert "<html" not in page
    assert ">loyal</a> wins." in page
    assert "it is buyer" in page
    assert "Welcome back, Ada" in page


def test_what_is_shown_can_not_leave_its_frame(client, anna):
    page = client.post(TRY, {**BUYER, "facts": 'tags = buyer\ntraits.name = "></iframe><script>alert(1)</script>'}).content.decode()

    assert "<script>alert" not in page
    assert "<iframe sandbox " in page


def test_a_sample_users_facts_are_a_start_for_others(client, anna):
    keep()

    page = client.post(TRY, {**BUYER, "who": "sample", "sample": "ada", "facts": "", "copy": "1"})

    assert page.context["form"]["facts"].value() == "tags = buyer"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"facts": "scores.intend = 1"}, "Did you mean scores.intent?"),
        ({"facts": "nonsense"}, "gives no value"),
        ({"version": "99"}, "There is no release 99"),
        ({"version": "yesterday"}, "Select a valid choice"),
        ({"placement": "gone"}, "Select a valid choice"),
        ({"at": "soon"}, "Enter a valid date"),
        ({"locale": "??"}, "Enter a valid value"),
        ({"who": "user", "user": "nobody"}, "Nothing is known of a user “nobody”"),
        ({"who": "user", "user": ""}, "Nothing is known of a user"),
    ],
)
def test_what_can_not_be_tried_is_said_in_words(client, anna, asked, words):
    assert words in answer(client, **asked)


def test_a_real_user_is_tried_by_who_may_and_not_offered_to_others(shop, client, anna, django_user_model):  # noqa: F811 - the fixture
    shop.decide("banner", user="alice", events=[{"type": "track", "userId": "alice", "event": "Order Completed"}])
    asked = {"who": "user", "user": "alice"}

    assert ">loyal</a> wins." in answer(client, **asked)

    other = django_user_model.objects.create_user("other", is_staff=True)
    other.user_permissions.set(Permission.objects.filter(codename__in=["view_rule", "view_draft", "view_sampleuser"]))
    client.force_login(other)
    assert "Select a valid choice" in answer(client, **asked)


def test_a_change_in_my_draft_shows_before_it_is_live(client, anna):
    body = {**Version.objects.get(item__kind="template", item__key="loyal").body, "body": "Hi {{ name }}"}
    services.save_draft("shop", kind="template", key="loyal", body=body, author=anna, now=timezone.now())

    assert "Hi Ada" in answer(client)
    assert "Welcome back, Ada" in answer(client, version="live")


def test_a_sample_user_is_kept_from_the_facts_of_the_playground(client, anna):
    there = client.post(TRY, {**BUYER, "keep": "1"}).headers["Location"]
    form = client.get(there).context["adminform"].form

    client.post(there, {"key": "ada", "name": "Ada", "facts": form["facts"].value(), "expects": "banner = loyal\nonce = the fallback"})

    sample = SampleUser.objects.get()
    assert (sample.facts, sample.expects) == ({"tags": ["buyer"], "traits.name": "Ada"}, {"banner": "loyal", "once": ""})
    assert sample.updated_by == "anna"


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("facts", "tags = buyer\nscores.intent = x", "Line 2"),
        ("expects", "gone = loyal", "there is no placement gone"),
        ("expects", "banner = single", "banner has no rule single"),
    ],
)
def test_a_sample_users_form_says_which_line_is_wrong(client, anna, field, text, words):
    page = client.post(f"{LIST}add/?workspace=shop", {"key": "ada", "facts": "", "expects": "", field: text})

    assert words in str(page.context["adminform"].form.errors[field])
    assert not SampleUser.objects.exists()


def test_a_sample_user_is_opened_changed_and_deleted(client, anna):
    sample = keep(expects={"banner": "loyal"})
    there = f"{LIST}{sample.pk}/change/"
    form = client.get(there).context["adminform"].form
    assert (form["facts"].value(), form["expects"].value()) == ("tags = buyer", "banner = loyal")

    client.post(there, {"name": "Ada", "facts": "tags = curious", "expects": ""})
    assert SampleUser.objects.get().facts == {"tags": ["curious"]}
    assert "Ada" in client.get(LIST).content.decode()

    client.post(f"{LIST}{sample.pk}/delete/", {"post": "yes"})
    assert not SampleUser.objects.exists()


def test_the_answer_comes_with_the_same_number_of_queries_however_many_rules_there_are(client, anna, django_assert_max_num_queries):
    answer(client)

    with django_assert_max_num_queries(25):
        answer(client, facts="tags = curious")


def test_the_moment_is_the_workspaces_own_clock(client, anna):
    page = answer(client, at="2026-07-01T12:00")

    assert "at 1 Jul 2026, 10:00:00 UTC" in page


USERS = "/admin/try/users/"


def test_how_many_users_a_rule_is_about_is_told_from_its_page(client, anna, valkey):
    estimating.samples.forget()
    key = keys.state_key("shop", "u:alice")
    valkey.set(key, codec.encode_state(new_state(), key, frozenset()))
    rule = client.get(f"/admin/rules/rule/{Item.objects.get(kind='rule', key='loyal').pk}/change/")

    page = unescape(client.get(rule.context["trying"]["users"]).content.decode())

    assert "user has all of buyer" in page
    assert "<strong>0 users</strong>" in page
    assert "Counted: all 1 user" in page
    assert client.get(rule.context["trying"]["try"]).context["form"]["placement"].value() == "banner"


@pytest.mark.parametrize("when", ["{", '{"all": [{"name": "scores.gone", "operator": "is_set"}]}', '{"some": []}'])
def test_conditions_that_can_not_be_counted_say_why(client, anna, when):
    page = client.post(USERS, {"workspace": "shop", "kind": "rule", "when": when}, headers={"X-Signpost-Part": "answer"})

    assert page.status_code == 200
    assert page.context["refused"]


@pytest.mark.parametrize("asked", ["workspace=gone&key=loyal", "workspace=shop&key=gone", "workspace=shop&kind=tag&key=buyer", ""])
def test_a_thing_that_is_not_there_has_no_number(client, anna, asked):
    assert client.get(f"{USERS}?{asked}").status_code == 404


def test_expectations_that_would_not_be_met_are_shown_before_publishing(client, anna):
    keep(expects={"banner": "loyal"})
    there = f"/admin/rules/workspace/{Workspace.objects.get(key='shop').pk}/publish/"
    assert "All 1 would get it" in client.get(there).content.decode()

    body = {**Version.objects.get(item__kind="rule", item__key="loyal").body, "enabled": False}
    services.save_draft("shop", kind="rule", key="loyal", body=body, author=anna, now=timezone.now())
    page = client.get(there).content.decode()

    assert "1 of 1 expectation would not be met" in page
    assert "should get loyal, would get the fallback" in page
    assert 'name="publish"' in page


def test_conditions_that_are_not_saved_are_counted_in_a_line(client, anna, valkey):
    estimating.samples.forget()
    for user, tags in (("u:alice", {"buyer": Tag(0, 0, "", 0)}), ("u:bob", {})):
        state = new_state()
        state.tags = tags
        key = keys.state_key("shop", user)
        valkey.set(key, codec.encode_state(state, key, frozenset()))
    when = '{"all": [{"name": "tags", "operator": "contains", "value": "buyer"}]}'

    lines = [
        unescape(
            client.post(USERS, {"workspace": "shop", "kind": "rule", "when": text}, headers={"X-Signpost-Part": "line"}).content.decode()
        )
        for text in (when, "")
    ]

    assert ["<strong>1</strong> user: 50 % of all 2" in lines[0], "<strong>2</strong> users: 100 % of all 2" in lines[1]] == [True, True]
