"""manage.py migrate: Django's, as the owner of the tables where one is named, and then what the application's role may do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection

from decisioning import roles


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_OWNER is None:
            super().handle(*args, **options)
            return
        role, password = connection.settings_dict["USER"], connection.settings_dict["PASSWORD"]
        with roles.as_owner():
            super().handle(*args, **options)
            if options["plan"] or options["check_unapplied"]:
                return
            try:
                roles.admit(role, password)
            except roles.NoRole as error:
                raise CommandError(str(error)) from error
