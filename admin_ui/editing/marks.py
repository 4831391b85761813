"""In lists: whose form of a thing is open now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from admin_ui.editing import said
from decisioning import presence
from decisioning.redis import decision_client


def others(workspaces: Iterable[str], kind: str, reader_id: int) -> dict[tuple[str, str], str]:
    """By workspace and key, which people other than the reader edit a thing of a kind, in a few words.

    One round trip to Redis, and nothing where that does not answer.
    """
    try:
        found = presence.editing(decision_client(), workspaces, kind, now=timezone.now().timestamp())
    except RedisError:
        return {}
    named = {place: said.names(one for one in editors if one.person_id != reader_id) for place, editors in found.items()}
    return {place: words for place, words in named.items() if words}


class MarkedList(ChangeList):
    """Gives each item of the page `editors`, a few words."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        items: list[Any] = list(self.result_list)
        found = others([item.workspace.key for item in items], self.model.KIND, request.user.pk)
        for item in items:
            item.editors = found.get((item.workspace.key, item.key), "")
        self.result_list = items
