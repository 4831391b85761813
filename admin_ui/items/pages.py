"""The pages of one kind of authored thing, put together: its list, its form, saving, removing, and the buttons at a conflict."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from admin_ui.form.item_form import item_form
from admin_ui.items.acts import ItemActs
from admin_ui.items.conflicts import rebase
from admin_ui.items.form_page import ItemFormPage
from admin_ui.items.lists import ItemList
from admin_ui.items.saving import SavedDrafts
from rules.models import Item


class ItemAdmin(ItemList, ItemFormPage, SavedDrafts, ItemActs):
    def __init__(self, model: type[Item], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.kind = model.KIND
        self.form = item_form(self.kind)

    def get_urls(self) -> list[Any]:
        name, wrapped = f"rules_{self.opts.model_name}", self.admin_site.admin_view
        own = [
            path("<int:item_id>/findings/", wrapped(self.findings_view), name=f"{name}_findings"),
            path("<int:item_id>/discard/", wrapped(self.discard_view), name=f"{name}_discard"),
            path("<int:item_id>/rebase/", wrapped(self.rebase_view), name=f"{name}_rebase"),
        ]
        return [*own, *super().get_urls()]

    def rebase_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        return rebase(self, request, item_id, reverse(f"admin:rules_{self.opts.model_name}_change", args=[item_id]))
