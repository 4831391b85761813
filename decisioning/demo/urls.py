"""The demo shop's addresses; included only where settings.DEMO is on."""

from django.urls import path

from decisioning.demo import views

urlpatterns = [
    path("", views.shop, name="demo-shop"),
    path("panel", views.panel, name="demo-panel"),
]
