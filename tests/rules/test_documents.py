"""Workspace documents go in as drafts and come out again as they were."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rules import selectors, services
from rules.bundles import read_document
from rules.engine import DocumentError
from rules.models import Draft, Item, Release, Version, Workspace
from tests.rules.conftest import ANNA, BEN, NOW, document, load, plain, publish

pytestmark = pytest.mark.django_db


def test_a_loaded_document_is_dumped_as_it_was(shop):
    load(shop)

    assert plain(selectors.working_document("shop")) == plain(shop)


def test_loading_what_was_dumped_changes_nothing(shop):
    load(shop)

    report = load(selectors.working_document("shop"))

    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 14)


def test_loading_makes_drafts_and_nothing_live(shop):
    load(shop)

    assert (Draft.objects.count(), Version.objects.count()) == (14, 0)


def test_loading_again_after_publishing_leaves_no_drafts(shop):
    load(shop)
    publish()

    load(shop)

    assert Draft.objects.count() == 0


def test_only_what_differs_becomes_a_new_version(shop):
    load(shop)
    publish()
    shop["thresholds"][0]["value"] = 900

    report = load(shop)
    publish(reason="longer")

    assert (report.changed, report.unchanged) == (1, 13)
    assert list(Version.objects.filter(number=2).values_list("item__key", flat=True)) == ["long"]


def test_what_a_document_does_not_name_is_removed_with_the_next_release(shop):
    load(shop)
    publish()
    shop["tags"].append({"key": "extra", "assign": {"event": "Extra"}})
    load(shop)
    publish(reason="more")
    shop["tags"].pop()

    report = load(shop)
    publish(reason="less")

    assert report.removed == 1
    assert Version.objects.get(item__key="extra", number=2).body is None
    assert plain(selectors.working_document("shop")) == plain(shop)


def test_what_was_removed_can_come_back_under_its_key(shop):
    load(shop)
    publish()
    without = {**shop, "context": []}
    load(without)
    publish(reason="without")

    report = load(shop)
    publish(reason="with")

    assert report.added == 1
    assert Version.objects.filter(item__key="device").count() == 3


def test_a_new_thing_that_is_dropped_before_it_went_anywhere_leaves_nothing(shop):
    load({**shop, "context": [*shop["context"], {"key": "mood"}]})

    load(shop)

    assert not Item.objects.filter(key="mood").exists()


def test_a_rule_put_between_two_others_leaves_their_versions_alone(shop):
    load(shop)
    publish()
    shop["placements"][0]["rules"].insert(
        1,
        {"key": "between", "when": {"all": [{"name": "user.known", "operator": "is_true"}]}, "then": {"template": "loyal"}},
    )

    report = load(shop)

    assert (report.added, report.changed) == (1, 0)
    assert [rule["key"] for rule in selectors.working_document("shop")["placements"][0]["rules"]] == ["bought", "between", "lingering"]


def test_a_rule_moved_under_another_parent_is_one_changed_rule(shop):
    load(shop)
    rules = shop["placements"][0]["rules"]
    rules[0]["children"].append(rules.pop())

    report = load(shop)

    assert (report.changed, report.unchanged) == (1, 13)


def test_somebody_elses_draft_is_left_alone_and_named(shop):
    load(shop, author=BEN)

    report = load(shop, author=ANNA)

    assert "tag Bought lately (buyer) by Ben" in report.others
    assert Draft.objects.filter(author_id=BEN.id).count() == 14


def test_a_document_with_problems_writes_nothing_and_names_every_one(shop):
    shop["workspace"]["key"] = "broken"
    shop["thresholds"].append({"key": "long", "value": 1})
    shop["placements"][0]["fallback"]["template"] = "absent"
    shop["templates"][0]["body"] = "{{ unclosed"

    with pytest.raises(DocumentError) as refused:
        load(shop)

    codes = {problem.code for problem in refused.value.problems}
    assert {"duplicate_key", "unknown_template"} < codes
    assert any(problem.path.startswith("$.templates[0]") for problem in refused.value.problems)
    assert not Workspace.objects.filter(key="broken").exists()


@pytest.mark.parametrize("value", [10**18, 1e300, -1e16])
def test_numbers_that_would_come_back_as_others_are_refused(shop, value):
    shop["placements"][0]["rules"][1]["when"]["all"][0]["value"] = value

    with pytest.raises(DocumentError) as refused:
        load(shop)

    assert {problem.code for problem in refused.value.problems} == {"bad_number"}


def test_settings_are_taken_over(shop):
    load(shop)
    shop["workspace"]["name"] = "The other shop"

    load(shop)

    assert Workspace.objects.get(key="shop").name == "The other shop"


def test_the_command_loads_publishes_and_dumps(shop, tmp_path, capsys):
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))

    call_command("load", file, "--publish", "from a file")
    call_command("dump", "shop")

    loaded, dumped = capsys.readouterr().out.split("\n{", 1)
    assert "14 added" in loaded
    assert "release 1" in loaded
    assert plain(json.loads("{" + dumped)) == plain(shop)


def test_loading_the_same_file_twice_publishes_once_and_says_so(shop, tmp_path, capsys):
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))
    call_command("load", file, "--publish", "first")

    call_command("load", file, "--publish", "second")

    assert "Release 1 already says all of this" in capsys.readouterr().out


def test_the_command_prints_each_problem_with_path_code_and_fix_and_fails(shop, tmp_path, capsys):
    shop["placements"][0]["fallback"]["template"] = "generik"
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))

    with pytest.raises(CommandError, match="nothing was written"):
        call_command("load", file)

    line = capsys.readouterr().err.strip()
    assert line.startswith("$.placements[0].fallback.template: ")
    assert "[unknown_template] -> Did you mean generic?" in line
    assert not Workspace.objects.exists()


def test_the_command_prints_what_is_worth_a_look_and_goes_on(shop, tmp_path, capsys):
    shop["placements"][0]["limit"] = 3
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))

    call_command("load", file, "--publish", "all the same")

    printed = capsys.readouterr()
    assert "worth a look: $.placements[0].limit: " in printed.err
    assert "[limit_unused] -> Remove the limit" in printed.err
    assert "release 1" in printed.out


def test_with_four_eyes_the_command_only_asks_for_approval(shop, tmp_path, capsys):
    shop["workspace"]["four_eyes"] = True
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))

    call_command("load", file, "--publish", "please")

    assert "14 versions wait for a second person's approval" in capsys.readouterr().out
    assert not Release.objects.exists()


def test_the_command_names_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="can't be read"):
        call_command("load", tmp_path / "absent.json")


def test_the_command_gives_drafts_to_the_person_it_is_told(shop, tmp_path, django_user_model):
    anna = django_user_model.objects.create_user("anna")
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))

    call_command("load", file, "--user", "anna")

    assert set(Draft.objects.values_list("author_id", "author_name")) == {(anna.pk, "anna")}


def test_a_dump_is_the_same_text_whatever_the_order_it_was_loaded_in(shop, capsys):
    load(shop)
    call_command("dump", "shop")
    first = capsys.readouterr().out
    load({**shop, "signals": shop["signals"][::-1], "templates": shop["templates"][::-1]})

    call_command("dump", "shop")

    assert capsys.readouterr().out == first


def test_dumping_an_unknown_workspace_says_so():
    with pytest.raises(CommandError, match="no workspace nowhere"):
        call_command("dump", "nowhere")


@pytest.mark.parametrize("name", ["apparel", "homepage", "checkout", "news", "academy", "longread"])
def test_each_example_survives_load_and_dump(name, settings):
    source = json.loads((settings.BASE_DIR / "templates" / "examples" / f"{name}.json").read_text())
    load(source)

    report = load(selectors.working_document(name))

    assert plain(selectors.working_document(name)) == plain(source)
    assert report.changed == report.added == report.removed == 0


def test_reading_a_file_refuses_what_is_not_json():
    with pytest.raises(DocumentError) as refused:
        read_document(b'{"workspace": ')

    assert [problem.code for problem in refused.value.problems] == ["json_syntax"]


def test_a_document_parsed_from_bytes_is_the_one_loaded(shop):
    assert read_document(json.dumps(shop).encode()) == (document(shop), None)


def test_a_file_that_switches_four_eyes_off_is_told_so(shop, tmp_path, capsys):
    shop["workspace"]["four_eyes"] = True
    load(shop)
    shop["workspace"]["four_eyes"] = False
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))

    call_command("load", str(file), publish="alone")

    out = capsys.readouterr().out
    assert "four eyes switched off by this file" in out
    assert "published as release 1" in out


@pytest.mark.parametrize("before", [None, False, True])
def test_a_file_that_leaves_four_eyes_as_they_are_or_switches_them_on_says_nothing_of_it(shop, tmp_path, capsys, before):
    if before is not None:
        load({**shop, "workspace": {**shop["workspace"], "four_eyes": before}})
    file = tmp_path / "shop.json"
    file.write_text(json.dumps({**shop, "workspace": {**shop["workspace"], "four_eyes": bool(before)}}))

    call_command("load", str(file))

    assert "four eyes" not in capsys.readouterr().out


def test_many_things_are_loaded_changed_and_submitted_by_as_many_queries_as_one(shop):
    assert _queries(shop, 30) == _queries(shop, 1)


def _queries(source, templates: int) -> list[int]:
    source = deepcopy(source) | {"templates": [*source["templates"], *({"key": f"t{number}", "body": "Hi"} for number in range(templates))]}
    source["workspace"]["key"] = f"shop-{templates}"
    found = []
    for body in ("Hi", "Ho"):
        for template in source["templates"][2:]:
            template["body"] = body
        for act in (lambda: load(source), lambda: load(source), lambda: services.submit(source["workspace"]["key"], reason="", now=NOW)):
            with CaptureQueriesContext(connection) as queries:
                act()
            found.append(len(queries))
    return found
