"""Event schemas in the admin: written as rows or as JSON, told what is wrong beside the field, and what does not fit them on a page."""

from __future__ import annotations

import json
import time

import pytest
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from admin_ui.writing.rows import RowsWidget
from admin_ui.writing.schemas import PROPERTIES
from decisioning import violations
from decisioning.violations import Kind, Tally
from rules import selectors, words
from tests.admin_ui.conftest import address, filled

ADD = "/admin/rules/eventschema/add/?workspace=shop"
PAGE = "/admin/rules/eventschema/violations/"


def add(pages, schema, **more):
    return pages.post(ADD, {"key": "cancelled", "event": "Order Cancelled", "mode": "enforce", "schema": schema, **more})


def test_a_schema_is_written_in_its_form(pages, anna):
    schema = {"required": ["total"], "properties": {"total": {"type": "number"}}}

    assert add(pages, json.dumps(schema)).status_code == 302

    body = selectors.working_document("shop", author_id=anna.pk)["events"][0]
    assert body == {"key": "cancelled", "event": "Order Cancelled", "schema": schema, "mode": "enforce"}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"type": "wrong"}', "is not valid under any"),
        ('{"$ref": "http://example.com/"}', "own $defs"),
        ('{"properties": {"a": {"pattern": "(a)\\\\1"}}}', "linear-time"),
        ("[1]", "object"),
        ("{", "JSON"),
    ],
)
def test_what_is_wrong_with_a_schema_is_told_beside_it(pages, schema, said):
    response = add(pages, schema)

    assert said in " ".join(response.context["adminform"].form.errors["schema"])


def test_the_list_says_what_is_asked_for(pages):
    add(pages, '{"required": ["total"], "properties": {"total": {}, "currency": {}}}')

    page = pages.get(reverse("admin:rules_eventschema_changelist")).content.decode()

    assert "Order Cancelled: total*, currency, what does not fit is refused" in page
    assert PAGE in page


def test_changing_the_mode_is_told_in_words():
    enforced = {"event": "Order Completed", "mode": "enforce"}

    assert words.changes("event", enforced, {"event": "Order Completed"}) == "what does not fit is taken and counted"
    assert words.changes("event", {"event": "Order Completed"}, enforced) == "what does not fit is refused and counted"


def test_violations_are_listed_by_workspace_most_frequent_first(pages, valkey):
    tally = Tally()
    tally._begin = lambda: None
    for path, count in (("/total", 3), ("/items/*", 5)):
        for _ in range(count):
            tally.violation("shop", Kind("Order <Completed>", path, "type", "enforce"))
    tally.flush(valkey, now=time.time())

    page = pages.get(PAGE).content.decode()

    assert page.index("properties/items/*") < page.index("properties/total")
    assert "Order &lt;Completed&gt;" in page
    assert "refused" in page
    assert "properties/total" not in pages.get(PAGE, {"workspace": "other"}).content.decode()


def test_without_violations_the_page_says_so(pages, valkey):
    assert "every event that has a schema fitted it" in pages.get(PAGE).content.decode()


def test_without_redis_the_page_says_so(pages, monkeypatch):
    def gone(*args, **kwargs):
        raise RedisConnectionError("gone")

    monkeypatch.setattr(violations, "most", gone)

    assert "Redis does not answer" in pages.get(PAGE).content.decode()


def test_who_may_not_see_schemas_may_not_see_violations(client, shop, django_user_model):
    client.force_login(django_user_model.objects.create_user("ben", is_staff=True))

    assert client.get(PAGE).status_code == 403


PRICE = {"type": "number", "minimum": 0, "maximum": 99.5}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"price": PRICE, "size": {"type": "string", "enum": ["S", "M"]}}, "required": ["price"]},
        {"type": "object", "properties": {"stars": {"type": "integer", "enum": [1, 2]}, "at": {"type": "string", "format": "date-time"}}},
        {"type": "object", "properties": {"anything": {}, "gift": {"type": "boolean"}}, "required": ["gift", "anything"]},
    ],
)
def test_a_schema_is_rows_of_properties_that_save_what_was_loaded(pages, anna, schema):
    add(pages, json.dumps(schema))
    there = address("event", "cancelled")
    page, fields = pages.get(there), RowsWidget(PROPERTIES).fields_of(schema, "schema")
    values = {name: value for name, value in filled(page).items() if name != "schema"}

    assert all(f'name="{name}"' in page.content.decode() for name in fields)
    assert pages.post(there, {**values, **fields, "name": "Gone"}).status_code == 302
    saved = selectors.working_document("shop", author_id=anna.pk)["events"][0]
    assert (saved["name"], saved["schema"]) == ("Gone", schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"price": PRICE}},
        {"type": "object", "properties": {"price": {"type": "number", "exclusiveMinimum": 0}}},
        {"type": "object", "properties": {"price": {"type": ["number", "null"]}}},
        {"type": "object", "properties": {"price": PRICE}, "required": ["currency"]},
        {"type": "object", "properties": {"size": {"type": "string", "enum": ["S, M", "L"]}}},
        {"type": "object", "properties": {"price": PRICE}, "additionalProperties": False},
    ],
)
def test_a_schema_that_rows_cant_say_is_shown_whole_as_it_was_written(pages, schema):
    assert RowsWidget(PROPERTIES).fields_of(schema, "schema") is None

    add(pages, json.dumps(schema))
    page = pages.get(address("event", "cancelled"))

    assert page.context["adminform"].form.initial["schema"] == schema
    assert '<textarea name="schema"' in page.content.decode()


def test_a_property_without_a_name_and_one_that_stands_twice_are_refused(pages):
    fields = {"key": "cancelled", "event": "Order Cancelled", "mode": "warn"}

    nameless = pages.post(ADD, {**fields, "schema-0-required": "true"})
    twice = pages.post(ADD, {**fields, "schema-0-key": "a", "schema-1-key": "a"})

    assert "has no name" in " ".join(nameless.context["adminform"].form.errors["schema"])
    assert "more than once" in " ".join(twice.context["adminform"].form.errors["schema"])
