"""Authoring as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RulesConfig(AppConfig):
    name = "rules"
    verbose_name = "Rules and content"

    def ready(self) -> None:
        from rules import checks  # noqa: F401  importing registers the system checks
        from rules.roles import keep_roles
        from rules.services import accounts

        accounts.watch()
        post_migrate.connect(keep_roles, sender=self, dispatch_uid="keep roles")
