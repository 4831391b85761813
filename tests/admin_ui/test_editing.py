"""Open forms: what is typed is kept and offered to its person alone, who else edits is told, and nobody's work is written over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.utils import timezone

from decisioning import tasks
from rules import services
from rules.models import AuditEvent, Autosave, Draft, Item, Workspace
from rules.models.autosaves import MOST_CHARACTERS
from rules.selectors import TypedIn
from rules.services import autosaves
from tests.admin_ui.conftest import address, filled
from tests.rules.conftest import BEN

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "1" * 16, "2" * 16, "3" * 16


def ask(client: Any, what: str, *, kind: str = "threshold", item: str = "long", **fields: str) -> Any:
    there = f"/admin/editing/shop/{kind}/{what}/"
    return client.post(there, {"_item": item, "_sitting": FIRST, "token": "0.0.1", **fields})


def opened(client: Any, key: str = "long", question: str = "") -> Any:
    return client.get(address("threshold", key) + question)


@pytest.fixture
def ben(django_user_model: Any) -> Client:
    user = django_user_model.objects.create_superuser("ben", id=102, first_name="Ben")
    client = Client()
    client.force_login(user)
    return client


def test_what_is_typed_is_kept_without_a_draft_and_without_a_word_in_the_audit_log(pages):
    events = AuditEvent.objects.count()

    answer = ask(pages, "keep", value="777", csrfmiddlewaretoken="x", _save="Save draft", **{"try.name": "Ann", "try_width": "full"})

    assert "not in your draft yet" in answer.json()["words"]
    assert parse_qs(Autosave.objects.get().typed) == {"token": ["0.0.1"], "value": ["777"]}
    assert not Draft.objects.exists()
    assert AuditEvent.objects.count() == events


def test_it_is_offered_on_the_next_visit_and_fills_the_form_when_one_goes_on(pages):
    ask(pages, "keep", value="777", description="half a sen")
    Autosave.objects.update(saved_at=timezone.now() - timedelta(minutes=4, seconds=5))

    offered = opened(pages)
    going_on = opened(pages, question="?typed=continue")

    assert "You were editing this 4\xa0minutes ago" in offered.content.decode()
    assert offered.context["adminform"].form["value"].value() == 600
    assert "This is what you typed 4\xa0minutes ago" in going_on.content.decode()
    assert [going_on.context["adminform"].form[name].value() for name in ("value", "description")] == ["777", "half a sen"]
    assert going_on.context["editing"]["over"] == FIRST


def test_rows_and_conditions_are_filled_in_as_they_were_typed(pages):
    conditions = '{"all": [{"name": "tags", "operator": "contains", "value": "buy'
    ask(pages, "keep", kind="segment", item="regulars", name="Regul", when=conditions)
    ask(pages, "keep", kind="score", item="intent", **{"terms-0-signal": "carts", "terms-0-weight": "0.", "half_life": "5m"})

    segment = pages.get(address("segment", "regulars") + "?typed=continue").content.decode()
    score = pages.get(address("score", "intent") + "?typed=continue").content.decode()

    assert "&quot;value&quot;: &quot;buy</textarea>" in segment
    assert 'name="terms-0-weight" value="0."' in score


def test_something_new_is_kept_too_and_found_again(pages):
    ask(pages, "keep", kind="tag", item="", token="new", key="other", name="The oth")

    page = pages.get("/admin/rules/tag/add/")
    going_on = pages.get("/admin/rules/tag/add/?typed=continue")
    overview = pages.get("/admin/").content.decode()

    assert "You were editing this" in page.content.decode()
    assert going_on.context["adminform"].form["name"].value() == "The oth"
    assert "Typed and not saved" in overview
    assert "/admin/rules/tag/add/?workspace=shop" in overview


def test_saving_ends_it_and_what_the_page_still_sends_is_refused(pages):
    ask(pages, "keep", value="777")

    pages.post(address("threshold", "long"), {**filled(opened(pages)), "value": "777", "_sitting": SECOND, "_over": FIRST})
    late = ask(pages, "keep", value="77", _sitting=SECOND)

    assert Draft.objects.get().body == {"value": 777}
    assert (late.status_code, late.json()["code"]) == (409, "typed_finished")
    assert opened(pages).context["editing"]["offer"] is None


def test_what_another_window_typed_is_not_written_over_until_one_goes_on_with_it(pages):
    ask(pages, "keep", value="777")

    elsewhere = ask(pages, "keep", value="888", _sitting=SECOND)
    taken_over = ask(pages, "keep", value="999", _sitting=THIRD, _over=FIRST)
    first_again = ask(pages, "keep", value="778")

    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "typed_elsewhere")
    assert taken_over.status_code == 200
    assert first_again.status_code == 409
    assert parse_qs(Autosave.objects.get().typed)["value"] == ["999"]


def test_discarding_forgets_it_and_spares_what_another_window_typed_since(pages):
    ask(pages, "keep", value="777")

    ask(pages, "forget", _sitting=SECOND)
    assert Autosave.objects.count() == 1
    ask(pages, "forget")
    assert not Autosave.objects.exists()


def test_a_draft_that_is_discarded_after_being_asked_takes_along_what_was_typed_over_it(pages):
    pages.post(address("threshold", "long"), {**filled(opened(pages)), "value": "700"})
    ask(pages, "keep", value="777")
    there = address("threshold", "long", "discard")

    asked = pages.post(there, {"_sitting": FIRST, "_over": ""})
    assert Autosave.objects.exclude(typed="").exists()
    pages.post(there, {**dict(asked.context["kept"]), "sure": "yes"})

    assert not Draft.objects.exists()
    assert not Autosave.objects.exclude(typed="").exists()
    assert ask(pages, "keep", value="777").status_code == 409


def test_it_is_its_persons_alone(pages, ben):
    ask(pages, "keep", value="777")

    assert opened(ben).context["editing"]["offer"] is None
    ask(ben, "forget")
    assert ask(ben, "keep", value="5").status_code == 200
    assert sorted(Autosave.objects.values_list("person_id", flat=True)) == [101, 102]


def test_a_newer_version_is_said_and_saving_what_was_typed_shows_both_sides(pages):
    ask(pages, "keep", value="777")
    services.save_draft("shop", kind="threshold", key="long", body={"value": 1}, author=BEN, now=timezone.now())
    services.submit("shop", reason="mine", now=timezone.now())

    going_on = opened(pages, question="?typed=continue")
    saved = pages.post(address("threshold", "long"), filled(going_on), follow=True)

    assert "Since then: Ben made version 2 at" in going_on.content.decode()
    assert (Draft.objects.get().body, Draft.objects.get().based_on) == ({"value": 777}, 1)
    assert "Ben made version 2 after you began" in saved.content.decode()


def test_ones_own_draft_from_another_window_is_said(pages, anna):
    ask(pages, "keep", value="777")
    services.save_draft("shop", kind="threshold", key="long", body={"value": 5}, author=anna, now=timezone.now())

    assert "Since then: You saved a draft of this in another window" in opened(pages).content.decode()


def test_who_else_edits_and_what_they_saved_is_told(pages, ben, valkey):
    before = timezone.now() - timedelta(seconds=5)

    alone = ask(pages, "here").json()
    ben_sees = ask(ben, "here").json()
    services.save_draft("shop", kind="threshold", key="long", body={"value": 5}, author=BEN, now=timezone.now())
    anna_sees = ask(pages, "here", _opened=before.isoformat()).json()
    ask(ben, "here", _left="1")

    assert alone == {"others": [], "news": [], "both": True}
    assert ben_sees["others"][0].startswith("anna is editing this too, since ")
    assert anna_sees["others"][0].startswith("Ben is editing this too, since ")
    assert anna_sees["news"][0].startswith("Ben saved a draft of this at ")
    assert ask(pages, "here").json()["others"] == []


def test_a_form_that_was_saved_in_another_window_is_told_to_open_it_again(pages, anna, valkey):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 5}, author=anna, now=timezone.now())

    told = ask(pages, "here").json()

    assert told["news"][0].startswith("You saved a draft of this in another window at ")
    assert told["both"] is False


def test_a_list_marks_what_somebody_else_edits(pages, ben, valkey):
    ask(ben, "here")

    assert "Ben is editing" in pages.get("/admin/rules/threshold/").content.decode()
    assert "Ben is editing" not in ben.get("/admin/rules/threshold/").content.decode()


@pytest.mark.parametrize(
    ("what", "fields", "status"),
    [
        ("keep", {"_sitting": "no"}, 400),
        ("keep", {"_item": "nothing"}, 404),
        ("keep", {"_item": "lo\0ng"}, 404),
        ("keep", {"value": "a\0b", "token": "\0"}, 200),
        ("keep", {"value": "x" * MOST_CHARACTERS}, 409),
        ("forget", {"_sitting": ""}, 400),
        ("here", {"_opened": "never", "token": "9.9.999999999999999999"}, 200),
        ("here", {"_opened": "2026-99-99T00:00:00+00:00", "token": "\0.²"}, 200),
    ],
    ids=["no sitting", "no such thing", "nul in the key", "nul in a field", "too long", "forget nothing", "no moment", "no date"],
)
def test_whatever_is_sent_is_answered(pages, valkey, what, fields, status):
    assert pages.post(f"/admin/editing/shop/threshold/{what}/", {"_item": "long", "_sitting": FIRST, **fields}).status_code == status


@pytest.mark.parametrize("there", ["/admin/editing/shop/nothing/keep/", "/admin/editing/nowhere/tag/keep/"])
def test_no_such_kind_or_workspace(pages, there):
    assert pages.post(there, {"_sitting": FIRST}).status_code == 404


def test_a_person_keeps_only_so_many_and_old_ones_are_forgotten(shop, monkeypatch):
    monkeypatch.setattr(autosaves, "MOST", 3)
    now, workspace = timezone.now(), Workspace.objects.get()
    for day, key in enumerate(["a", "b", "c", "d"]):
        form = TypedIn(workspace, "tag", key, 7)
        services.keep_typed(form, sitting=FIRST, token="new", typed="name=x", now=now + timedelta(days=day))

    assert sorted(Autosave.objects.values_list("key", flat=True)) == ["b", "c", "d"]
    assert services.expire_typed(now + timedelta(days=16)) == 1
    assert sorted(Autosave.objects.values_list("key", flat=True)) == ["c", "d"]


def test_the_hourly_task_forgets_what_was_left_for_a_fortnight(pages):
    ask(pages, "keep", value="777")
    assert tasks.forget_typed() == 0

    Autosave.objects.update(saved_at=timezone.now() - timedelta(days=14, seconds=1))

    assert tasks.forget_typed() == 1


def test_a_deleted_account_takes_its_typing_along(pages, ben, django_user_model):
    ask(ben, "keep", value="5")

    django_user_model.objects.get(username="ben").delete()

    assert not Autosave.objects.exists()


def test_a_thing_that_is_gone_takes_its_typing_along(pages, anna):
    draft = services.save_draft("shop", kind="tag", key="fresh", body={"name": "Fresh"}, author=anna, now=timezone.now())
    ask(pages, "keep", kind="tag", item="fresh", name="Fresher")

    services.discard_draft(draft)

    assert not Item.objects.filter(key="fresh").exists()
    assert not Autosave.objects.exists()
