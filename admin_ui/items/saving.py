"""What saving a form does: it keeps the author's draft, says what came of it, and leads on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from admin_ui.editing.shown import finished
from admin_ui.findings import in_words, said, whose
from admin_ui.links import item_address
from rules import services, words


class SavedDrafts(admin.ModelAdmin):
    kind: str

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        draft = services.save_draft(
            obj.workspace.key,
            kind=self.kind,
            key=obj.key,
            body=form.body,
            author=request.user,
            now=timezone.now(),
            expected=form.expected,
            behind=form.behind,
        )
        finished(request, obj.workspace, self.kind, obj.key if change else "")
        obj.behind = form.behind
        if form.behind:
            kept = "Your draft is kept as you wrote it, on the version you began from. " if draft else "You had changed nothing. "
            self.message_user(request, f"{kept}Meanwhile there is a newer one: look at both below.", messages.WARNING)
        elif draft is not None:
            obj.pk = draft.item_id
            saved = f"Your draft of {words.called(str(self.opts.verbose_name), obj.key, form.body)} is saved."
            if form.unfinished:
                problems = " ".join(dict.fromkeys(said(found, form.desk) for found in form.unfinished))
                self.message_user(request, f"{saved} It can't go live as it is: {problems}", messages.WARNING)
            else:
                self.message_user(request, f"{saved} It goes live when it is published.", messages.SUCCESS)
            for found in form.worth_a_look[:5]:
                self.message_user(request, f"Worth a look: {in_words(found.problem)}", messages.INFO)
        else:
            self.message_user(request, "This is what it says already, so there is no draft.", messages.INFO)
        self._warn(request, form, obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_addanother" in request.POST:
            return HttpResponseRedirect(f"{reverse(f'admin:rules_{self.opts.model_name}_add')}?workspace={obj.workspace.key}")
        if "_continue" in request.POST or getattr(obj, "behind", False):
            return HttpResponseRedirect(item_address(obj))
        listed = f"{reverse(f'admin:rules_{self.opts.model_name}_changelist')}?workspace={obj.workspace.key}"
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(filters, listed))

    def _warn(self, request: HttpRequest, form: Any, obj: Any) -> None:
        for found in form.elsewhere[:5]:
            self.message_user(request, f"Before publishing, see to {whose(found, form.desk)}: {in_words(found.problem)}", messages.WARNING)
