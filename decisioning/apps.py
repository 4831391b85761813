"""The running service as a Django application; hears what authoring announces."""

from django.apps import AppConfig


class DecisioningConfig(AppConfig):
    name = "decisioning"
    verbose_name = "Decisions served"

    def ready(self) -> None:
        from decisioning.refresher import announce  # models must be loaded first
        from rules.signals import keys_changed, release_published

        release_published.connect(announce, dispatch_uid="announce release")
        keys_changed.connect(announce, dispatch_uid="announce keys")
