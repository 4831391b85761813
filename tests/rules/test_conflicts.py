"""Drafts that meet: both sides are told apart field by field, put together, and nobody's work is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Draft, Item, Version
from rules.selectors import Thing, merged
from tests.rules.conftest import ANNA, BEN, NOW, load, publish

BODIES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([None, 0, 1, True, "x", [1]]))


@given(BODIES, BODIES)
def test_a_side_that_changed_nothing_gives_way(base, changed):
    assert merged(base, base, changed) == (changed, ())
    assert merged(base, changed, base) == (changed, ())


@given(BODIES, BODIES, BODIES)
def test_a_merge_says_of_every_field_what_one_of_the_sides_says_and_mine_where_both_changed_it(base, mine, theirs):
    body, clashes = merged(base, mine, theirs)

    for field in {*base, *mine, *theirs}:
        held = ({field: body[field]} if field in body else {}, {field: mine[field]} if field in mine else {})
        assert selectors.same(*held) or selectors.same(held[0], {field: theirs[field]} if field in theirs else {})
        if field in clashes:
            assert selectors.same(*held)


@pytest.mark.django_db
class TestDrafts:
    @pytest.fixture(autouse=True)
    def _shop(self, shop: dict[str, Any]) -> None:
        load(shop)
        publish()

    def draft(self, author: Any, **body: Any) -> Draft:
        draft = services.save_draft("shop", kind="template", key="generic", body={"body": "Hello", **body}, author=author, now=NOW)
        assert draft is not None
        return draft

    def thing(self) -> Thing:
        item = Item.objects.get(kind="template", key="generic")
        found = selectors.thing(item.workspace, item.kind, item.key)
        assert found is not None
        return found

    def rebase(self, way: Any, other: Draft | None = None, author: Any = ANNA) -> Draft:
        thing = self.thing()
        seen = {"other": other.pk, "revision": other.revision} if other else {}
        return services.rebase_draft(thing.item, author=author, way=way, now=NOW, expected=thing.token(author.id), **seen)

    def anna_is_late(self) -> None:
        """Anna and Ben change different fields of one version, and Ben's goes live."""
        self.draft(ANNA, name="Greeting")
        self.draft(BEN, description="Says hello")
        services.submit("shop", reason="ben", now=NOW, author=BEN)
        publish(only_by=BEN)

    def test_two_drafts_on_one_base_are_a_conflict_of_each(self):
        self.draft(ANNA, name="Greeting")
        self.draft(BEN, description="Says hello")

        [of_anna], [of_ben] = (selectors.conflicts(self.thing(), who.id) for who in (ANNA, BEN))

        assert (of_anna.whose, of_ben.whose) == ("Ben", "Anna")
        assert of_anna.clashes == ()

    def test_submitting_everybodys_is_refused_and_submitting_ones_own_is_not(self):
        self.draft(ANNA, name="Greeting")
        self.draft(BEN, description="Says hello")

        with pytest.raises(DocumentError) as refused:
            services.submit("shop", reason="all", now=NOW)
        services.submit("shop", reason="mine", now=NOW, author=BEN)

        assert [problem.code for problem in refused.value.problems] == ["draft_conflict"]
        assert [draft.author_name for draft in Draft.objects.all()] == ["Anna"]

    def test_a_draft_whose_base_was_superseded_is_kept_and_refused_until_it_is_put_on_the_newest(self):
        self.anna_is_late()

        with pytest.raises(DocumentError) as refused:
            services.submit("shop", reason="anna", now=NOW, author=ANNA)

        assert [problem.code for problem in refused.value.problems] == ["draft_outdated"]
        assert Draft.objects.get().body == {"body": "Hello", "name": "Greeting"}

    def test_taking_both_holds_both_sides_changes(self):
        self.anna_is_late()

        self.rebase("both")
        [version] = services.submit("shop", reason="both", now=NOW, author=ANNA)

        assert version.body == {"body": "Hello", "name": "Greeting", "description": "Says hello"}
        assert version.based_on == 2

    def test_keeping_mine_says_what_it_said_on_the_newest_base(self):
        self.anna_is_late()

        draft = self.rebase("mine")

        assert (draft.body, draft.based_on) == ({"body": "Hello", "name": "Greeting"}, 2)

    def test_taking_theirs_can_be_taken_back(self):
        self.anna_is_late()

        theirs = self.rebase("theirs").body
        back = self.rebase("back")

        assert theirs == {"body": "Hello", "description": "Says hello"}
        assert (back.body, back.based_on) == ({"body": "Hello", "name": "Greeting"}, 2)

    def test_where_both_changed_one_field_mine_is_taken_and_the_field_is_named(self):
        self.draft(ANNA, name="Greeting")
        other = self.draft(BEN, name="Salute", description="Says hello")
        [conflict] = selectors.conflicts(self.thing(), ANNA.id)

        draft = self.rebase("both", other)

        assert conflict.clashes == ("name",)
        assert draft.body == {"body": "Hello", "name": "Greeting", "description": "Says hello"}
        assert Draft.objects.get(author_id=BEN.id).body["name"] == "Salute"

    def test_a_removal_and_a_change_can_not_be_put_together(self):
        self.anna_is_late()
        services.save_draft("shop", kind="template", key="generic", body=None, author=ANNA, now=NOW)
        Draft.objects.update(based_on=1)

        with pytest.raises(DocumentError) as refused:
            self.rebase("both")

        assert [problem.code for problem in refused.value.problems] == ["cannot_merge"]

    def test_what_changed_after_the_page_was_opened_is_shown_first(self):
        self.draft(ANNA, name="Greeting")
        seen = self.draft(BEN, name="Salute")
        self.draft(BEN, name="Hail")

        with pytest.raises(DocumentError) as refused:
            self.rebase("theirs", seen)

        assert [problem.code for problem in refused.value.problems] == ["draft_changed"]
        assert Draft.objects.get(author_id=ANNA.id).body["name"] == "Greeting"

    def test_nothing_is_put_together_where_there_is_no_draft(self):
        with pytest.raises(DocumentError):
            self.rebase("mine")
        assert not Draft.objects.exists()
        assert Version.objects.filter(item__key="generic").count() == 1
