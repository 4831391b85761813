"""Rules that do nothing, can't be reached, or ask for content that does not fit."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.errors import Problem
from rules.engine.tree import walk
from rules.engine.vocabulary import meant
from rules.engine.workspace import Cap, Outcome, Placement, Rule, Template, Workspace


def outcomes(workspace: Workspace) -> Iterator[Problem]:
    templates = {template.key: template for template in workspace.templates}
    used: list[tuple[Placement, Outcome | None, str]] = [
        (placement, placement.fallback, f"$.placements[{index}].fallback.template") for index, placement in enumerate(workspace.placements)
    ]
    used += [(place.placement, place.rule.then, f"{place.path}.then.template") for place in walk(workspace)]
    surplus: dict[tuple[str, str], list[str]] = {}
    for placement, outcome, path in used:
        if outcome is None:
            continue
        key = outcome.template
        if key not in templates:
            yield Problem("unknown_template", path, f"there is no template {key!r}", meant(key, templates))
            continue
        # Many rules use one template: its fields are compared with a placement's once.
        if (placement.key, key) not in surplus:
            surplus[placement.key, key] = sorted(_fields(templates[key]) - set(placement.fields))
        for field in surplus[placement.key, key]:
            words = f"template {key!r} fills the field {field!r}, which placement {placement.key!r} does not have"
            yield Problem("field_not_in_placement", path, words, "Add the field to the placement, or use another template.")


def _fields(template: Template) -> set[str]:
    return {*template.fields, *(key for text in template.locales.values() for key in text.fields)}


def effects(workspace: Workspace) -> Iterator[Problem]:
    for place in walk(workspace):
        if place.rule.then is None and not place.rule.children and place.rule.enabled:
            words = f"rule {place.rule.key!r} shows nothing and has no rules beneath it, so it changes nothing"
            yield Problem("rule_without_effect", place.path, words, "Choose what it shows, put rules beneath it, or switch it off.")
        if place.rule.then is None and place.rule.cap is not None:
            words = f"the cap of rule {place.rule.key!r} never counts: only its children can win"
            yield Problem("cap_without_outcome", f"{place.path}.cap", words, "Put the cap on the rules that have an outcome.")
        if place.rule.cap == Cap():
            words = f"the cap of rule {place.rule.key!r} says of nothing how often"
            yield Problem(
                "empty_cap", f"{place.path}.cap", words, "Write how often per session, day, week or action, or ever; or remove it."
            )


def branches(workspace: Workspace) -> Iterator[Problem]:
    """Rules for when their parent's conditions do not hold, where there is no parent, or none with conditions."""
    for place in walk(workspace):
        if place.depth == 1 and place.rule.branch == "else":
            words = f"rule {place.rule.key!r} is for when the rule above it does not hold, but there is none above it"
            yield Problem("else_without_parent", f"{place.path}.branch", words, "Put it beneath a rule, or take it out of the else branch.")
        if place.rule.when is None:
            for index, child in enumerate(place.rule.children):
                if child.branch == "else":
                    words = f"rule {child.key!r} is never tried: {place.rule.key!r} above it has no conditions, so they always hold"
                    fix = f"Give {place.rule.key!r} conditions, or take the rule out of the else branch."
                    yield Problem("else_never", f"{place.path}.children[{index}].branch", words, fix)


def reached(workspace: Workspace) -> Iterator[Problem]:
    """Every rule after a sibling that always wins, and an outcome whose children always win, unless all that match are collected."""
    always = _always_win(workspace)
    winner: dict[tuple[str, str], Rule] = {}
    for place in walk(workspace):
        siblings = place.path.rpartition("[")[0], place.rule.branch
        if not place.rule.enabled or place.placement.mode == "collect":
            continue
        if siblings in winner:
            words = f"rule {place.rule.key!r} can't be reached: {winner[siblings].key!r} before it always wins"
            fix = f"Move it before {winner[siblings].key!r}, or give that rule a condition or a cap."
            yield Problem("unreachable_rule", place.path, words, fix)
            continue
        if id(place.rule) in always:
            winner[siblings] = place.rule
        if place.rule.then is not None and (child := _winning_child(place.rule, always)) is not None:
            words = f"the outcome of rule {place.rule.key!r} can't be reached: its child {child.key!r} always wins"
            yield Problem("unreachable_outcome", f"{place.path}.then", words, "Remove the outcome, or give the child a condition or a cap.")


def _always_win(workspace: Workspace) -> set[int]:
    """Rules that win whoever asks. Children come after their parents in `walk`, so backwards they are known first."""
    found: set[int] = set()
    for place in reversed(list(walk(workspace))):
        rule = place.rule
        own = rule.then is not None and rule.cap is None
        ungated = rule.enabled and rule.when is None and rule.schedule is None and rule.rollout is None
        if ungated and (own or _winning_child(rule, found) is not None):
            found.add(id(rule))
    return found


def _winning_child(rule: Rule, always: set[int]) -> Rule | None:
    return next((child for child in rule.children if id(child) in always and child.branch == "then"), None)
