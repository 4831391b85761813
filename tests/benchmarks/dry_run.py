"""A dry run of 100,000 archived decisions over 1,000 rules, on servers of its own: `python -m tests.benchmarks.dry_run`."""

from __future__ import annotations

import argparse
import random
import time
from datetime import UTC, datetime
from typing import Any

from tests.plugin_services import Services

RULES, PLACEMENTS, BATCH = 1_000, 10, 5_000
TAGS = [f"tag-{number}" for number in range(50)]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--decisions", type=int, default=100_000)
    services = Services()
    try:
        services.start()
        measure(options.parse_args().decisions)
    finally:
        services.stop()


def document(changed: int, text: str = "") -> dict[str, Any]:
    """1,000 rules of three conditions each; of the changed ones a limit is another. `text` is added to every template."""
    rules = [
        {
            "key": f"rule-{number}",
            "when": {
                "all": [
                    {"name": "tags", "operator": "contains", "value": TAGS[number % 50]},
                    {"name": "traits.spent", "operator": "greater_than", "value": number + (50 if number < changed else 0)},
                    {"name": "context.device", "operator": "equal_to", "value": ("phone", "desk", "pad")[number % 3]},
                ]
            },
            "then": {"template": f"text-{number % 20}"},
        }
        for number in range(RULES)
    ]
    return {
        "schema": 1,
        "workspace": {"key": "bench", "name": "Bench", "timezone": "UTC"},
        "traits": [{"key": "spent", "type": "number"}],
        "tags": [{"key": key, "ttl": "30d", "assign": {"event": f"Did {key}"}} for key in TAGS],
        "templates": [
            {"key": f"text-{number}", "body": f"{number}: {{{{ traits.spent }}}} {{{{ context.device }}}}{text}"} for number in range(20)
        ],
        "placements": [
            {"key": f"place-{number}", "fallback": {"template": "text-0"}, "rules": rules[number::PLACEMENTS]}
            for number in range(PLACEMENTS)
        ],
    }


def measure(decisions: int) -> None:
    import base64
    import os

    os.environ["PERSONAL_DATA_KEY"] = base64.b64encode(bytes(range(32))).decode()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decisioning.settings")
    import django

    django.setup()
    import msgspec
    from django.core.management import call_command

    from decisioning import dryrun
    from decisioning.models import DecisionRecord
    from rules import services
    from rules.engine import parse_workspace

    call_command("migrate", interactive=False, verbosity=0)
    now = datetime.now(UTC)
    services.load_document(parse_workspace(document(0)), author=services.COMMAND_LINE, now=now)
    services.publish("bench", actor=services.COMMAND_LINE, reason="bench", now=now)
    started = time.perf_counter()
    archive(decisions)
    print(f"{DecisionRecord.objects.count():,} decisions of {RULES:,} rules made and archived in {time.perf_counter() - started:.1f} s")
    cases = [("nothing changed", 0, ""), ("100 rules changed", 100, ""), ("all rules changed", RULES, ""), ("all texts changed", 0, "!")]
    for words, changed, text in cases:
        candidate = msgspec.json.encode(msgspec.to_builtins(parse_workspace(document(changed, text))))
        run = dryrun.ask("bench", candidate, shown="", last=decisions, asked_by="bench", now=datetime.now(UTC))
        started = time.perf_counter()
        dryrun.work(str(run.pk))
        took = time.perf_counter() - started
        run.refresh_from_db()
        found = run.found
        said = f"{found['same']:,} same, {found['different']:,} different, {sum(one['count'] for one in found['unknown']):,} unknown"
        print(f"{words:20} {run.status}: {took:5.1f} s, {took / max(run.done, 1) * 1e6:4.0f} us a decision; {said}")


def archive(decisions: int) -> None:
    """Made as the service makes them, but into the archive at once."""
    from decisioning import archive as archiving
    from decisioning.caps import Capped, Periods, Wins
    from decisioning.choose import Ask, Case, choose, records
    from decisioning.models import DecisionRecord
    from decisioning.releases import releases
    from decisioning.tagging import facts, new_state, template_data
    from decisioning.tagging.state import Tag, Trait

    live, draw, now = releases.get("bench", 1), random.Random(5), time.time()
    rows = []
    for number in range(decisions):
        state, user = new_state(), f"u:{number}"
        state.traits = {"spent": Trait(draw.randrange(1_200), now)}
        state.tags = {key: Tag(now, 0.0, "", now) for key in draw.sample(TAGS, 5)}
        common = {"now": now, "context": {"device": draw.choice(("phone", "desk", "pad"))}, "session": None, "user": user}
        seen, data = facts(live.definitions, state, timezone="UTC", **common), template_data(live.definitions, state, **common)
        case = Case(Ask(user, [f"place-{draw.randrange(PLACEMENTS)}"], now, context=common["context"]), live, now, seen, data, [])
        rows += map(archiving.row, records(case, choose(case, Capped({}, Wins("", {}, {}), Periods(seen, state, now))), ""))
        if len(rows) >= BATCH:
            DecisionRecord.objects.bulk_create(rows)
            rows = []
    DecisionRecord.objects.bulk_create(rows)


if __name__ == "__main__":
    main()
