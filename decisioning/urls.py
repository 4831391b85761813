"""All addresses: the API, the admin pages and the demo shop."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("decisioning.api.urls")),
    path("admin/", admin.site.urls),
    path("demo/", include("decisioning.demo.urls")),
    path("favicon.ico", RedirectView.as_view(url=static("admin_ui/mark.svg"))),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]
