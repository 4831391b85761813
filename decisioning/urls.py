"""All addresses: the API, the admin pages and, where switched on, the demo shop."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("decisioning.api.urls")),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]
if settings.DEMO:
    urlpatterns.insert(1, path("demo/", include("decisioning.demo.urls")))
