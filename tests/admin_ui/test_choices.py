"""What is chosen from a list is said in words, and stored as the document's own word for it."""

from __future__ import annotations

import pytest

from admin_ui.form.fields import leaves
from admin_ui.forms import ApiKeyForm
from admin_ui.inputs import ZoneField
from admin_ui.writing.rows import Rows, RowsWidget
from rules import bodies, words
from rules.models import Draft
from tests.admin_ui.conftest import change


def offered(kind):
    """Every choice of a kind's form that is no other thing and no time zone, as its value and what is shown."""
    for leaf in leaves(kind):
        if isinstance(leaf.field.widget, RowsWidget):
            yield from _of_rows(leaf.field.widget.rows)
        elif hasattr(leaf.field, "choices") and leaf.reference is None and not isinstance(leaf.field, ZoneField):
            yield from leaf.field.choices


def _of_rows(rows: Rows):
    for cell in rows.cells:
        yield from cell.choices
    for inner in rows.inner:
        yield from _of_rows(inner)


@pytest.mark.parametrize("kind", bodies.KINDS)
def test_no_form_offers_a_machines_word(kind):
    assert [value for value, shown in offered(kind) if value == shown] == []


@pytest.mark.django_db
def test_what_a_key_may_do_is_said_in_words():
    assert [value for value, shown in ApiKeyForm().fields["scopes"].choices if value == shown] == []


@pytest.mark.django_db
def test_a_choice_in_words_stores_the_documents_own_word(pages):
    change(pages, "template", "generic", engine="jinja")
    change(pages, "placement", "banner", content="text")

    assert {draft.item.key: draft.body.get("engine") or draft.body.get("content") for draft in Draft.objects.select_related("item")} == {
        "generic": "jinja",
        "banner": "text",
    }


def test_a_line_on_a_placement_and_on_its_change_says_what_the_form_says():
    assert words.summary("placement", {"content": "fields"}).startswith("Data fields (JSON)")
    assert words.changes("placement", {"content": "html"}, {"content": "text"}) == "kind of content Formatted text (HTML) became Plain text"
