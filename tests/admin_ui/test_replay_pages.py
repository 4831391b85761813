"""Replaying from a decision's page, dry runs from the page of publishing, and finding what a rule decided."""

from __future__ import annotations

import time
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from decisioning import dryrun, tasks
from decisioning.archive import drain
from decisioning.models import DecisionRecord, DryRun
from rules import services
from rules.models import Version, Workspace
from tests.api.conftest import publish, shop  # noqa: F401 - fixtures

ORDER = {"type": "track", "userId": "alice", "event": "Order Completed"}
LIST = "/admin/decisioning/decisionrecord/"


@pytest.fixture
def served(shop, client, django_user_model):  # noqa: F811 - the fixture
    """A client signed in, with a published shop and the decisions it made for two users."""
    client.force_login(django_user_model.objects.create_superuser("anna", id=101))
    shop.decide("banner", "once", user="alice", events=[ORDER])
    shop.decide("banner", user="bob")
    drain(now=time.time())
    return client


@pytest.fixture
def by_hand(monkeypatch):
    """Tasks are noted, for the test to do when it wants."""
    asked = []
    monkeypatch.setattr(tasks.dry_run, "apply_async", lambda arguments, **_: asked.append(arguments[0]))
    return asked


def decision(**wanted):
    return DecisionRecord.objects.get(**wanted)


def page_of(client, record, **asked):
    return unescape(client.get(f"{LIST}{record.pk}/change/", asked).content.decode())


def draft(kind, key, **changes):
    body = {**Version.objects.get(item__kind=kind, item__key=key).body, **changes}
    services.save_draft("shop", kind=kind, key=key, body=body, author=services.COMMAND_LINE, now=timezone.now())


def change_the_rule():
    """The rule for buyers asks for another tag, in a draft."""
    draft("rule", "loyal", when={"all": [{"name": "tags", "operator": "contains_all", "value": ["curious"]}]})


def test_a_decision_is_replayed_under_its_own_release_from_its_page(served):
    page = page_of(served, decision(rule="loyal"), under=1)

    assert "it gives the same answer, byte for byte" in page


def test_under_another_release_the_page_shows_both_answers_and_why(served):
    change_the_rule()
    services.publish("shop", actor=services.COMMAND_LINE, reason="for the curious", now=timezone.now())

    page = page_of(served, decision(rule="loyal"), under=2)

    assert "the answer would be another" in page
    assert "Rule loyal: in release 1 it wins" in page
    assert "in release 2 its conditions do not hold" in page


def test_another_version_that_shows_the_same_is_told_as_the_same_content(served):
    draft("rule", "loyal", description="For buyers")
    services.publish("shop", actor=services.COMMAND_LINE, reason="described", now=timezone.now())

    page = page_of(served, decision(rule="loyal"), under=2)

    assert "same content, another version of the rule." in page
    assert "loyal v2" in page
    assert "the answer would be another" not in page


def test_another_template_under_the_same_words_is_a_difference(served):
    """It shows the same here, but it is another template: no mere version."""
    text = Version.objects.get(item__kind="template", item__key="loyal").body
    services.save_draft("shop", kind="template", key="loyal2", body=text, author=services.COMMAND_LINE, now=timezone.now())
    draft("rule", "loyal", then={"template": "loyal2"})
    services.publish("shop", actor=services.COMMAND_LINE, reason="renamed", now=timezone.now())

    assert "the answer would be another" in page_of(served, decision(rule="loyal"), under=2)


@pytest.mark.parametrize("asked", [{"under": "9"}, {"run": "nonsense"}, {"run": "00000000-0000-0000-0000-000000000001"}])
def test_what_is_not_there_to_replay_under_is_said(served, asked):
    assert "That release is not there." in page_of(served, decision(rule="loyal"), **asked)


@pytest.mark.parametrize("asked", ["-1", "x", "9" * 30, "1; drop"])
def test_a_release_that_is_no_number_shows_the_page_alone(served, asked):
    assert served.get(f"{LIST}{decision(rule='loyal').pk}/change/", {"under": asked}).status_code == 200


def test_the_page_says_who_wrote_and_who_published_the_rule_that_decided(served):
    page = page_of(served, decision(rule="loyal"))

    assert "Who wrote and approved the rule that decided" in page
    assert "command line" in page
    assert "for a test" in page
    assert "nobody: the workspace asked for no second person" in page


def test_the_page_tells_the_release_a_rule_was_first_live_in_from_the_one_it_decided_under(served, django_user_model):
    draft("template", "hello", name="Hi")
    paula = django_user_model.objects.create_user("paula", id=103)
    services.publish("shop", actor=paula, reason="another greeting", now=timezone.now())
    record = decision(rule="loyal")
    DecisionRecord.objects.filter(pk=record.pk).update(release=2)

    page = page_of(served, record)

    assert ">release 1</a>, published by command line: for a test" in page.partition("First live")[2]
    assert ">release 2</a>, published by paula: another greeting" in page.partition("Decided under")[2]


def test_a_rule_that_a_roll_back_brought_back_says_both_releases(served):
    change_the_rule()
    services.publish("shop", actor=services.COMMAND_LINE, reason="for the curious", now=timezone.now())
    services.roll_back("shop", number=1, actor=services.COMMAND_LINE, reason="not after all", now=timezone.now())
    record = decision(rule="loyal")
    DecisionRecord.objects.filter(pk=record.pk).update(release=3)

    page = page_of(served, record)

    assert "for a test" in page.partition("First live")[2].partition("Live again")[0]
    assert ">release 3</a>, published by command line: not after all" in page.partition("Live again")[2]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"rule": "loyal"}, 1),
        ({"rule": "loyal v1"}, 1),
        ({"rule": "loyal v2"}, 0),
        ({"rule": "loyal nonsense"}, 0),
        ({"placement": "banner"}, 2),
        ({"placement": "banner", "rule": "loyal"}, 1),
        ({"release": "1"}, 3),
        ({"release": "2"}, 0),
        ({"release": "x"}, 0),
        ({"time": "2026-01-01T00:00/2026-01-02"}, 0),
        ({"time": "2020-01-01"}, 3),
        ({"time": "yesterday"}, 0),
        ({"workspace": "shop", "rule": "loyal"}, 1),
    ],
)
def test_decisions_are_found_by_rule_and_version_placement_release_and_time(served, asked, count):
    found = served.get(LIST, asked)

    assert len(found.context["cl"].result_list) == count


def test_one_filter_keeps_the_others(served):
    page = served.get(LIST, {"placement": "banner", "q": "alice"}).content.decode()

    assert '<input type="hidden" name="placement" value="banner">' in page
    assert '<input type="hidden" name="q" value="alice">' in page


def addresses():
    pk = Workspace.objects.get().pk
    return f"/admin/rules/workspace/{pk}/publish/", f"/admin/rules/workspace/{pk}/dry-run/"


def test_a_dry_run_says_which_decisions_would_differ_and_leads_to_them(served, by_hand):
    change_the_rule()
    publishing, there = addresses()

    asked = served.post(there, {"last": 100}, follow=True)
    assert "waiting for a worker" in asked.content.decode().lower()
    assert 'http-equiv="refresh"' in asked.content.decode()
    dryrun.work(by_hand[0])
    run = DryRun.objects.get()
    page = unescape(served.get(f"{there}{run.pk}/").content.decode())

    assert (run.status, run.done, run.found["same"], run.found["different"]) == ("done", 3, 2, 1)
    assert run.found["moves"][0]["from"] == "loyal"
    assert "1 of 3 decisions would differ" in page
    assert "refresh" not in page.partition("<body")[0]
    assert "1 would differ" in unescape(served.get(publishing).content.decode())
    sample = page_of(served, decision(rule="loyal"), run=str(run.pk))
    assert "the answer would be another" in sample


def test_a_dry_run_says_of_what_nobody_can_say(served, by_hand):
    draft("rule", "loyal", when={"all": [{"name": "traits.plan", "operator": "equal_to", "value": "gold"}]})
    _, there = addresses()

    served.post(there, {"last": 100})
    dryrun.work(by_hand[0])

    found = DryRun.objects.get().found
    assert found["unknown"] == [{"code": "facts_not_read", "count": 2, "names": ["traits.plan"]}]
    assert found["different"] == 0


def test_a_canceled_dry_run_stops_and_stays_so(served, by_hand):
    change_the_rule()
    _, there = addresses()
    served.post(there, {"last": 100})
    run = DryRun.objects.get()

    served.post(f"{there}{run.pk}/")
    dryrun.work(by_hand[0])

    run.refresh_from_db()
    assert (run.status, run.done) == ("canceled", 0)


def test_one_that_takes_too_long_ends_and_says_so(served, by_hand, monkeypatch):
    change_the_rule()
    _, there = addresses()
    served.post(there, {"last": 100})
    monkeypatch.setattr(dryrun, "STEP", 1)
    clock = iter(range(0, 100_000, 1_000))

    dryrun.work(by_hand[0], clock=lambda: next(clock))

    run = DryRun.objects.get()
    assert run.status == "failed"
    assert "ask for fewer" in run.found["error"]


@pytest.mark.parametrize("last", ["0", "-5", "100001", "many", ""])
def test_a_number_of_decisions_that_is_none_starts_nothing(served, by_hand, last):
    _, there = addresses()

    assert served.post(there, {"last": last}).status_code == 302
    assert (by_hand, DryRun.objects.count()) == ([], 0)


def test_only_who_may_publish_may_ask_for_a_dry_run(served, by_hand, client, django_user_model):
    _, there = addresses()
    client.force_login(django_user_model.objects.create_user("ben", id=102, is_staff=True))

    assert client.post(there, {"last": 100}).status_code == 403
    assert by_hand == []


def test_only_the_newest_runs_are_kept(served):
    for number in range(8):
        dryrun.ask("shop", b"{}", shown="", last=1, asked_by="anna", now=timezone.now() + timedelta(seconds=number))

    assert DryRun.objects.count() == dryrun.KEPT


def test_without_a_broker_it_says_so(served, monkeypatch):
    def away(*_args, **_more):
        raise OperationalError

    monkeypatch.setattr(tasks.dry_run, "apply_async", away)
    _, there = addresses()

    answer = served.post(there, {"last": 10}, follow=True)

    assert "the broker does not answer" in answer.content.decode()
    assert DryRun.objects.get().status == "canceled"


def test_what_was_only_written_anew_is_no_difference(served, by_hand):
    draft("template", "hello", name="Another name")
    _, there = addresses()

    served.post(there, {"last": 10})
    dryrun.work(by_hand[0])

    assert DryRun.objects.get().found["same"] == 3
