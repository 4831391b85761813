"""Moving things into a folder: the page that asks for it, what is said when it is done, and what of it is remembered for undoing."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from admin_ui.filing.asked import MAY_KEEP
from admin_ui.filing.forms import MoveForm
from admin_ui.filing.lists import number
from admin_ui.links import item_address, name_of
from admin_ui.pages import tell
from admin_ui.sure import sure
from admin_ui.undoing import may_change, remember
from rules import selectors, services
from rules.engine import DocumentError
from rules.models import PROXIES, Item, Workspace

KEPT = ("action", ACTION_CHECKBOX_NAME, "select_across")
NAMED = 30


def move(site: AdminSite, request: HttpRequest, items: Sequence[Item], names: Sequence[str], back: str) -> HttpResponse:
    """Asks where to, or moves them there and goes `back`."""
    if not may_change(request, {item.kind for item in items}):
        raise PermissionDenied
    if len({item.workspace_id for item in items}) != 1:
        messages.error(request, "Folders belong to one workspace: choose things of one workspace only.")
        return HttpResponseRedirect(back)
    workspace, may_make = items[0].workspace, request.user.has_perm(MAY_KEEP)
    given = request.POST if sure(request) else None
    form = MoveForm(given, workspace=workspace, may_make=may_make, initial={"to": _lie(items)})
    if form.is_valid():
        try:
            done = _moved(request, workspace, items, form.cleaned_data)
        except DocumentError as refused:
            tell(request, refused)
        else:
            remember(request, workspace.key, done)
            messages.add_message(request, messages.SUCCESS if done.undo else messages.INFO, done.words)
            return HttpResponseRedirect(back)
    context = {
        "title": f"Move {names[0]}" if len(names) == 1 else f"Move {len(names)} {PROXIES[items[0].kind]._meta.verbose_name_plural}",  # noqa: SLF001  Django's public word
        "workspace": workspace,
        "form": form,
        "chosen": names[:NAMED] if len(names) > 1 else [],
        "more": max(0, len(names) - NAMED),
        "kept": [(name, value) for name in KEPT for value in request.POST.getlist(name)],
        "back": back,
        "opts": PROXIES[items[0].kind]._meta,  # noqa: SLF001  Django's public word
    }
    return TemplateResponse(request, "admin/signpost/filing/move.html", {**site.each_context(request), **context})


@transaction.atomic
def _moved(request: HttpRequest, workspace: Workspace, items: Sequence[Item], told: dict[str, str]) -> services.Done:
    by = {"actor": request.user, "now": timezone.now()}
    to = number(told["to"]) or None
    if told.get("new"):
        to = services.make_folder(workspace.key, told["new"], parent=to, **by).pk
    return services.file_items(workspace.key, [item.pk for item in items], to, **by)


def item_page(site: AdminSite, request: HttpRequest, *, item_id: int) -> HttpResponse:
    """Where one thing is to lie, asked from its own page."""
    item = get_object_or_404(selectors.with_state(Item.objects.select_related("workspace"), timezone.now(), request.user.pk), pk=item_id)
    return move(site, request, [item], [f"{PROXIES[item.kind]._meta.verbose_name} {name_of(item, item.shown)}"], item_address(item))  # noqa: SLF001  Django's public word


def _lie(items: Sequence[Item]) -> int | str:
    """The folder in which all of them lie."""
    folders = set(Item.objects.filter(pk__in=[item.pk for item in items]).values_list("filed__folder", flat=True))
    return (folders.pop() or "") if len(folders) == 1 else ""
