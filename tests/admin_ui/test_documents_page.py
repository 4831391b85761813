"""Import and export: a document goes out, is shown in words before it comes in, and comes in as drafts and nothing else."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from rules import services
from rules.models import AuditEvent, Draft, Item, Workspace
from tests.admin_ui.conftest import said
from tests.rules.conftest import BEN, SHOP

pytestmark = pytest.mark.django_db


def there(more=""):
    return f"/admin/documents/{Workspace.objects.get(key='shop').pk}/{more}"


def taken_away(pages, which="mine"):
    return json.loads(pages.get(there(f"{which}.json")).content)


def look(pages, document, *, keep=False):
    text = document if isinstance(document, str) else json.dumps(document)
    return pages.post(there(), {"text": text, **({"keep": "on"} if keep else {})})


def take_in(pages, document, *, keep=False):
    """Looks, and confirms what was shown as a browser would: with the line ends of forms."""
    shown = look(pages, document, keep=keep).context
    fields = {"text": shown["data"].replace("\n", "\r\n"), "token": shown["found"].token, **({"keep": "on"} if keep else {})}
    return pages.post(there(), fields, follow=True)


def drafts():
    return {(draft.item.kind, draft.item.key): draft.body for draft in Draft.objects.select_related("item")}


@pytest.mark.parametrize("which", ["mine", "live"])
def test_what_is_taken_away_changes_nothing_when_it_is_taken_in(pages, which):
    found = look(pages, taken_away(pages, which)).context["found"]

    assert (found.arrivals, found.unchanged > 10, found.problems) == ([], True, [])


def test_the_readers_drafts_are_in_their_document_and_not_in_what_is_live(pages, anna):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 5}, author=anna, now=timezone.now())

    assert [taken_away(pages, which)["thresholds"][0]["value"] for which in ("mine", "live")] == [5, 600]


def test_looking_says_in_words_what_would_change_and_writes_nothing(pages):
    document = taken_away(pages)
    document["thresholds"][0]["value"] = 900
    document["tags"].append({"key": "visitor", "assign": {"event": "Page Viewed"}})
    document["templates"] = [one for one in document["templates"] if one["key"] != "spare"]

    answer = look(pages, document)

    assert [(one.kind, one.key, one.change) for one in answer.context["arrivals"]] == [
        ("tag", "visitor", "added"),
        ("threshold", "long", "changed"),
    ]
    assert "900" in answer.context["arrivals"][1].said[0]
    assert not Draft.objects.exists()
    assert not Item.objects.filter(key="visitor").exists()


def test_what_was_confirmed_becomes_drafts_of_the_reader(pages, anna):
    document = taken_away(pages)
    document["thresholds"][0]["value"] = 900

    answer = take_in(pages, json.dumps(document, indent=2))

    assert drafts() == {("threshold", "long"): {"value": 900}}
    assert Draft.objects.get().author_id == anna.pk
    assert "1 changed" in said(answer)


def test_a_file_does_as_well_as_pasting(pages):
    document = taken_away(pages)
    document["thresholds"][0]["value"] = 900
    file = SimpleUploadedFile("shop.json", b"\xef\xbb\xbf" + json.dumps(document).encode())

    assert [one.key for one in pages.post(there(), {"file": file}).context["arrivals"]] == ["long"]


def test_a_part_of_a_document_leaves_the_rest_alone_where_that_is_asked_for(pages):
    part = {"workspace": {"key": "elsewhere"}, "templates": [{"key": "new-one", "body": "New"}]}

    shown = look(pages, part, keep=True).context["found"]
    take_in(pages, part, keep=True)

    assert shown.of_another == "elsewhere"
    assert drafts() == {("template", "new-one"): {"body": "New"}}


def test_without_that_what_it_does_not_name_is_drafted_to_be_removed(pages):
    document = deepcopy(SHOP)
    document["placements"][0]["rules"].pop()
    document["thresholds"] = []

    take_in(pages, document)

    assert drafts() == {("rule", "lingering"): None, ("threshold", "long"): None}


def test_a_document_can_not_switch_four_eyes_off(pages):
    services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True)
    document = taken_away(pages)
    document["workspace"] |= {"four_eyes": False, "name": "Mine"}
    document["thresholds"][0]["value"] = 900

    take_in(pages, document)

    workspace = Workspace.objects.get(key="shop")
    assert (workspace.four_eyes, workspace.name) == (True, "The shop")
    assert AuditEvent.objects.order_by("-number").first().action == "document.loaded"


def test_what_changed_since_it_was_shown_is_shown_again_and_not_taken_in(pages, anna):
    document = taken_away(pages)
    document["thresholds"][0]["value"] = 900
    shown = look(pages, document).context
    services.save_draft("shop", kind="tag", key="buyer", body={"name": "Buyers"}, author=anna, now=timezone.now())

    answer = pages.post(there(), {"text": shown["data"], "token": shown["found"].token})

    assert "has changed since this was shown" in answer.context["problems"][0][1]
    assert set(drafts()) == {("tag", "buyer")}


def test_a_problem_is_told_with_whose_it_is(pages):
    document = taken_away(pages)
    document["placements"][0]["rules"][0]["then"] = {"template": "gone"}

    assert "rule bought" in {where for where, _ in look(pages, document).context["problems"]}
    assert not Draft.objects.exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"workspace": {"key": "shop"}, "nonsense": 1}', '{"a": 1, "a": 2}', "\ud800"])
def test_what_is_no_document_is_refused_with_words(pages, text):
    answer = pages.post(there(), {"text": text.encode("utf-8", "surrogatepass").decode("latin-1")})

    assert answer.status_code == 200
    assert answer.context["problems"]


@pytest.mark.parametrize("fields", [{}, {"text": "  "}, {"text": "{}" + " " * 2_000_000}])
def test_neither_nor_or_too_much_is_said_at_the_form(pages, fields):
    answer = pages.post(there(), fields)

    assert answer.context["form"].non_field_errors()


def test_somebody_elses_draft_is_left_alone_and_named(pages):
    services.save_draft("shop", kind="threshold", key="long", body={"value": 5}, author=BEN, now=timezone.now())
    document = taken_away(pages)
    document["tags"].append({"key": "visitor", "assign": {"event": "Page Viewed"}})

    assert "threshold long by Ben" in said(take_in(pages, document))
    assert Draft.objects.get(item__key="long").body == {"value": 5}


def test_a_workspace_that_was_never_published_has_no_live_document(pages):
    plain = services.create_workspace("plain").pk

    assert pages.get(f"/admin/documents/{plain}/live.json").status_code == 404
    assert pages.get(f"/admin/documents/{plain}/mine.json").status_code == 200
