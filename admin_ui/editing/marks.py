"""In lists: whose form of a thing is open now."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from admin_ui.editing import said
from decisioning import presence
from decisioning.redis import decision_client


class MarkedList(ChangeList):
    """Gives each item of the page `editors`, a few words; one round trip to Redis, and none of it where that does not answer."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        items: list[Any] = list(self.result_list)
        try:
            found = presence.editing(
                decision_client(), [item.workspace.key for item in items], self.model.KIND, now=timezone.now().timestamp()
            )
        except RedisError:
            found = {}
        for item in items:
            others = [one for one in found.get((item.workspace.key, item.key), []) if one.person_id != request.user.pk]
            item.editors = said.names(others)
        self.result_list = items
