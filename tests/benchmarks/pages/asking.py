"""The pages and how long each takes: p50, the worst, and the first after a change, with the web process's own time on a core."""

from __future__ import annotations

import re
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.benchmarks.asking import spent
from tests.benchmarks.pages.filling import WORKSPACE

GOAL, TYPING = 1.0, 0.1
FLOOR, LOGIN = "/livez", "/admin/login/?next=/admin/"


def sign_in(client: httpx.Client, account: dict[str, str]) -> None:
    page = client.get(LOGIN).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page[:500]
    answer = client.post(LOGIN, data={**account, "csrfmiddlewaretoken": token[1]}, headers={"Referer": str(client.base_url)})
    if answer.status_code != 302:
        raise SystemExit(f"signing in answered {answer.status_code}")


def pages() -> dict[str, str]:
    from rules.models import PROXIES, Item, Version, Workspace

    workspace = Workspace.objects.get(key=WORKSPACE).pk

    def item(kind: str, key: str) -> str:
        found = Item.objects.get(workspace=workspace, kind=kind, key=key)
        return f"/admin/rules/{PROXIES[kind]._meta.model_name}/{found.pk}/change/"

    listed = {
        name: f"/admin/rules/{name}/?workspace={WORKSPACE}" for name in ("placement", "template", "tag", "segment", "score", "threshold")
    }
    placement = Item.objects.get(workspace=workspace, kind="placement", key="home-hero").pk
    return {
        "Today": "/admin/",
        "list: rules, as a tree": f"/admin/rules/rule/?workspace={WORKSPACE}",
        "list: rules of one placement": f"/admin/rules/rule/?workspace={WORKSPACE}&placement=home-hero",
        "list: rules, searched": f"/admin/rules/rule/?workspace={WORKSPACE}&q=phone",
        "list: rules, as a table": f"/admin/rules/rule/table/?workspace={WORKSPACE}",
        **{f"list: {name}s": address for name, address in listed.items()},
        "list: tags, searched": f"/admin/rules/tag/?workspace={WORKSPACE}&q=thing+19",
        "list: drafts": "/admin/rules/draft/",
        "list: versions": "/admin/rules/version/",
        "list: releases": "/admin/rules/release/",
        "list: audit log": "/admin/rules/auditevent/",
        "editor: rule": item("rule", "rule-0500"),
        "editor: new rule": f"/admin/rules/rule/add/?workspace={WORKSPACE}",
        "editor: template": item("template", "text-007"),
        "editor: new template": f"/admin/rules/template/add/?workspace={WORKSPACE}",
        "editor: tag": item("tag", "tag-0500"),
        "editor: segment": item("segment", "segment-3"),
        "editor: score": item("score", "score-1"),
        "editor: threshold": item("threshold", "limit-1"),
        "editor: placement": item("placement", "home-hero"),
        "a version": f"/admin/rules/version/{Version.objects.filter(item__workspace=workspace).latest('pk').pk}/change/",
        "conflicts": f"/admin/conflicts/{workspace}/",
        "publish": f"/admin/rules/workspace/{workspace}/publish/",
        "playground": f"/admin/try/?workspace={WORKSPACE}",
        "results of a placement": f"/admin/results/{placement}/",
        "import and export": f"/admin/documents/{workspace}/",
        "type-ahead: names to choose from": f"/admin/builder/{WORKSPACE}/names/",
        "type-ahead: what conditions say and lack": f"/admin/builder/{WORKSPACE}/check/",
    }


CONDITIONS = (
    '{"all": [{"name": "tags", "operator": "contains", "value": "tag-0007"}, {"name": "traits.spent", "operator": "greater_than"}]}'
)


def measure(client: httpx.Client, times: int, server: int, author: Any) -> list[str]:
    """Prints a line for each page; gives the names of those that miss their goal."""
    floor = statistics.median(_took(client, FLOOR) for _ in range(times))
    print(f"{'':42} {'p50 ms':>8} {'worst ms':>9} {'changed':>8} {'on a core':>10} {'KB':>6} {'p50 / floor':>12}")
    print(f"{'floor: GET /livez':42} {floor * 1000:8.1f}")
    missed = []
    for number, (name, address) in enumerate(pages().items()):
        _change(number, author)
        changed = _took(client, address)
        before = spent(server)
        found = [_took(client, address) for _ in range(times)]
        own = (spent(server) - before) / times
        p50, worst = statistics.median(found), max(found)
        size = len(_ask(client, address).content) / 1000
        goal = TYPING if name.startswith("type-ahead") else GOAL
        over = max(worst, changed) >= goal
        missed += [name] if over else []
        print(
            f"{name:42} {p50 * 1000:8.1f} {worst * 1000:9.1f} {changed * 1000:8.1f} {own * 1000:10.1f} {size:6.0f} {p50 / floor:12.1f}"
            + (f"  MORE THAN {goal * 1000:.0f} ms" if over else ""),
            flush=True,
        )
    return missed


def _change(number: int, author: Any) -> None:
    """The marketer saves a draft of something else."""
    from rules import services

    body = {"value": number + 100}
    services.save_draft(WORKSPACE, kind="threshold", key="limit-7", body=body, author=author, now=datetime.now(UTC))


def _took(client: httpx.Client, address: str) -> float:
    started = time.perf_counter()
    _ask(client, address)
    return time.perf_counter() - started


def _ask(client: httpx.Client, address: str) -> Any:
    if address.endswith("/check/"):
        fields = {"conditions": CONDITIONS, "place": "rule", "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post(address, data=fields, headers={"Referer": str(client.base_url)})
    else:
        answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return answer
