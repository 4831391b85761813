"""Event schemas in the admin: written as JSON, told what is wrong beside the field, and what does not fit them on a page."""

from __future__ import annotations

import json
import time

import pytest
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from decisioning import violations
from decisioning.violations import Kind, Tally
from rules import selectors, words

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
