"""A caller of the public API, as a customer's server would be: standard library only, errors in one line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 10


class Refused(Exception):
    """Why a call did not work, in one line that says what to do."""


class Rejected(Refused):
    """The server works and the key is good: it is this very request that it did not take."""


@dataclass(frozen=True)
class Client:
    url: str
    key: str

    @classmethod
    def of(cls, workspace: str, *, url: str | None, key: str | None, data_dir: Path) -> Client:
        """What is not given comes from the file that start.py writes when all is ready."""
        if not url or not key:
            dev = _dev_json(data_dir)
            url = url or dev["url"]
            found = dev["keys"].get(workspace, {}).get("secret")
            key = key or found
            if not key:
                known = ", ".join(sorted(dev["keys"]))
                raise Refused(f"{data_dir / 'dev.json'} has no key of {workspace!r}; it has {known}. Give one with --key.")
        return cls(url.rstrip("/"), key)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            request = Request(self.url + path, json.dumps(body).encode(), headers)  # noqa: S310 - the address is the caller's own
            with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
                return json.load(response)
        except HTTPError as error:
            raise _refusal(error) from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise Refused(f"No server answers at {self.url}. Start it with `python3 start.py`, or give its address with --url.") from error
        except ValueError as error:
            raise Refused(f"{self.url} is not the address of a Signpost server.") from error


def _dev_json(data_dir: Path) -> dict[str, Any]:
    path = data_dir / "dev.json"
    try:
        dev: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return {"url": str(dev["url"]), "keys": dict(dev["keys"])}
    except FileNotFoundError as error:
        raise Refused(f"There is no {path}: start the server with `python3 start.py`, or give --url and --key.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} can't be read as what start.py writes: {error}. Start the server again, or give --url and --key.") from error


def _refusal(error: HTTPError) -> Refused:
    """In the API's own words where it has some."""
    try:
        told = json.load(error)["error"]
        message, problems = str(told["message"]), [f"{problem['path']}: {problem['message']}" for problem in told["problems"]]
    except (ValueError, KeyError, TypeError):
        return Refused(f"The server answered {error.code} {error.reason}.")
    if error.code in {401, 403}:
        return Refused(f"The key was refused: {message}")
    if error.code == 400:
        return Rejected("; ".join(problems) or message)
    return Refused(message)
