"""Typed readers of the environment that fail loudly at start, naming the variable, what it holds and what it should hold."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. `python3 start.py` sets it; elsewhere set it in the environment.")
    return value


def address(name: str, default: str) -> str:
    """A place to keep things; empty where it says `off`."""
    value = text(name, default)
    return "" if value.lower() == "off" else value


def flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a yes or no; write 1 or 0.")


def integer(name: str, default: int, *, at_least: int, at_most: int) -> int:
    value = os.environ.get(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from error
    if not at_least <= number <= at_most:
        raise ImproperlyConfigured(f"{name}={number} is outside {at_least} to {at_most}.")
    return number


def choice(name: str, default: str, *, of: Collection[str]) -> str:
    value = os.environ.get(name) or default
    if value not in of:
        raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(sorted(of))}.")
    return value


def addresses(name: str, *, needed_by: str) -> str:
    """`host:port,host:port` as it stands."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set and {needed_by} needs it; write host:port, or several with commas between.")
    for address in value.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ImproperlyConfigured(f"{name} has {address!r}, which is not host:port.")
    return value


def broker(name: str, default: str) -> str:
    """The address of Celery's broker."""
    value = os.environ.get(name) or default
    if "+cluster://" in value:
        raise ImproperlyConfigured(
            f"{name} {'is' if os.environ.get(name) else 'is not set, so it would be'} a Redis Cluster, which Celery can't use. "
            f"Set {name} to a plain Redis or Valkey of its own, such as redis://host:6379/0; it carries no event and no decision."
        )
    return value


def keys(name: str, *, size: int) -> tuple[bytes, ...]:
    """Keys of so many bytes in base64, with commas between. What they are is never told."""
    found = []
    for number, written in enumerate(filter(None, os.environ.get(name, "").split(",")), 1):
        try:
            key = base64.b64decode(written.strip(), validate=True)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: key {number} is not base64.") from error
        if len(key) != size:
            raise ImproperlyConfigured(f"{name}: key {number} has {len(key)} bytes, not {size}; `openssl rand -base64 {size}` makes one.")
        found.append(key)
    return tuple(found)


def options(name: str) -> dict[str, str | int | bool]:
    """A JSON object of texts, numbers, and true or false."""
    value = os.environ.get(name) or "{}"
    try:
        given = json.loads(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not JSON: {error}.") from error
    if not isinstance(given, dict) or not all(isinstance(each, str | int | bool) for each in given.values()):
        raise ImproperlyConfigured(f'{name} must be a JSON object like {{"security.protocol": "SSL"}}, its values texts or numbers.')
    return given


def owner(name: str, application: Mapping[str, object]) -> dict[str, object] | None:
    """Django's settings for the same database as another role; None where none is named."""
    if not os.environ.get(name):
        return None
    found = database(name)
    if found["NAME"] != application["NAME"]:
        raise ImproperlyConfigured(f"{name} names the database {found['NAME']}, and DATABASE_URL {application['NAME']}; they are one.")
    return found if found["USER"] != application["USER"] else None


def database(name: str) -> dict[str, object]:
    """Django's settings for a `postgresql://user:password@host:port/name` address. Only PostgreSQL is offered: docs/decisions/0003."""
    address = urlsplit(text(name))
    try:
        port = address.port or 5432
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has a port that is none.") from error
    if address.scheme not in {"postgres", "postgresql"} or not address.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.strip("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": address.hostname or "",
        "PORT": port,
        "OPTIONS": {"connect_timeout": 3, "tcp_user_timeout": 5000, **dict(parse_qsl(address.query))},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
