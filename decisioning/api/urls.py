"""The API's addresses. Segment paths stand short too, and with a closing slash, as its clients differ."""

from __future__ import annotations

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from decisioning.api import views
from decisioning.api.docs import docs
from decisioning.api.errors import ApiError
from decisioning.api.http import Reply, Request


def unknown(request: Request, *, now: float) -> Reply:
    """No such address."""
    raise ApiError(404, "unknown_address", f"There is no {request.path[:200]} here; see /v1/docs.")


KINDS = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}

urlpatterns = [
    path("v1/decide", views.decide),
    path("v1/decide/batch", views.decide_batch),
    *(path(f"v1/{kind}", views.tracking(kind)) for kind in KINDS),
    path("v1/batch", views.batch),
    *(re_path(rf"^v1/(?:{kind}/|{short}/?)$", views.tracking(kind, shown=False)) for kind, short in KINDS.items()),
    re_path(r"^v1/(?:batch/|b/?|import/?)$", views.batch_unlisted),
    re_path(r"^v1/users/(?P<user_id>(?s:.+))/aliases/(?P<alias>[au]:(?s:.+))$", views.user_alias),
    re_path(r"^v1/users/(?P<user_id>(?s:.+))/consent$", views.consent),
    re_path(r"^v1/users/(?P<user_id>(?s:.+))/export$", views.export),
    re_path(r"^v1/users/(?P<user_id>(?s:.+))$", views.user),
    path("v1/erasures/<str:receipt>", views.erasure),
    path("v1/history/verify", views.history_verify),
    path("v1/audit", views.audit_log),
    path("v1/releases", views.releases),
    path("v1/releases/live", views.live_release),
    path("v1/releases/<int:number>", views.release),
    path("v1/releases/<int:older>/diff/<int:newer>", views.releases_compared),
    path("v1/decisions/<str:decision_id>", views.decision),
    path("v1/decisions/<str:decision_id>/replay", views.replay),
    path("v1/openapi.json", SpectacularJSONAPIView.as_view()),
    path("v1/docs", docs),
    path("v1/unknown", views.door(unknown, methods=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"))),
    path("livez", views.livez),
    path("readyz", views.readyz),
    path("statusz", views.statusz),
    path("metrics", views.metrics),
]
