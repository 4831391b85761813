"""The example workspaces are documents that anybody could publish as they are."""

from __future__ import annotations

import re

import pytest

from decisioning.management.recording import read
from rules.engine import check, parse_workspace
from rules.engine.workspace import Placement, Rule, Workspace
from rules.templating import check_template
from tests.examples.shipped import FOLDER, KEYS, document, recording

DOCS = (FOLDER.parents[1] / "docs/examples.md").read_text()


def rules_of(placement: Placement) -> list[Rule]:
    def below(rules: list[Rule]) -> list[Rule]:
        return [one for rule in rules for one in (rule, *below(rule.children))]

    return below(placement.rules)


@pytest.fixture(params=KEYS)
def workspace(request: pytest.FixtureRequest) -> Workspace:
    return parse_workspace(document(request.param))


def test_all_six_examples_are_shipped_with_a_recording_each():
    assert {path.name for path in FOLDER.glob("*.json")} == {f"{key}.json" for key in KEYS}
    assert {path.name for path in FOLDER.glob("*.jsonl")} == {f"{key}.events.jsonl" for key in KEYS}


def test_an_example_has_no_problem(workspace):
    assert check(workspace) == []
    assert [problem for template in workspace.templates for problem in check_template(template)] == []


def test_every_template_is_used(workspace):
    used = {rule.then.template for placement in workspace.placements for rule in rules_of(placement) if rule.then}
    used |= {placement.fallback.template for placement in workspace.placements if placement.fallback}
    assert {template.key for template in workspace.templates} == used


def test_a_template_of_fields_fills_the_fields_of_its_placement(workspace):
    templates = {template.key: template for template in workspace.templates}
    for placement in workspace.placements:
        if placement.content == "fields":
            for rule in rules_of(placement):
                assert rule.then is None or set(templates[rule.then.template].fields) == set(placement.fields), rule.key


def test_what_a_marketer_reads_of_a_signal_or_tag_names_its_event(workspace):
    for told in (*workspace.signals, *(tag for tag in workspace.tags if tag.assign)):
        trigger = told if hasattr(told, "event") else told.assign
        parts = (trigger,) if trigger.event else (*trigger.steps, *trigger.all)
        same_as_above = told.description.startswith("The same")
        assert same_as_above or all(part.event in told.description for part in parts), told.key


def test_the_documentation_names_every_event_rule_tag_and_score(workspace):
    section = DOCS.split(f"\n## {workspace.workspace.key}:")[1].split("\n## ")[0]
    topics = {"science", "business", "culture", "sport"}
    names = {
        *(signal.event for signal in workspace.signals),
        *(tag.key for tag in workspace.tags),
        *(rule.key for placement in workspace.placements for rule in rules_of(placement)),
        *(score.key for score in workspace.scores),
    }
    general = {re.sub(rf"({'|'.join(topics)})$", "<topic>", name) if workspace.workspace.key == "news" else name for name in names}
    assert {name for name in general if f"`{name}`" not in section} == set()


@pytest.mark.parametrize("key", KEYS)
def test_a_recording_belongs_to_its_workspace(key):
    told, workspace = read(recording(key)), parse_workspace(document(key))
    assert told.header.workspace == key
    assert set(told.header.placements) <= {placement.key for placement in workspace.placements}
    assert 15 <= len(told.lines) <= 40
    assert len({line.user for _, _, line in told.lines}) <= 3
