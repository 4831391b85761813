"""A placement's page gives its rules out as a table and takes one in as drafts."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from admin_ui.placements import place
from rules import selectors
from rules.engine import limits
from rules.models import Draft, Item
from tests.admin_ui.conftest import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(shop) -> str:
    return f"/admin/rules/placement/{Item.objects.get(kind='placement', key='banner').pk}"


def upload(pages, there: str, text: str | bytes, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return pages.post(f"{there}/table/", {"file": SimpleUploadedFile("rules.csv", data)}, **options)


def test_a_placements_page_leads_to_its_rules_and_tables(pages, there):
    page = pages.get(f"{there}/change/").content.decode()

    assert "workspace=shop&amp;placement=banner" in page
    assert f"{there}/table.csv" in page
    assert f"{there}/table/" in page


def test_the_table_is_downloaded_as_a_spreadsheet_reads_it(pages, there):
    upload(pages, there, "key,name,then\nall,Überall,loyal\n")

    answer = pages.get(f"{there}/table.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="shop-banner.csv"'
    assert answer.content.decode() == "\ufeffkey,name,then\r\nall,Überall,loyal\r\n"


def test_rules_that_do_not_fit_are_named_instead(pages, there):
    answer = pages.get(f"{there}/table.csv", follow=True)

    assert "bought" in said(answer)
    assert "children" in said(answer)


def test_what_is_uploaded_is_in_ones_own_drafts(pages, anna, there):
    answer = upload(pages, there, "key,then\nall,loyal\n", follow=True)

    assert "1 added, 0 changed, 3 removed, 0 unchanged" in said(answer)
    assert set(Draft.objects.values_list("author_id", flat=True)) == {anna.pk}
    assert [rule["key"] for rule in selectors.working_document("shop", author_id=anna.pk)["placements"][0]["rules"]] == ["all"]


def test_what_was_downloaded_can_be_uploaded_again(pages, there):
    upload(pages, there, "key,name,tags contains,then\nall,=1+1,buyer,loyal\n")
    drafts = list(Draft.objects.values_list("item__key", "body").order_by("pk"))

    answer = upload(pages, there, pages.get(f"{there}/table.csv").content, follow=True)

    assert "0 added, 0 changed, 0 removed, 1 unchanged" in said(answer)
    assert list(Draft.objects.values_list("item__key", "body").order_by("pk")) == drafts


def test_problems_are_listed_by_their_cells_and_nothing_is_written(pages, there):
    page = upload(pages, there, "key,then,traits.plan =\na,loyal,silver\nb,loyl,\n").content.decode()

    assert "Nothing was taken over from rules.csv" in page
    assert '<th scope="row">C2</th>' in page
    assert '<th scope="row">B3</th>' in page
    assert "Did you mean loyal?" in page
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"\xff\xfe", "UTF-8"), (b"x" * (4 * limits.TABLE_CHARACTERS + 1), "larger"), (b"<script>,a", "&lt;script&gt;")],
    ids=["empty", "not text", "large", "hostile"],
)
def test_a_file_that_is_no_table_is_refused(pages, there, data, words):
    answer = upload(pages, there, data)

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "<script>," not in answer.content.decode()


def test_no_file_is_asked_for_again(pages, there):
    assert "This field is required" in pages.post(f"{there}/table/", {}).content.decode()


def test_who_may_only_look_downloads_and_does_not_upload(client, django_user_model, there):
    auditor = django_user_model.objects.create_user("auditor", is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(auditor)

    page = client.get(f"{there}/change/").content.decode()

    assert "table.csv" in page
    assert "Upload" not in page
    assert client.get(f"{there}/table/").status_code == 403
    assert upload(client, there, "key,then\nall,loyal\n").status_code == 403


def test_who_may_not_see_rules_gets_no_table(client, django_user_model, there):
    client.force_login(django_user_model.objects.create_user("visitor", is_staff=True))

    assert client.get(f"{there}/table.csv").status_code == 403


def test_there_is_no_table_of_what_is_no_placement(pages, shop):
    rule = Item.objects.get(kind="rule", key="bought")

    assert pages.get(f"/admin/rules/placement/{rule.pk}/table.csv").status_code == 404
    assert pages.get(f"/admin/rules/placement/{rule.pk}/table/").status_code == 404


@pytest.mark.parametrize(
    ("path", "where"),
    [("$.rows[3].B", "B3"), ("$.rows[1]", "row 1"), ("$", "file"), ("$.segment.regulars", "segment regulars")],
)
def test_a_problems_place_is_what_a_spreadsheet_calls_it(path, where):
    assert place(path) == where


def test_the_page_has_neither_inline_script_nor_inline_style(pages, there):
    page = upload(pages, there, "key\na\n").content.decode()

    assert " style=" not in page
    assert "<style" not in page
