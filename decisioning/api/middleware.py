"""Takes API paths out of the middleware chain, which is the largest single cost of a request; sessions and CSRF are the pages' matter."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

PREFIXES = ("/v1/", "/ofrep/", "/livez", "/readyz", "/statusz", "/metrics")
PAGES = ("/v1/docs", "/v1/openapi.json")


class ApiFirst:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path.startswith(PREFIXES) and path not in PAGES:
            try:
                match = resolve(path)
            except Resolver404:
                match = resolve("/v1/unknown")
            return match.func(request, *match.args, **match.kwargs)
        return self.get_response(request)
