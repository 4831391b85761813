"""Pages of review: what state a thing is in and what that means, conflicts side by side, schedules, emergencies and their banner."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from admin_ui.moments import exactly
from admin_ui.releases import manifest_rows
from rules import selectors, services
from rules.models import Approval, Draft, Item, Release, Version, Workspace
from tests.admin_ui.conftest import address, change, press, said
from tests.rules.conftest import BEN, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def publish_page(shop: dict[str, Any]) -> str:
    return f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/"


def four_eyes() -> None:
    services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=True)


def submitted(value: float = 900) -> Version:
    services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=BEN, now=NOW)
    [version] = services.submit("shop", reason="longer", now=NOW)
    return version


def submitted_template(author: Any) -> Version:
    services.save_draft("shop", kind="template", key="generic", body={"body": "Good day"}, author=author, now=NOW)
    [version] = services.submit("shop", reason="friendlier", now=NOW)
    return version


def page_of(pages: Any, there: str) -> str:
    return unescape(pages.get(there).content.decode())


def state_of(pages: Any, version: Version) -> str:
    versions = {row.pk: row.state for row in pages.get("/admin/rules/version/").context["cl"].result_list}
    return versions[version.pk]


def test_a_version_goes_through_its_states_on_the_list_of_versions(pages, anna):
    four_eyes()
    version, first = submitted(), Version.objects.get(item__key="long", number=1)
    seen = [state_of(pages, version)]
    services.approve(version, reviewer=anna, now=NOW, verdict="changes_asked", comment="shorter")
    seen.append(state_of(pages, version))
    services.approve(version, reviewer=anna, now=NOW)
    seen.append(state_of(pages, version))
    services.publish("shop", actor=BEN, reason="go", now=NOW, effective_from=timezone.now() + timedelta(hours=1))
    seen += [state_of(pages, version), state_of(pages, first)]
    services.roll_back("shop", number=1, actor=BEN, reason="back", now=NOW, emergency=True)
    seen.append(state_of(pages, version))

    assert seen == ["submitted", "changes_asked", "approved", "upcoming", "released", "rolled_back"]


def test_a_versions_page_says_what_it_changed(pages):
    page = page_of(pages, f"/admin/rules/version/{submitted().pk}/change/")

    assert "<li>Value 600 became 900</li>" in page


def test_a_description_that_changed_is_told_with_what_it_was(pages):
    for text in ("Half of them stay", "One in three stays"):
        services.save_draft("shop", kind="threshold", key="long", body={"value": 600, "description": text}, author=BEN, now=NOW)
        [version] = services.submit("shop", reason="said better", now=NOW)

    for there in ("/admin/rules/version/", f"/admin/rules/version/{version.pk}/change/", address("threshold", "long")):
        assert "escription: “Half of them stay” became “One in three stays”" in page_of(pages, there), there


def test_a_releases_page_says_who_approved_what_it_changed_and_leads_to_every_version(pages, anna):
    four_eyes()
    version = submitted()
    services.approve(version, reviewer=anna, now=NOW, comment="long is long")
    release = services.publish("shop", actor=BEN, reason="go", now=NOW)

    page = page_of(pages, f"/admin/rules/release/{release.pk}/change/")
    versions = page_of(pages, f"/admin/rules/release/{release.pk}/versions/")

    assert page.count("approved by anna: “long is long”") == 1
    assert f'href="/admin/rules/release/{release.pk}/versions/"' in page
    assert versions.count("approved by anna: “long is long”") == 1
    assert all(f'href="/admin/rules/version/{pk}/change/"' in versions for pk in (version.pk, Version.objects.get(item__key="bought").pk))


def test_a_version_that_is_not_there_as_a_release_names_it_is_not_linked(pages):
    release = Release.objects.get()
    manifest = [{**entry, "body_hash": "0" * 64} if entry["key"] == "bought" else entry for entry in release.manifest]

    missing = [row["key"] for row in manifest_rows(Release(workspace=release.workspace, manifest=manifest)) if row["found"] is None]

    assert missing == ["bought"]


def test_a_version_that_another_took_the_place_of_is_superseded(pages):
    older = submitted(800)
    submitted(900)

    assert state_of(pages, older) == "superseded"
    assert state_of(pages, Version.objects.get(item__key="long", number=1)) == "released"


def test_what_was_asked_to_be_changed_is_shown_to_its_author_with_the_thing(pages, anna):
    services.approve(submitted(), reviewer=anna, now=NOW, verdict="changes_asked", comment="Fifteen minutes are too long")

    page = page_of(pages, address("threshold", "long"))

    assert "Changes asked" in page
    assert "Fifteen minutes are too long" in page
    assert "A reviewer wants it changed: the next version is reviewed anew." in page


def test_asking_for_changes_without_words_is_refused_with_the_next_step(pages):
    version = submitted()

    answer = pages.post(f"/admin/rules/version/{version.pk}/review/", {"changes": "Ask"}, follow=True)

    assert "Whoever asks for changes has to say which" in said(answer)
    assert not version.approvals.exists()


def test_a_contributor_has_no_button_to_approve(pages, anna):
    change(pages, "threshold", "long", value="800")
    services.submit("shop", reason="mine", now=NOW, author=anna)
    version = submitted(900)

    page = page_of(pages, f"/admin/rules/version/{version.pk}/change/")

    assert 'name="approve"' not in page
    assert "You wrote some of it, so somebody else has to review it." in page


def test_ticked_versions_are_approved_together_with_one_comment(pages, publish_page):
    four_eyes()
    other = submitted_template(BEN)
    version = submitted()
    ticked = re.findall(r'name="version" value="(\d+)"', page_of(pages, publish_page))

    answer = pages.post(publish_page.replace("publish", "approve"), {"version": ticked, "comment": "looked at"}, follow=True)

    assert sorted(map(int, ticked)) == sorted([other.pk, version.pk])
    assert "Approved: " in said(answer)
    assert [approval.comment for approval in version.approvals.all()] == ["looked at"]
    assert 'name="version"' not in page_of(pages, publish_page)


def test_of_ticked_versions_none_is_approved_where_one_may_not_be(pages, publish_page, anna):
    four_eyes()
    own, version = submitted_template(anna), submitted()

    answer = pages.post(publish_page.replace("publish", "approve"), {"version": [version.pk, own.pk]}, follow=True)

    assert f"Anna wrote template {own}" in said(answer)
    assert not Approval.objects.exists()


def test_approving_with_nothing_ticked_says_so(pages, publish_page):
    for ticked in ({}, {"version": "9" * 30}, {"version": "x"}):
        answer = pages.post(publish_page.replace("publish", "approve"), ticked, follow=True)
        assert "Tick the versions first" in said(answer)


def test_two_drafts_of_one_thing_are_shown_side_by_side(pages):
    change(pages, "template", "generic", body="Good day")
    services.save_draft("shop", kind="template", key="generic", body={"body": "Hello", "name": "Greeting"}, author=BEN, now=NOW)

    page = page_of(pages, address("template", "generic"))

    assert "Ben has a draft of this too" in page
    assert "Named “Greeting”" in page
    assert "Take both" in page


def test_a_draft_on_an_older_base_is_put_on_the_newest_with_both_sides_changes(pages, anna):
    change(pages, "template", "generic", body="Good day")
    services.save_draft("shop", kind="template", key="generic", body={"body": "Hello", "name": "Greeting"}, author=BEN, now=NOW)
    services.publish("shop", actor=BEN, reason="named", now=NOW, only_by=BEN)
    there = address("template", "generic")
    page = pages.get(there)

    token = page.context["adminform"].form["token"].value()
    answer = pages.post(address("template", "generic", "rebase"), {"token": token, "way": "both"}, follow=True)

    assert "Ben made version 2 after you began" in unescape(page.content.decode())
    assert "Your draft now holds both sides' changes" in said(answer)
    assert Draft.objects.get().body == {"body": "Good day", "name": "Greeting"}
    assert "Go back to what my draft said before" in answer.content.decode()


@pytest.mark.parametrize("way", ["", "all", "theirs:x:1", "theirs:1", "theirs:1:2:3", "theirs:" + "9" * 40 + ":1", "theirs:²:1"])
def test_a_button_that_no_page_has_is_refused(pages, way):
    change(pages, "template", "generic", body="Good day")

    assert pages.post(address("template", "generic", "rebase"), {"token": "", "way": way}).status_code == 403


def test_a_release_is_scheduled_shown_as_upcoming_and_withdrawn(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    later = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    press(pages, publish_page, reason="tomorrow", effective_from=later, publish="Publish")
    upcoming = Release.objects.get(number=2)
    waiting = page_of(pages, publish_page)
    its_page = page_of(pages, f"/admin/rules/release/{upcoming.pk}/change/")
    live = Release.objects.get(number=1)
    pages.post(f"/admin/rules/release/{live.pk}/roll-back/", {"reason": "not yet"})

    states = {row.number: row.state for row in pages.get("/admin/rules/release/").context["cl"].result_list}

    assert "Upcoming: " in waiting
    assert f"/admin/rules/release/{live.pk}/roll-back/" in waiting
    assert "Withdraw it…" in its_page
    assert states == {1: "superseded", 2: "withdrawn", 3: "live"}
    assert pages.get("/admin/rules/threshold/").context["cl"].result_list[0].state == "live"


def test_what_is_scheduled_is_upcoming_in_its_list(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    press(pages, publish_page, reason="later", effective_from="2100-01-01T00:00", publish="Publish")

    assert [item.state for item in pages.get("/admin/rules/threshold/").context["cl"].result_list] == ["upcoming"]


@pytest.mark.parametrize("moment", ["2020-01-01T00:00", "tomorrow", "9999-99-99T00:00"])
def test_a_moment_that_is_past_or_none_is_refused(pages, publish_page, moment):
    change(pages, "threshold", "long", value="900")

    answer = press(pages, publish_page, reason="then", effective_from=moment, publish="Publish")

    assert answer.status_code == 200
    assert Release.objects.count() == 1


def test_an_emergency_stands_on_every_page_until_somebody_else_has_reviewed_it(pages, publish_page, client, django_user_model, anna):
    four_eyes()
    change(pages, "threshold", "long", value="900")
    asked = press(pages, publish_page, reason="the shop is on fire", emergency="Emergency").content.decode()
    press(pages, publish_page, reason="the shop is on fire", emergency="Emergency", sure="yes")
    done = pages.get(publish_page)
    release = Release.objects.get(number=2)
    before = page_of(pages, "/admin/rules/rule/")
    review = f"/admin/rules/release/{release.pk}/review/"
    own = pages.post(review, {"comment": "fine"}, follow=True)

    client.force_login(django_user_model.objects.create_superuser("boss"))
    empty = client.post(review, {"comment": ""}, follow=True)
    client.post(review, {"comment": "It was on fire"})

    assert "Users see it at once" in asked
    assert "goes round four eyes once: they stay on for everything after it" in asked
    assert "It went round four eyes" in said(done)
    assert "threshold long: anna&#x27;s draft" in asked
    assert release.emergency is True
    assert "was published without approvals by anna" in before
    assert "Somebody else has to look at it" in said(own)
    assert "A review needs words" in said(empty)
    assert "was published without approvals" not in page_of(client, "/admin/rules/rule/")
    assert "It was on fire" in page_of(client, f"/admin/rules/release/{release.pk}/change/")


def test_a_roll_back_says_what_four_eyes_make_of_it_and_an_emergency_what_it_goes_round(pages, publish_page):
    change(pages, "threshold", "long", value="900")
    press(pages, publish_page, reason="longer", publish="Publish")
    four_eyes()
    there = f"/admin/rules/release/{Release.objects.get(number=1).pk}/roll-back/"

    asked = page_of(pages, there)
    done = pages.post(there, {"reason": "too long", "emergency": "on"}, follow=True)

    assert "nobody has approved what this would bring back" in asked
    assert "threshold long v1" in asked
    assert "goes round four eyes once: they stay on for everything after it" in asked
    assert "It went round four eyes" in said(done)


def test_without_four_eyes_there_is_no_button_for_an_emergency(pages, publish_page):
    assert 'name="emergency"' not in page_of(pages, publish_page)


def test_starting_from_anothers_draft_makes_them_a_contributor(pages):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 700}, author=BEN, now=NOW)
    draft, there = Draft.objects.get(), address("threshold", "long")
    token = pages.get(there).context["adminform"].form["token"].value()

    pages.post(address("threshold", "long", "rebase"), {"token": token, "way": f"theirs:{draft.pk}:{draft.revision}"})

    assert Draft.objects.get(author_name="anna").contributor_names == ["Ben"]
    assert Item.objects.get(key="long").drafts.count() == 2


def test_a_version_that_waits_says_what_it_would_change_and_one_that_is_live_does_not(pages):
    four_eyes()
    version, live = submitted(), Version.objects.get(item__key="loyal", item__kind="template")
    there = f"/admin/try/effect/{version.pk}/"

    assert f'data-part="{there}"' in page_of(pages, f"/admin/rules/version/{version.pk}/change/")
    assert "data-part" not in page_of(pages, f"/admin/rules/version/{live.pk}/change/")
    assert "nobody to count" in page_of(pages, there)


def test_a_version_that_can_not_go_live_says_why_instead_of_what_it_would_change(pages):
    services.save_draft("shop", kind="rule", key="bought", body={"placement": "banner", "then": {"template": "gone"}}, author=BEN, now=NOW)
    [version] = services.submit("shop", reason="shorter", now=NOW)

    assert "it can't go live" in page_of(pages, f"/admin/try/effect/{version.pk}/")


def test_a_release_that_was_replaced_says_when_and_by_which(pages):
    submitted()
    second = services.publish("shop", actor=BEN, reason="longer", now=timezone.now())
    first = Release.objects.get(number=1)

    assert f"{exactly(second.effective_from)}, when" in page_of(pages, f"/admin/rules/release/{first.pk}/change/")
    assert "took its place" not in page_of(pages, f"/admin/rules/release/{second.pk}/change/")


def test_what_replaced_a_release_is_never_one_that_was_withdrawn(pages):
    first = Release.objects.get(number=1)
    submitted()
    tomorrow = timezone.now() + timedelta(days=1)
    services.publish("shop", actor=BEN, reason="later", now=timezone.now(), effective_from=tomorrow)
    services.roll_back("shop", number=1, actor=BEN, reason="called off", now=timezone.now())

    assert selectors.release_after(first).number == 3
