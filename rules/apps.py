"""Authoring as a Django application."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "rules"
    verbose_name = "Rules and content"

    def ready(self) -> None:
        from rules import checks  # noqa: F401  importing registers the system checks
        from rules.services import accounts

        accounts.watch()
