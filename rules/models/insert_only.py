"""Rows that are written once: Python's half of the guard. The database's half are triggers and constraints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models


class HistoryError(TypeError):
    """Somebody's code tried to change history."""


class InsertOnlyQuerySet(models.QuerySet):
    def update(self, *_: Any, **__: Any) -> NoReturn:
        raise HistoryError(f"{self.model.__name__} rows are never updated")

    def delete(self) -> NoReturn:
        raise HistoryError(f"{self.model.__name__} rows are never deleted")

    bulk_update = update

    def bulk_create(self, objs: Iterable[Any], **options: Any) -> list[Any]:
        if options.get("update_conflicts"):
            self.update()
        return super().bulk_create(objs, **options)


class InsertOnly(models.Model):
    objects = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise HistoryError(f"{type(self).__name__} rows are never updated")
        super().save(**{**options, "force_insert": True})

    def delete(self, **_: Any) -> NoReturn:
        raise HistoryError(f"{type(self).__name__} rows are never deleted")
