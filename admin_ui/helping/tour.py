"""A tour in a few steps: what each place is for, told to who may work there."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse

from admin_ui.opening import READS


class Step(NamedTuple):
    title: str
    words: str
    page: str = ""
    needs: tuple[str, ...] = ()
    """All of these permissions; the first step of a title whose needs are met is told."""


STEPS = (
    Step(
        "Signpost decides what a user sees",
        "An app asks “what goes here?”, and rules answer at once, by what is known of that user. Nothing that is written here reaches "
        "a user before it is published, so look around without fear.",
    ),
    Step(
        "Today",
        "Your day at a glance: your drafts, what waits for you, what begins or ends soon, and how each workspace does.",
        "admin:index",
    ),
    Step(
        "Rules",
        "Each placement has a list of rules, tried from the top: the first whose conditions hold decides. Add one, move it with Alt "
        "and the arrow keys, open it to change it. What you type is kept by itself; it becomes your draft when you save.",
        "admin:rules_rule_changelist",
        ("rules.change_rule",),
    ),
    Step(
        "Rules",
        "Each placement has a list of rules, tried from the top: the first whose conditions hold decides. You may read all "
        "of them, and see how often each won.",
        "admin:rules_rule_changelist",
        ("rules.view_rule",),
    ),
    Step(
        "Templates",
        "The texts that rules show. Values of the user go in with a click, and the preview beside the text shows what comes out.",
        "admin:rules_template_changelist",
        ("rules.change_template",),
    ),
    Step(
        "What is known of users",
        "Segments, tags and scores: the words that conditions are made of. Tags come with events; a score adds up what a "
        "user did; a segment is a set of conditions with a name.",
        "admin:rules_segment_changelist",
        ("rules.change_segment",),
    ),
    Step(
        "Playground",
        "Try as a user: a made-up one, or a real id. It says what they would get, and for every condition on the way why it holds or not.",
        "admin:try",
        READS["admin:try"],
    ),
    Step(
        "Review",
        "What others submit waits for you on Today and under Versions. You see what changed in words; approve it, or ask for changes.",
        "admin:rules_version_changelist",
        ("rules.approve_version", "rules.view_version"),
    ),
    Step(
        "Publish",
        "A workspace's page of publishing lists what waits and what would change. Publish now or at a time; an older release "
        "can be brought back with one button.",
        "admin:rules_workspace_changelist",
        ("rules.publish_workspace", "rules.view_workspace"),
    ),
    Step(
        "Going live",
        "When your drafts are ready, submit them from the workspace's page “What waits”. Somebody else may have to approve "
        "them before they are published.",
        "admin:rules_workspace_changelist",
        ("rules.submit_draft", "rules.view_workspace"),
    ),
    Step(
        "Decisions",
        "Every answer an app got: which rule decided, in which release, and why. What was live at any moment is behind “Releases”.",
        "admin:decisioning_decisionrecord_changelist",
        ("decisioning.view_decisionrecord",),
    ),
    Step(
        "Audit log",
        "Who did what and when, in words, in a chain that shows if a link was changed. The badge above says when all of it "
        "was last verified.",
        "admin:rules_auditevent_changelist",
        ("rules.export_history", "rules.view_auditevent"),
    ),
    Step(
        "Workspaces and accounts",
        "Make workspaces, say whether a second person must approve, issue keys to apps, and give people their roles.",
        "admin:rules_workspace_changelist",
        ("rules.change_workspace", "auth.change_user"),
    ),
    Step(
        "Press ? at any time",
        "It lists the shortcuts of the page you are on, and starts this tour again.",
    ),
)


def tour(user: Any) -> list[dict[str, str]]:
    """The steps for what the user may do, one for each title."""
    told: dict[str, Step] = {}
    for step in STEPS:
        if user.has_perms(step.needs):
            told.setdefault(step.title, step)
    return [{"title": step.title, "words": step.words, "address": reverse(step.page) if step.page else ""} for step in told.values()]
