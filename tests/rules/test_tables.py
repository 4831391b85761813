"""A placement's rules go out as a table and come in as drafts: whole or not at all, with every problem by its cell."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from rules import selectors, services
from rules.engine import DocumentError
from rules.models import Draft, Item, Release
from tests.rules.conftest import ANNA, BEN, NOW, load, publish

pytestmark = pytest.mark.django_db

TABLE = (
    "key,name,tags contains,counts.dwell.1h >,then,cap.session\r\n"
    "bought,,buyer,,loyal,1\r\n"
    "lingering,,,'@long,generic,\r\n"
)  # fmt: skip


@pytest.fixture
def flat(shop: dict[str, Any]) -> dict[str, Any]:
    """The shop with rules that fit into a table, published."""
    del shop["placements"][0]["rules"][0]["children"]
    load(shop)
    publish()
    return shop


def rules(author: int | None = ANNA.id) -> list[dict[str, Any]]:
    return selectors.working_document("shop", author_id=author)["placements"][0].get("rules", [])


def take(text: str | bytes, **options: Any) -> services.LoadReport:
    data = text if isinstance(text, bytes) else text.encode()
    return services.load_table("shop", "banner", data, **{"author": ANNA, "now": NOW, **options})


def refused(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as error:
        take(text)
    return [(problem.code, problem.path) for problem in error.value.problems]


def test_the_rules_of_a_placement_are_a_table(flat):
    assert selectors.placement_table("shop", "banner") == TABLE


def test_taking_in_what_was_given_out_changes_nothing(flat):
    report = take(selectors.placement_table("shop", "banner"))

    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 2)
    assert not Draft.objects.exists()


def test_a_table_replaces_the_placements_rules_by_drafts(flat):
    report = take("key,then,traits.plan =\ngold,loyal,gold\nlingering,generic,\n")

    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 1, 1, 0)
    assert rules() == [
        {"key": "gold", "when": {"name": "traits.plan", "operator": "equal_to", "value": "gold"}, "then": {"template": "loyal"}},
        {"key": "lingering", "then": {"template": "generic"}},
    ]
    assert [rule["key"] for rule in rules(BEN.id)] == ["bought", "lingering"]
    assert Release.objects.count() == 1


def test_the_order_of_the_rows_is_that_of_the_rules(flat):
    heads, first, second, _ = TABLE.split("\r\n")

    take("\r\n".join([heads, second, first]))

    assert [rule["key"] for rule in rules()] == ["lingering", "bought"]


def test_rules_beneath_others_go_when_a_table_comes(shop):
    load(shop)
    publish()

    report = take(TABLE)

    assert report.removed == 1
    assert [(rule["key"], rule.get("children")) for rule in rules()] == [("bought", None), ("lingering", None)]


def test_a_draft_of_ones_own_is_what_goes_out(flat):
    services.save_draft("shop", kind="rule", key="bought", body=None, author=ANNA, now=NOW)

    assert "bought" not in selectors.placement_table("shop", "banner", author_id=ANNA.id)
    assert "bought" in selectors.placement_table("shop", "banner", author_id=BEN.id)


def test_somebody_elses_drafts_are_left_alone_and_named(flat):
    services.save_draft("shop", kind="rule", key="bought", body=None, author=BEN, now=NOW)

    assert take(TABLE).others == ("rule bought by Ben",)


def test_values_are_read_by_the_types_of_the_workspace(shop):
    del shop["placements"][0]["rules"][0]["children"]
    shop["traits"].append({"key": "floor", "type": "text"})
    load(shop)

    take("key,then,traits.floor =\na,loyal,10\n")

    assert rules()[0]["when"]["value"] == "10"


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("key,then,traits.plan =\na,loyal,silver\n", [("unknown_value", "$.rows[2].C")]),
        ("key,then,traits.plan =,tags contains\na,loyal,gold,\n\nb,loyal,free,vip\n", [("unknown_tag", "$.rows[4].D")]),
        ("key,then,traits.plna =\na,loyal,gold\n", [("unknown_name", "$.rows[2].C")]),
        ("key,then\na,royal\n", [("unknown_template", "$.rows[2].B")]),
        ("key,then\na,\n", [("rule_without_effect", "$.rows[2].A")]),
        ("key,then\na,loyal\nb,loyal\n", [("unreachable_rule", "$.rows[3].A")]),
        ("key,then,counts.dwell.1h >\na,loyal,many\n", [("wrong_value", "$.rows[2].C")]),
        ("key,then\na b,loyal\n", [("bad_value", "$.rows[2].A")]),
        (b"key,name,then\na,caf\xe9,loyal\n", [("table_syntax", "$")]),
    ],
)
def test_what_can_not_go_live_is_refused_by_its_cell_and_nothing_is_written(flat, table, found):
    assert refused(table) == found
    assert not Draft.objects.exists()


def test_a_key_that_a_rule_of_another_placement_has_is_refused(shop):
    shop["placements"].append({"key": "aside", "rules": [{"key": "side", "then": {"template": "generic"}}]})
    load(shop)

    assert refused("key,then\nside,loyal\n") == [("duplicate_key", "$.rows[2].A")]


def test_problems_that_were_there_before_do_not_keep_a_table_out(flat):
    services.save_draft("shop", kind="template", key="other", body={"body": "{{ unclosed"}, author=ANNA, now=NOW)

    assert take("key,then\nall,loyal\n").added == 1


def test_rules_that_do_not_fit_are_not_written(shop):
    load(shop)

    with pytest.raises(DocumentError) as error:
        selectors.placement_table("shop", "banner")

    assert [problem.path for problem in error.value.problems] == ["$.rules.bought.children"]


def test_a_rule_that_has_lost_its_parent_is_told_instead_of_left_out(flat):
    services.save_draft(
        "shop", kind="rule", key="lost", body={"placement": "banner", "parent": "gone", "then": {"template": "loyal"}}, author=ANNA, now=NOW
    )

    with pytest.raises(DocumentError) as error:
        selectors.placement_table("shop", "banner", author_id=ANNA.id)

    assert [problem.code for problem in error.value.problems] == ["unknown_parent"]


@pytest.mark.parametrize(("workspace", "placement"), [("nowhere", "banner"), ("shop", "nowhere")])
def test_a_placement_that_is_not_there_is_refused_both_ways(flat, workspace, placement):
    with pytest.raises(DocumentError):
        selectors.placement_table(workspace, placement)
    with pytest.raises(DocumentError):
        services.load_table(workspace, placement, TABLE.encode(), author=ANNA, now=NOW)


def test_a_new_rule_that_is_dropped_before_it_went_anywhere_leaves_nothing(flat):
    take(TABLE + "new,,buyer,,loyal,\r\n")

    take(TABLE)

    assert not Item.objects.filter(key="new").exists()


class TestCommand:
    def test_it_exports_what_it_imports(self, flat, tmp_path, capsys):
        file = tmp_path / "rules.csv"
        file.write_bytes(b"\xef\xbb\xbf" + TABLE.replace("loyal,1", "loyal,5").encode())

        call_command("table", "import", str(file), "shop", "banner")
        said = capsys.readouterr().out
        call_command("table", "export", "shop", "banner")

        assert "shop, banner: 0 added, 1 changed, 0 removed, 1 unchanged" in said
        assert capsys.readouterr().out == TABLE.replace("loyal,1", "loyal,5")
        assert Release.objects.count() == 1

    def test_it_publishes_when_asked(self, flat, tmp_path, capsys):
        file = tmp_path / "rules.csv"
        file.write_text("key,then\nall,loyal\n")

        call_command("table", "import", str(file), "shop", "banner", "--publish", "one for all")

        assert "published as release 2" in capsys.readouterr().out
        assert Release.objects.get(number=2).reason == "one for all"

    def test_with_four_eyes_it_only_asks_for_approval(self, flat, tmp_path, capsys):
        services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True)
        file = tmp_path / "rules.csv"
        file.write_text("key,then\nall,loyal\n")

        call_command("table", "import", str(file), "shop", "banner", "--publish", "please")

        assert "3 versions wait for a second person's approval" in capsys.readouterr().out

    def test_it_prints_each_problem_with_cell_code_and_fix_and_fails(self, flat, tmp_path, capsys):
        file = tmp_path / "rules.csv"
        file.write_text("key,then\na,loyl\n")

        with pytest.raises(CommandError, match="nothing was written"):
            call_command("table", "import", str(file), "shop", "banner")

        assert capsys.readouterr().err.startswith("$.rows[2].B: ")

    def test_it_names_a_file_that_is_not_there(self, flat, tmp_path):
        with pytest.raises(CommandError, match="can't be read"):
            call_command("table", "import", str(tmp_path / "absent.csv"), "shop", "banner")

    def test_it_gives_drafts_to_the_person_it_is_told(self, flat, tmp_path, django_user_model):
        anna = django_user_model.objects.create_user("anna")
        file = tmp_path / "rules.csv"
        file.write_text("key,then\nall,loyal\n")

        call_command("table", "import", str(file), "shop", "banner", "--user", "anna")

        assert set(Draft.objects.values_list("author_id", flat=True)) == {anna.pk}
