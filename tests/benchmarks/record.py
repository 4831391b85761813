"""What a decision and its record cost in this process, without Redis: `python -m tests.benchmarks.record`. For comparing two trees."""

from __future__ import annotations

import base64
import os
import statistics
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "decisioning.settings")
for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "BROKER_URL"):
    os.environ.setdefault(name, "redis://127.0.0.1:1/0" if name != "DATABASE_URL" else "postgres://x:x@127.0.0.1:1/x")
os.environ.setdefault("PERSONAL_DATA_KEY", base64.b64encode(bytes(range(32))).decode())

ROUNDS, TIMES = 60, 300
CASES = {
    "fallback": "nothing",
    "a tag, a template with a name": "tag",
    "a context attribute": "context",
    "a template that prints the context": "prints",
}


def main() -> None:
    import django

    django.setup()
    import hashlib

    import msgspec

    from decisioning import choose
    from decisioning.caps import Capped, Periods, Wins
    from decisioning.rulesets import activate
    from decisioning.tagging import facts, new_state, template_data
    from rules.bundles import LiveBundle

    document = msgspec.json.encode(_document())
    digest = "sha256:" + hashlib.sha256(document).hexdigest()
    live = activate(LiveBundle("bench", 1, digest, digest, document, 0.0), source="database", now=0.0)
    encode = msgspec.msgpack.Encoder().encode
    state = new_state()

    def once(placement: str) -> None:
        common = {"now": 1_700_000_000.0, "context": {"device": "mobile", "page": {"path": "/a/b"}}, "session": None, "user": "u:alice"}
        seen = facts(live.definitions, state, timezone="UTC", **common)
        data = template_data(live.definitions, state, **common)
        case = choose.Case(choose.Ask("u:alice", [placement], 1_700_000_000.0, context=common["context"]), live, 1.0, seen, data, [])
        capped = Capped(live.ruleset.caps, Wins("", {}, {}), Periods(seen, state, 1.0))
        decisions = choose.choose(case, capped)
        if hasattr(choose, "records"):
            written = choose.records(case, decisions, "")
        else:
            written = [choose.record(case, decision, "") for decision in decisions]
        for one in written:
            encode(one)

    for words, placement in CASES.items():
        once(placement)
        found = []
        for _ in range(ROUNDS):
            start = time.process_time()
            for _ in range(TIMES):
                once(placement)
            found.append((time.process_time() - start) / TIMES * 1e6)
        print(f"{words:40} {min(found):6.1f} us at best, {statistics.median(found):6.1f} us in the middle")


def _document() -> dict[str, object]:
    def rule(key: str, name: str, operator: str, value: object) -> dict[str, object]:
        return {"key": key, "when": {"all": [{"name": name, "operator": operator, "value": value}]}, "then": {"template": key}}

    return {
        "schema": 1,
        "workspace": {"key": "bench", "name": "Bench", "timezone": "UTC"},
        "tags": [{"key": "buyer", "ttl": "7d", "assign": {"event": "Order Completed"}}],
        "traits": [{"key": "name"}],
        "templates": [
            {"key": "none", "body": "Hello"},
            {"key": "fresh", "body": "Hello {{ traits.name | default: 'friend' }}"},
            {"key": "phone", "body": "On the go"},
            {"key": "where", "body": "You are at {{ context.page.path }}"},
        ],
        "placements": [
            {"key": "nothing", "fallback": {"template": "none"}, "rules": []},
            {"key": "tag", "rules": [rule("fresh", "tags", "shares_no_elements_with", ["buyer"])]},
            {"key": "context", "rules": [rule("phone", "context.device", "equal_to", "mobile")]},
            {"key": "prints", "rules": [rule("where", "context.device", "equal_to", "mobile")]},
        ],
    }


if __name__ == "__main__":
    main()
