"""The placements' pages, with their rules as a table to download and to upload."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from admin_ui.findings import in_words
from admin_ui.items.pages import ItemAdmin
from admin_ui.links import item_address, name_of
from admin_ui.outline.pages import outline
from admin_ui.pages import ask, tell
from rules import selectors, services
from rules.engine import DocumentError, limits

MAY_UPLOAD = ("rules.add_rule", "rules.change_rule", "rules.delete_rule")
BOM = "\ufeff"
"""Without it spreadsheets read the file in their country's old encoding."""


class TableForm(forms.Form):
    file = forms.FileField(label="Table", widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > 4 * limits.TABLE_CHARACTERS:  # a character has at most four bytes: don't read what will be refused
            raise forms.ValidationError("This file is larger than a table may be.")
        return file


class PlacementAdmin(ItemAdmin):
    change_form_template = "admin/signpost/placement.html"

    def get_urls(self) -> list[Any]:
        own = [
            path("<int:item_id>/table.csv", self.admin_site.admin_view(self.download_view), name="rules_placement_table"),
            path("<int:item_id>/table/", self.admin_site.admin_view(self.upload_view), name="rules_placement_upload"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["may_upload"] = request.user.has_perms(MAY_UPLOAD)
        if kwargs.get("obj") is not None and request.user.has_perm("rules.view_rule"):
            context |= outline(request, context["adminform"].form.desk, only=kwargs["obj"].key)
        return super().render_change_form(request, context, *args, **kwargs)

    def download_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """The rules of the reader's own working copy."""
        if not request.user.has_perm("rules.view_rule"):
            raise PermissionDenied
        item = get_object_or_404(self.model, pk=item_id)
        try:
            table = selectors.placement_table(item.workspace.key, item.key, author_id=request.user.pk)
        except DocumentError as refused:
            tell(request, refused)
            return HttpResponseRedirect(item_address(item))
        return HttpResponse(
            (BOM + table).encode(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{item.workspace.key}-{item.key}.csv"'},
        )

    def upload_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Asks for a table, and takes it in; what is wrong with it is listed by its cells."""
        if not request.user.has_perms(MAY_UPLOAD):
            raise PermissionDenied
        item = get_object_or_404(self.get_queryset(request), pk=item_id)
        name = name_of(item, item.shown)
        form, problems = TableForm(request.POST, request.FILES) if request.method == "POST" else TableForm(), []
        if request.method == "POST" and form.is_valid():
            try:
                report = services.load_table(
                    item.workspace.key, item.key, form.cleaned_data["file"].read(), author=request.user, now=timezone.now()
                )
            except DocumentError as refused:
                problems = [(place(problem.path), in_words(problem)) for problem in refused.problems]
            else:
                self._said(request, name, report)
                question = urlencode({"workspace": item.workspace.key, "placement": item.key})
                return HttpResponseRedirect(f"{reverse('admin:rules_rule_changelist')}?{question}")
        file_name = getattr(form.files.get("file"), "name", "")
        said = {"title": "Upload a table", "item": item, "name": name, "problems": problems, "file_name": file_name}
        return ask(self, request, "table.html", form, **said)

    def _said(self, request: HttpRequest, name: str, report: services.LoadReport) -> None:
        messages.success(request, f"Your drafts of the rules of {name} say what the table says: {report}. They go live when published.")
        for other in report.others:
            messages.warning(request, f"Left alone, somebody else's draft: {other}.")


def place(path: str) -> str:
    """Where a problem is, as a spreadsheet calls it."""
    found = re.fullmatch(r"\$\.rows\[(\d+)\](?:\.([A-Z]+))?", path)
    if found:
        return f"{found[2]}{found[1]}" if found[2] else f"row {found[1]}"
    return " ".join(path.removeprefix("$").strip(".").split(".")) or "file"
