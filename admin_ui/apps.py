"""The pages as a Django application, and Signpost's own admin site in place of Django's."""

from django.apps import AppConfig
from django.contrib.admin import apps


class AdminSiteConfig(apps.AdminConfig):
    """Named in INSTALLED_APPS instead of django.contrib.admin."""

    default = False  # or Django could not tell which of the two is this package's own
    default_site = "admin_ui.site.SignpostSite"


class AdminUiConfig(AppConfig):
    name = "admin_ui"
    default = True
