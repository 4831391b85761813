"""The calendar: what is live and what is not yet, on its days, with a page for each; and the way from a day to publishing on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rules import services
from rules.models import Version, Workspace
from tests.admin_ui.conftest import address
from tests.rules.conftest import BEN

pytestmark = pytest.mark.django_db
MONTH = "/admin/calendar/?workspace=shop&month=2031-03"
MARCH = {"from": "2031-03-10T09:00Z", "until": "2031-03-14T00:00Z"}


def rule(author: Any, schedule: dict[str, Any] | None, key: str = "bought", **more: Any) -> Any:
    body = {**Version.objects.get(item__key="bought", number=1).body, "name": key.capitalize(), **more}
    said = {**body, "schedule": schedule} if schedule else body
    return services.save_draft("shop", kind="rule", key=key, body=said, author=author, now=timezone.now())


def release(author: Any, **options: Any) -> Any:
    return services.publish("shop", **{"actor": author, "reason": "spring", "now": timezone.now(), **options})


def lines(page: Any) -> list[tuple[int, str, str, str, str]]:
    return [
        (day.day, line["time"], line["entry"].name, line["what"], line["entry"].state) for day, on in page.context["agenda"] for line in on
    ]


def bars(page: Any) -> list[tuple[int, int, str, str]]:
    """Of every bar its first day, how many days it has, whose it is and its state."""
    found = []
    for week in page.context["weeks"]:
        for line in week.lines:
            at = 0
            for cell in line:
                if cell.entry:
                    found.append((week.days[at].day, cell.width, cell.entry.name, cell.entry.state))
                at += cell.width
            assert at == 7
    return found


def test_a_live_rule_is_drawn_over_its_days_and_listed_where_it_begins_and_ends(pages, anna):
    rule(anna, MARCH)
    release(anna)
    page = pages.get(MONTH)

    assert lines(page) == [(10, "09:00", "Bought", "begins", "live"), (13, "24:00", "Bought", "ends", "live")]
    assert bars(page) == [(10, 4, "Bought", "live")]
    assert page.content.decode().count(f'href="{address("rule", "bought")}"') == 3
    assert "from 2031-03-10 09:00Z until 2031-03-14 00:00Z in Europe/Berlin" in page.content.decode()


def test_a_draft_stands_beside_what_is_live_and_says_so(pages, anna):
    rule(anna, MARCH)
    release(anna)
    rule(anna, {"from": "2031-03-20T00:00Z", "until": "2031-03-24T00:00Z"})
    page = pages.get(MONTH)

    assert bars(page) == [(10, 4, "Bought", "live"), (20, 4, "Bought", "draft")]
    assert "Your draft changes these dates." in page.content.decode()


def test_a_draft_that_leaves_the_dates_alone_is_not_drawn(pages, anna):
    rule(anna, MARCH)
    release(anna)
    rule(anna, MARCH, description="Said otherwise")

    assert {state for *_, state in lines(pages.get(MONTH))} == {"live"}


@pytest.mark.parametrize("enabled", [True, False])
def test_a_draft_without_the_dates_or_switched_off_is_said_of_what_is_live(pages, anna, enabled):
    rule(anna, MARCH)
    release(anna)
    rule(anna, None if enabled else MARCH, enabled=enabled)
    page = pages.get(MONTH)

    assert bars(page) == [(10, 4, "Bought", "live")]
    assert "Your draft changes these dates." in page.content.decode()


def test_drafts_of_others_are_not_shown_and_versions_that_wait_are(pages):
    rule(BEN, MARCH)
    assert lines(pages.get(MONTH)) == []
    services.submit("shop", reason="spring", now=timezone.now())

    assert bars(pages.get(MONTH)) == [(10, 4, "Bought", "submitted")]


def test_a_release_for_later_is_on_its_day_and_what_it_brings_begins_no_sooner(pages, anna):
    rule(anna, {"from": "2031-03-01T00:00Z", "until": "2031-03-14T00:00Z"})
    release(anna)
    rule(anna, {"from": "2031-03-01T00:00Z", "until": "2031-03-20T00:00Z"})
    release(anna, effective_from=datetime(2031, 3, 12, 6, tzinfo=UTC))
    page = pages.get(MONTH)

    assert lines(page) == [
        (1, "00:00", "Bought", "begins", "live"),
        (12, "06:00", "Release 3", "goes live", "upcoming"),
        (12, "06:00", "Bought", "ends", "live"),
        (12, "06:00", "Bought", "begins", "upcoming"),
        (19, "24:00", "Bought", "ends", "upcoming"),
    ]


def test_a_release_that_was_withdrawn_is_not_shown(pages, anna):
    rule(anna, MARCH)
    release(anna, effective_from=datetime(2031, 3, 12, tzinfo=UTC))
    services.roll_back("shop", number=1, actor=anna, reason="not at all", now=timezone.now())

    assert "2031-03-12" not in {str(day) for day, _ in pages.get(MONTH).context["agenda"]}
    assert "Release 2" not in pages.get(MONTH).content.decode()


def test_releases_of_this_month_are_listed_with_their_reason(pages, anna):
    rule(anna, MARCH)
    release(anna, reason="It is spring")
    page = pages.get("/admin/calendar/?workspace=shop")

    assert ("Release 2", "went live", "live") in {line[2:] for line in lines(page)}
    assert "It is spring" in page.content.decode()


def test_what_is_past_began_if_it_was_live_and_never_if_it_is_a_draft(pages, anna):
    rule(anna, {"from": "2020-03-10T00:00Z", "until": "2020-03-12T00:00Z"})
    release(anna)
    rule(anna, {"from": "2020-03-20T00:00Z"})

    assert [(line[3], line[4]) for line in lines(pages.get("/admin/calendar/?month=2020-03"))] == [
        ("began", "live"),
        ("ended", "live"),
        ("begins", "draft"),
    ]


def test_a_boost_is_told_with_its_score(pages, anna):
    body = {"name": "Intent", "terms": [{"signal": "carts", "boosts": [{"factor": 2, "from": "2031-03-05", "until": "2031-03-08"}]}]}
    services.save_draft("shop", kind="score", key="intent", body=body, author=anna, now=timezone.now())
    release(anna)
    page = pages.get(MONTH)

    assert bars(page) == [(5, 3, "Intent", "live")]
    assert "Carts counts 2 times, from 5 Mar 2031, 00:00 until 8 Mar 2031, 00:00 in UTC" in page.content.decode()


def test_what_has_weekdays_and_no_dates_goes_through_every_month_and_has_no_bars(pages, anna):
    rule(anna, {"weekdays": ["sat", "sun"], "timezone": "user"})
    release(anna)
    page = pages.get(MONTH)

    assert [entry.name for entry in page.context["through"]] == ["Bought"]
    assert bars(page) == []
    assert "Sat, Sun on the user&#x27;s clock, drawn here by Europe/Berlin" in page.content.decode()


def test_bars_of_one_time_lie_on_lines_of_their_own_and_those_without_a_place_are_counted(pages, anna):
    for number in range(12):
        rule(anna, MARCH, f"rule-{number}")
    release(anna)
    week = pages.get(MONTH).context["weeks"][2]

    assert (len(week.lines), week.more) == (10, 2)


def test_an_empty_month_says_how_to_fill_it(pages):
    page = pages.get(MONTH).content.decode()

    assert "Nothing begins, ends or goes live in March 2031." in page
    assert 'href="/admin/rules/rule/?workspace=shop"' in page


def test_the_months_beside_it_and_the_workspace_are_kept_in_addresses(pages):
    page = pages.get("/admin/calendar/?workspace=shop&month=2030-12").content.decode()

    assert "workspace=shop&amp;month=2030-11" in page
    assert "workspace=shop&amp;month=2031-01" in page


def test_all_workspaces_are_shown_together_with_their_names(pages, anna):
    services.create_workspace("other", name="The other", actor=anna, now=timezone.now())
    rule(anna, MARCH)
    release(anna)
    page = pages.get("/admin/calendar/?month=2031-03").content.decode()

    assert "rule in The shop" in page
    assert "?from=" not in page


def test_a_month_that_is_none_is_this_one_and_a_workspace_that_is_none_is_not_found(pages):
    now = timezone.now()
    shown = {pages.get(f"/admin/calendar/?month={text}").context["month"].first for text in ("", "soon", "2031-13", "9999-12", "0000-01")}

    assert shown == {now.date().replace(day=1)}
    assert pages.get("/admin/calendar/?workspace=nowhere").status_code == 404
    assert pages.get("/admin/calendar/?workspace=%00").status_code == 400
    assert [pages.get(f"/admin/calendar/?month={text}").status_code for text in ("1971-01", "2998-12")] == [200, 200]


def test_a_day_to_come_leads_a_publisher_to_publishing_on_it_and_nobody_else(client, shop, anna, django_user_model):
    rule(anna, MARCH)
    release(anna)
    seen = {}
    for role in ("Publisher", "Author"):
        user = django_user_model.objects.create_user(role, is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
        seen[role] = client.get(MONTH).content.decode()
    there = f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/?from=2031-03-10"

    assert there in seen["Publisher"]
    assert "?from=" not in seen["Author"]


def test_the_publishing_page_takes_the_day_and_nothing_that_is_none(pages, anna):
    rule(anna, MARCH)
    there = f"/admin/rules/workspace/{Workspace.objects.get().pk}/publish/"
    today = timezone.now().astimezone(UTC).date()

    assert 'value="2031-03-10T00:00"' in pages.get(f"{there}?from=2031-03-10").content.decode()
    for text in ("soon", "2031-03", "%EF%BC%92031", str(today), str(today - timedelta(days=1))):
        assert pages.get(f"{there}?from={text}").context["form"]["effective_from"].value() is None


def test_the_calendar_is_in_the_sidebar_of_who_may_open_it(pages, client, django_user_model):
    assert 'href="/admin/calendar/"' in pages.get("/admin/rules/tag/").content.decode()
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))

    assert 'href="/admin/calendar/"' not in client.get("/admin/").content.decode()


def test_more_rules_scores_releases_and_drafts_take_no_more_queries(pages, anna, django_assert_num_queries):
    rule(anna, MARCH)
    release(anna)
    pages.get(MONTH)
    with CaptureQueriesContext(connection) as before:
        pages.get("/admin/calendar/")
    for number in range(5):
        rule(anna, MARCH, f"rule-{number}")
        release(anna)
        rule(anna, {"from": "2031-03-20"}, f"rule-{number}")
        rule(BEN, {"from": "2031-03-20"}, f"bens-{number}")
    services.submit("shop", reason="waits", author=BEN, now=timezone.now())
    for number in range(3):
        services.create_workspace(f"other-{number}", actor=anna, now=timezone.now())

    with django_assert_num_queries(len(before)):
        pages.get("/admin/calendar/")
