"""What the audit log is told of a page that refused an act: what somebody without the right wanted to do, and on what."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from rules import services
from rules.models import PROXIES, ApiKey, Draft, Item, Release, Version, Workspace

ACTS = {
    "add": "add",
    "approve": "approve versions of",
    "arrange": "arrange",
    "change": "change",
    "delete": "delete",
    "discard": "discard a draft of",
    "dry_run": "start a dry run of",
    "password_change": "set the password of",
    "publish": "publish",
    "rebase": "change",
    "restore": "restore",
    "review": "review",
    "revoke": "revoke",
    "roll_back": "roll back to",
    "upload": "upload a table of",
}
"""By the end of a page's name. What a page of these names asks by POST is an act; what scripts ask for hints and previews is none."""
ROOMS = {
    "documents": "take a document into",
    "folders": "change folders of",
    "folder": "change a folder of",
    "folder_order": "change a folder of",
    "folder_remove": "remove a folder of",
}
"""Pages of a workspace that belong to no model."""
BUTTONS = {"submit": "send for review what waits in", "emergency": "publish in an emergency"}
"""Of the page of publishing, where another one than its first was pressed."""
WITHOUT_RIGHT = "The account has no right to do that."

KINDS = {ApiKey: "api_key", User: "account"}
"""As events call them, where it is not what Django does."""


def keep(request: HttpRequest) -> None:
    """Keeps it for the audit log where it was an act: sent by POST, to a page that does something."""
    match = request.resolver_match
    if request.method != "POST" or match is None:
        return
    name, numbers = match.url_name or "", list(match.kwargs.values())
    if name in ROOMS:
        doing, model = ROOMS[name], Workspace
    else:
        app, _, rest = name.partition("_")
        model_name, _, act = rest.partition("_")
        if app not in {"rules", "auth"} or act not in ACTS:
            return
        doing, model = ACTS[act], apps.get_model(app, model_name)
        if act == "publish":
            doing = next((said for button, said in BUTTONS.items() if button in request.POST), doing)
    row = _row(model, str(numbers[0])) if numbers else None
    workspace, about, thing = _about(row) if row is not None else _nothing(model, there=not numbers)
    who = services.person(request.user)
    services.keep_refusal(workspace, who, services.refused_act(who, f"{doing} {thing}", about, "no_right", WITHOUT_RIGHT))


def _row(model: Any, number: str) -> Any:
    return model._default_manager.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None  # noqa: SLF001  Django's public word


def _about(row: Any) -> tuple[Workspace | None, services.Act, str]:
    """Whose chain tells it, what the event is about, and that in words."""
    if isinstance(row, (Version, Draft)):
        number = row.number if isinstance(row, Version) else None
        item = row.item
        return item.workspace, _of(item.kind, item.key, number), f"{item.kind} {item.key}" + (f" v{number}" if number else "")
    if isinstance(row, Item):
        return row.workspace, _of(row.kind, row.key), f"{row.kind} {row.key}"
    if isinstance(row, Release):
        return row.workspace, _of("release", row.workspace.key, row.number), str(row)
    if isinstance(row, Workspace):
        return row, _of("workspace", row.key), f"workspace {row.key}"
    if isinstance(row, ApiKey):
        return row.workspace, _of("api_key", row.prefix), f"API key {row.prefix}"
    if isinstance(row, User):
        return None, _of("account", row.get_username(), id=row.pk), f"the account {row.get_username()}"
    if isinstance(row, Group):
        return None, _of("group", row.name, id=row.pk), f"the group {row.name}"
    return None, _of(row._meta.model_name, str(row.pk)), str(row)  # noqa: SLF001  Django's public word


def _nothing(model: Any, *, there: bool) -> tuple[None, services.Act, str]:
    """As `_about`, told of the installation: what was to be made (`there`), or a number that nothing has."""
    kind = next((kind for kind, proxy in PROXIES.items() if proxy is model), KINDS.get(model, model._meta.model_name))  # noqa: SLF001  Django's public word
    said = "API key" if kind == "api_key" else kind.replace("_", " ")
    return None, _of(kind, ""), f"{'any' if there else 'a missing'} {said}"


def _of(kind: str, key: str, version: int | None = None, **data: Any) -> services.Act:
    return services.Act("", kind[:20], key, (), version, data=data)
