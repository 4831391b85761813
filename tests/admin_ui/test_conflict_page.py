"""The page of conflicts: what the checks find in the reader's working copy, by what a person would call it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from rules import services
from rules.models import Version, Workspace
from tests.rules.conftest import BEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(pages):
    """What the page has, by the key of its family."""

    def act():
        return {one["family"].key: one["rows"] for one in pages.get(there()).context["families"]}

    return act


def there(more=""):
    return f"/admin/conflicts/{Workspace.objects.get(key='shop').pk}/{more}"


def draft(author, kind, key, **changes):
    newest = Version.objects.filter(item__kind=kind, item__key=key).first()
    body = {**(newest.body if newest else {}), **changes}
    services.save_draft("shop", kind=kind, key=key, body=body, author=author, now=timezone.now())


def everyone(position, **more):
    return {"placement": "banner", "position": position, "then": {"template": "generic"}, **more}


@pytest.mark.parametrize(
    ("family", "key", "body"),
    [
        ("unknown", "bad", everyone(500, when={"all": [{"name": "nowhere.at.all", "operator": "equal_to", "value": 1}]})),
        (
            "unknown",
            "bad",
            everyone(500, then={"template": "gone"}, when={"all": [{"name": "tags", "operator": "contains", "value": "buyer"}]}),
        ),
        (
            "never",
            "bad",
            everyone(
                500,
                when={
                    "all": [
                        {"name": "traits.plan", "operator": "equal_to", "value": "gold"},
                        {"name": "traits.plan", "operator": "equal_to", "value": "free"},
                    ]
                },
            ),
        ),
        ("shadowed", "bad", everyone(500, when={"all": [{"name": "counts.dwell.1h", "operator": "greater_than", "value": 9000}]})),
        ("ended", "bad", everyone(500, schedule={"until": "2020-01-01"})),
    ],
)
def test_a_rule_in_the_way_of_itself_or_others_stands_under_its_name(found, anna, family, key, body):
    draft(anna, "rule", key, **body)

    rows = found()[family]

    assert [row["whose"] for row in rows] == [f"rule {key}"]
    assert rows[0]["address"].startswith("/admin/rules/rule/")


def test_a_rule_after_one_for_everyone_can_not_be_reached(found, anna):
    draft(anna, "rule", "all-of-them", **everyone(5))

    rows = found()["unreachable"]

    assert {row["whose"] for row in rows} == {"rule lingering"}
    assert not any(row["advice"] for row in rows)


def test_a_template_that_nothing_shows_is_called_unused(found, anna):
    draft(anna, "template", "spare", body="Spare")

    assert [row["whose"] for row in found()["unused"] if "template" in row["whose"]] == ["template spare"]


def test_somebody_elses_draft_is_not_in_the_readers_working_copy(found, shop):
    draft(BEN, "rule", "all-of-them", **everyone(5))

    assert "unreachable" not in found()


def test_a_workspace_without_findings_says_so(pages):
    plain = services.create_workspace("plain", name="Plain").pk

    assert "Nothing is in the way of anything." in pages.get(f"/admin/conflicts/{plain}/").content.decode()
    assert pages.get(f"/admin/conflicts/{plain}/count/").json() == {"blocking": 0, "advised": 0}


def test_the_count_follows_an_edit(pages, anna):
    before = pages.get(there("count/")).json()
    draft(anna, "rule", "all-of-them", **everyone(5))

    after = pages.get(there("count/")).json()

    assert before["blocking"] == 0
    assert after["blocking"] > 0


def test_a_count_that_nothing_changed_is_not_made_again(pages, django_assert_max_num_queries):
    pages.get(there("count/"))

    with django_assert_max_num_queries(8):
        pages.get(there("count/"))


def test_a_schedule_that_is_not_over_is_no_conflict(found, anna):
    ends = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    draft(anna, "rule", "bad", **everyone(500, schedule={"until": ends}))

    assert "ended" not in found()
