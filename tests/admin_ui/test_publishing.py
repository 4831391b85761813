"""Publishing, approving and rolling back from the pages; workspaces and keys."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission

from rules import apikeys, services
from rules.bundles import api_keys
from rules.models import ApiKey, Approval, Draft, Release, Version, Workspace
from tests.admin_ui.conftest import address, change, press, said
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish_page(shop) -> str:
    return f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/"


def test_the_publish_page_shows_what_would_go_live_and_whose_it_is(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    services.save_draft("shop", kind="context", key="device", body=None, author=BEN, now=NOW)

    page = pages.get(publish_page).content.decode()

    assert "threshold long" in page
    assert "900" in page
    assert "<em>removed</em>" in page
    assert "Ben" in page


def test_publishing_needs_a_reason(pages, publish_page):
    change(pages, "threshold", "long", value="900")

    press(pages, publish_page, reason="", publish="Publish")

    assert Release.objects.count() == 1


def test_what_is_worth_a_look_is_shown_as_such_and_keeps_nothing_from_being_published(pages, publish_page):
    change(pages, "placement", "banner", limit="3")

    page = unescape(pages.get(publish_page).content.decode())
    press(pages, publish_page, reason="all the same", publish="Publish")

    assert "advice-heading" in page
    assert "To put right first" not in page
    assert "Placement 'banner' shows the first match only, so its limit says nothing." in page
    assert Release.objects.count() == 2


def test_what_is_worth_a_look_waits_until_what_is_broken_is_put_right(pages, publish_page, anna):
    change(pages, "placement", "banner", limit="3")
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=NOW)

    page = pages.get(publish_page).content.decode()

    assert "To put right first" in page
    assert "advice-heading" not in page


def test_publishing_what_is_broken_says_every_problem_once_with_whose_it_is(pages, publish_page, anna):
    services.save_draft("shop", kind="template", key="generic", body=None, author=anna, now=NOW)
    services.save_draft("shop", kind="tag", key="buyer", body=None, author=anna, now=NOW)

    response = press(pages, publish_page, reason="oops", publish="Publish")

    page = unescape(response.content.decode())
    assert said(response) == "Nothing went ahead: first put right what is listed below."
    for sentence in (
        "template generic is being removed, but placement banner uses it.",
        "template generic is being removed, but rule lingering uses it.",
        "tag Bought lately (buyer) is being removed, but rule bought uses it.",
    ):
        assert page.count(sentence) == 1
    assert f'<strong><a href="{address("rule", "bought")}">rule bought</a></strong>: tag Bought lately (buyer)' in page
    assert Release.objects.count() == 1


def test_what_another_persons_draft_breaks_is_said_once_although_it_breaks_two_things(pages, publish_page):
    services.save_draft("shop", kind="template", key="generic", body=None, author=BEN, now=NOW)

    response = press(pages, publish_page, reason="oops", publish="Publish")

    assert said(response).count("There is no template 'generic'") == 1


def test_the_publish_page_says_what_a_summary_leaves_out(pages, publish_page):
    change(pages, "rule", "bought", enabled="", cap__session="2", position="30", name="Buyers")

    page = pages.get(publish_page).content.decode()

    for words in ("switched off · user has “Bought lately”", ">Buyers</a>", "at most 2 per session", "position 0 → 30", "named “Buyers”"):
        assert words in page


def test_publishing_only_ones_own_drafts_leaves_the_others(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    services.save_draft("shop", kind="context", key="device", body=None, author=BEN, now=NOW)

    press(pages, publish_page, reason="mine", only_mine="on", publish="Publish")

    assert Release.objects.count() == 2
    assert Draft.objects.get().author_name == "Ben"


def test_what_a_colleague_saved_after_the_page_was_opened_is_shown_before_it_is_published(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    shown = pages.get(publish_page).context["shown"]
    services.save_draft("shop", kind="tag", key="unseen", body={"name": "Nobody saw this"}, author=BEN, now=NOW)

    answer = pages.post(publish_page, {"shown": shown, "reason": "longer", "publish": "Publish"})

    assert "What waits here has changed since this page was opened" in said(answer)
    assert "tag unseen" in answer.content.decode()
    assert 'value="longer"' in answer.content.decode()
    assert Release.objects.count() == 1


def test_the_page_shown_again_can_be_published(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    again = pages.post(publish_page, {"shown": "", "reason": "longer", "publish": "Publish"})
    [shown] = re.findall(r'name="shown" value="(\w+)"', again.content.decode())

    pages.post(publish_page, {"shown": shown, "reason": "longer", "publish": "Publish"})

    assert Release.objects.count() == 2


def test_what_a_colleague_changed_after_the_page_was_opened_is_not_sent_for_approval(pages, publish_page):
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    services.save_draft("shop", kind="threshold", key="long", body={"value": 800}, author=BEN, now=NOW)
    shown = pages.get(publish_page).context["shown"]
    services.save_draft("shop", kind="threshold", key="long", body={"value": 900}, author=BEN, now=NOW)

    pages.post(publish_page, {"shown": shown, "reason": "longer", "submit": "Send"})

    assert not Version.objects.filter(number=2).exists()


def test_what_was_approved_after_the_page_was_opened_is_not_published_from_it(pages, publish_page, anna):
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    services.save_draft("shop", kind="threshold", key="long", body={"value": 800}, author=BEN, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW)
    shown = pages.get(publish_page).context["shown"]
    services.approve(version, reviewer=anna, now=NOW)

    pages.post(publish_page, {"shown": shown, "reason": "approved", "publish": "Publish"})

    assert Release.objects.count() == 1


def test_four_eyes_switched_off_after_the_page_was_opened_publish_nothing_from_it(pages, publish_page):
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True)
    change(pages, "threshold", "long", value="900")
    shown = pages.get(publish_page).context["shown"]
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=False)

    pages.post(publish_page, {"shown": shown, "reason": "all of it", "publish": "Publish"})

    assert Release.objects.count() == 1


def test_publishing_needs_the_right_to(client, django_user_model, publish_page):
    marketer = django_user_model.objects.create_user("marketer", is_staff=True)
    marketer.user_permissions.set(Permission.objects.exclude(codename="publish_workspace"))
    client.force_login(marketer)

    assert client.post(publish_page, {"reason": "mine", "publish": "Publish"}).status_code == 403


def test_with_four_eyes_drafts_are_sent_for_approval_approved_by_another_and_published(pages, publish_page, client, django_user_model):
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    change(pages, "threshold", "long", value="900")
    press(pages, publish_page, reason="longer", submit="Send")
    version = Version.objects.get(number=2)
    own = pages.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "Approve"}, follow=True)

    client.force_login(django_user_model.objects.create_superuser("boss"))
    client.post(f"/admin/rules/version/{version.pk}/review/", {"approve": "Approve", "comment": "fine"})
    press(client, publish_page, reason="approved", publish="Publish")

    assert "Somebody else has to look at it" in said(own)
    assert Approval.objects.get().reviewer_name == "boss"
    assert Release.objects.get(number=2).four_eyes is True


def test_what_was_never_released_waits_on_the_publish_page_like_the_rest(pages, publish_page):
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)
    pages.post("/admin/rules/threshold/add/?workspace=shop", {"key": "fresh", "value": "7", "token": "new"})
    press(pages, publish_page, reason="new", submit="Send")

    waiting = pages.get(publish_page)

    assert waiting.status_code == 200
    assert "threshold fresh v1" in waiting.content.decode()


def test_rolling_back_from_a_releases_page_makes_a_new_release(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    press(pages, publish_page, reason="longer", publish="Publish")
    first = Release.objects.get(number=1)

    asked = unescape(pages.get(f"/admin/rules/release/{first.pk}/roll-back/").content.decode())
    response = pages.post(f"/admin/rules/release/{first.pk}/roll-back/", {"reason": "too long"}, follow=True)

    assert "<strong>threshold long</strong>: Value 900 became 600" in asked
    assert "Release 3 is live" in said(response)
    assert Release.objects.get(number=3).digest == first.digest


def test_a_roll_back_does_not_say_that_four_eyes_change(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    press(pages, publish_page, reason="longer", publish="Publish")
    Workspace.objects.update(four_eyes=True)
    release = Release.objects.get(number=1)

    asked = pages.get(f"/admin/rules/release/{release.pk}/roll-back/").content.decode()

    found = asked.split('id="found-heading"')[1].split("</section>")[0]
    assert "Value 900 became 600" in found
    assert "Four eyes" not in found


def test_a_workspace_is_made_and_changed_from_its_form(pages):
    pages.post("/admin/rules/workspace/add/", {"key": "blog", "name": "The blog", "timezone": "Europe/Oslo"})
    made = Workspace.objects.get(key="blog")

    pages.post(f"/admin/rules/workspace/{made.pk}/change/", {"key": "other", "name": "Blog", "timezone": "UTC", "four_eyes": "on"})

    made.refresh_from_db()
    assert (made.key, made.name, made.timezone, made.four_eyes) == ("blog", "Blog", "UTC", True)


def issue(pages, **options):
    return pages.post("/admin/rules/apikey/add/", {"workspace": Workspace.objects.get().pk, "kind": "secret", "label": "server", **options})


def test_an_issued_key_is_shown_once_and_works(pages):
    response = issue(pages)

    text = response.context["text"]
    assert apikeys.well_formed(text)
    assert text in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert api_keys()[0].digest == apikeys.digest(text)
    assert text not in pages.get("/admin/rules/apikey/").content.decode()
    assert text not in pages.get(f"/admin/rules/apikey/{ApiKey.objects.get().pk}/change/").content.decode()


def test_a_key_that_could_not_be_used_is_not_issued_and_the_page_says_why(pages):
    response = pages.post(
        "/admin/rules/apikey/add/",
        {"workspace": Workspace.objects.get().pk, "kind": "publishable", "label": "x", "scopes": ["users:read"], "origins": "shop"},
        follow=True,
    )

    assert "has no scope users:read" in said(response)
    assert "'shop' is not an origin" in said(response)
    assert not ApiKey.objects.exists()


def test_a_keys_digest_is_neither_shown_nor_changed(pages):
    issue(pages)
    key = ApiKey.objects.get()
    there = f"/admin/rules/apikey/{key.pk}/change/"

    page = pages.get(there).content.decode()
    answer = pages.post(there, {"digest": "0" * 64, "label": "other"})

    assert key.digest not in page
    assert answer.status_code == 403
    assert ApiKey.objects.get().digest == key.digest


def test_a_key_is_revoked_from_its_page(pages):
    issue(pages)

    there = f"/admin/rules/apikey/{ApiKey.objects.get().pk}/revoke/"

    asked = pages.post(there).content.decode()
    still = api_keys()
    pages.post(there, {"sure": "yes"})

    assert "refused within seconds" in asked
    assert (len(still), api_keys()) == (1, [])


def test_keys_are_revoked_from_the_list(pages):
    issue(pages)
    issue(pages)

    sent = {"action": "revoke", "_selected_action": list(ApiKey.objects.values_list("pk", flat=True))}

    asked = pages.post("/admin/rules/apikey/", sent).content.decode()
    still = api_keys()
    pages.post("/admin/rules/apikey/", {**sent, "sure": "yes"})

    assert "Revoke these 2 keys?" in asked
    assert (len(still), api_keys()) == (2, [])


@pytest.mark.parametrize("origin", ["http://[", "https://*.shop.example"])
def test_an_origin_no_browser_sends_is_refused_on_the_page(pages, origin):
    response = pages.post(
        "/admin/rules/apikey/add/",
        {"workspace": Workspace.objects.get().pk, "kind": "publishable", "label": "x", "origins": origin},
        follow=True,
    )

    assert "is not an origin" in said(response)
    assert not ApiKey.objects.exists()
