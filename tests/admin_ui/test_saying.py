"""What a thing says, for who only reads: in words, with JSON behind a closed heading."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db.models import Max

from admin_ui import saying
from rules import services
from rules.models import AuditEvent, Draft, Item, Version
from tests import recipes
from tests.admin_ui.conftest import address
from tests.rules.conftest import NOW

CLOSED = re.compile(r'<details class="as-json">.*?</details>', re.DOTALL)
TREE = {
    "any": [
        {"name": "tags", "operator": "contains", "value": "buyer"},
        {"all": [{"name": "traits.age", "operator": "greater_than", "value": 3}, {"not": {"name": "traits.plan", "operator": "is_set"}}]},
    ]
}


def outside_of_json(html: str) -> str:
    return unescape(CLOSED.sub("", html))


def test_conditions_are_sentences_each_beneath_its_group():
    said = outside_of_json(saying.said("rule", {"placement": "banner", "when": TREE}))

    assert "Any of these: <ul><li>user has buyer</li><li>All of these: <ul><li>age is more than 3</li><li>Not this: <ul>" in said


def test_a_templates_text_stands_there_as_it_is_written_and_does_nothing():
    said = saying.said("template", {"body": "<b>Hi {{ name }}</b>", "locales": {"de": {"body": "<script>"}}})

    assert '<pre class="text" tabindex="0">&lt;b&gt;Hi {{ name }}&lt;/b&gt;</pre>' in said
    assert "<script>" not in said
    assert "Language <strong>de</strong>" in said


def test_rows_are_said_by_the_words_of_their_form():
    tag = {"assign": {"steps": [{"event": "Cart Updated"}, {"event": "Order Completed", "not": True, "within": "30m"}]}}
    score = {"terms": [{"signal": "dwell", "weight": 2, "take": "max"}], "bands": {"high": 5}}

    assert "<li>not Order Completed within 30m</li>" in saying.said("tag", tag)
    assert "Of its values <strong>the highest one</strong>; Weight <strong>2</strong>" in saying.said("score", score)
    assert "Name <strong>high</strong>; From <strong>5</strong>" in saying.said("score", score)


@pytest.mark.parametrize("name", recipes.NAMES)
def test_nothing_of_an_example_workspace_is_said_in_json(name):
    _, example = recipes.example(name)

    for (kind, _), body in example.items():
        said = outside_of_json(saying.said(kind, {**body, "description": ""}))
        assert '{"' not in said
        assert not re.search(r'": ["\[{\d]', said)


def test_what_has_no_words_yet_is_said_by_name_and_value():
    assert "minimum: 3" in saying.said("event", {"event": "X", "schema": {"properties": {"a": {"anyOf": [{"minimum": 3}]}}}})


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["rule", "tag", "template", "score", "placement", "threshold"])
def test_who_may_only_read_sees_words_and_json_behind_a_closed_heading(client, shop, django_user_model, kind):
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.groups.add(Group.objects.get(name="Auditor"))
    client.force_login(reader)
    key = Item.objects.filter(kind=kind).values_list("key", flat=True).first()

    page = client.get(address(kind, key)).content.decode()

    assert '<p class="sentence">' in page
    assert "As JSON, for developers" in page
    assert "&quot;: " not in CLOSED.sub("", page)


@pytest.mark.django_db
def test_a_version_a_draft_and_an_audit_event_say_words_before_json(pages, anna):
    version = Version.objects.get(item__kind="rule", item__key="bought")
    services.save_draft("shop", kind="rule", key="lingering", body=None, author=anna, now=NOW)
    event = AuditEvent.objects.aggregate(Max("pk"))["pk__max"]
    removal = Draft.objects.get()
    there = (f"version/{version.pk}", f"draft/{removal.pk}", f"auditevent/{event}")
    shown, drafted, told = (pages.get(f"/admin/rules/{one}/change/").content.decode() for one in there)

    assert shown.index("<li>user has buyer") < shown.index("As JSON, for developers")
    assert "&quot;: " not in CLOSED.sub("", shown)
    assert "It removes it." in drafted
    assert "<pre" not in CLOSED.sub("", told)
