"""The examples' recordings played under several releases of each: every decision made again is the same, to the byte.

Some 1,000 decisions in the suite. REPLAY_RUNS=40 makes 11,000 of it.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from typing import Any

import pytest
from django.test import override_settings

from decisioning import archive, rulesets
from decisioning.management.commands.replay import play
from decisioning.management.recording import read
from decisioning.models import DecisionRecord
from decisioning.populations import populations
from decisioning.redis import worker_client
from decisioning.replaying import sweep, tally
from tests.api import streams
from tests.examples.shipped import KEYS, document, recording

RUNS = int(os.environ.get("REPLAY_RUNS", "4"))
BROKEN = "{{ 1 | divided_by: 0 }}"


class InProcess:
    """What `play` sends to, without a network."""

    def __init__(self, shop: Any) -> None:
        self.shop, self.answered = shop, 0

    def post(self, path: str, body: Any) -> Any:
        self.answered += 1
        if self.answered % 10 == 0:
            streams.drain()
        answer = self.shop.post(path, body)
        assert answer.status_code == 200, answer.content
        return answer.json()


def every(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for rule in rules for one in (rule, *every(rule.get("children", [])))]


def release(key: str, number: int) -> dict[str, Any]:
    """The example's document; in its later releases with roll-outs, with caps, with templates that fail."""
    told = json.loads(document(key))
    outcomes = [rule for placement in told["placements"] for rule in every(placement["rules"]) if "then" in rule]
    if number % 4 == 1:
        for rule in outcomes:
            rule["rollout"] = {"percent": 50}
    elif number % 4 == 2:
        for rule in outcomes:
            rule["cap"] = {"session": 1, "day": 2}
    elif number % 4 == 3:
        failing = {rule["then"]["template"] for rule in outcomes[::2]}
        for template in told["templates"]:
            if template["key"] in failing and template.get("engine", "liquid") == "liquid":
                template["body"] = BROKEN + template.get("body", "") + " {{ context.device }} {{ traits.size }} {{ tags | join }}"
                template.pop("locales", None)
    return told


@pytest.fixture(scope="module")
def key_of_personal_data():
    with override_settings(PERSONAL_DATA_KEYS=(bytes(range(32)),)):
        yield


def test_every_decision_of_the_examples_is_the_same_when_it_is_made_again(publish, key_of_personal_data):
    made: Counter[str] = Counter()
    for run in range(RUNS):
        for key in KEYS:
            shop = publish(release(key, run))
            for users in ("one", "two"):
                for _ in play(read(recording(key)), InProcess(shop), f"{run}-{users}", None):
                    pass
            streams.drain()
            populations.look(worker_client(), rulesets.rulesets.all(), time.time())
    archive.drain(now=time.time())
    for outcome, reason in DecisionRecord.objects.values_list("outcome", "reason"):
        made[outcome if reason != "template_error" else reason] += 1
    print(f"{sum(made.values())} decisions of {RUNS} releases of each of {len(KEYS)} workspaces: {dict(made)}")

    found = sum((tally(sweep(key, 100_000)) for key in KEYS), Counter())

    assert found == {"same": sum(made.values())}
    assert made.keys() >= {"matched", "fallback", "capped", "template_error"}
