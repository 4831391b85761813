"""The one shape of every error that the API answers."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.engine import Problem


class ApiError(Exception):
    """An answer other than 2xx: a status, a stable code, words for people, and problems with their paths."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        problems: tuple[Problem, ...] = (),
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.problems = problems
        retry = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.headers = {**(headers or {}), **retry}

    def body(self) -> dict[str, object]:
        problems = [msgspec.structs.asdict(problem) for problem in self.problems]
        return {"error": {"code": self.code, "message": self.message, "problems": problems}}


def bad_request(code: str, message: str, *, path: str = "$", fix: str = "") -> ApiError:
    return ApiError(400, code, message, problems=(Problem(code, path, message, fix),))
