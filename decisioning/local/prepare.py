"""What must be in the databases before the programs start: the schema, an admin login, the example workspaces and keys for them."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "templates/examples"
ORIGINS = ["http://127.0.0.1:*", "http://localhost:*"]
STAMP = "prepared.json"
DEV = "dev.json"
PEOPLE = {"author": ("Ada", "Author"), "reviewer": ("Rosa", "Reviewer"), "publisher": ("Paul", "Publisher"), "auditor": ("Otto", "Auditor")}
"""One example account for each of these roles, with its first and last name, so that each can be tried."""


def stamp() -> str:
    """A digest of all that decides what `prepare` does. Where it is the same as at the last start there is nothing to do, and saying so
    costs no import of Django."""
    digest = hashlib.sha256()
    for path in [
        Path(__file__),
        ROOT / "requirements.txt",
        ROOT / "rules/roles.py",
        *sorted((ROOT / "migrations").rglob("*.py")),
        *_examples(),
    ]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_done(folder: Folder) -> bool:
    return folder.read_json(STAMP).get("stamp") == stamp()


def prepare(folder: Folder) -> None:
    """Do what is missing; what is there already stays as it is."""
    import django
    from django.core.management import call_command

    django.setup()
    before = stamp()
    call_command("migrate", interactive=False, verbosity=0)
    kept = folder.read_json(DEV)
    kept["admin"] = _admin(kept.get("admin"))
    kept["people"] = _people(kept.get("people", {}))
    _load_examples()
    kept["keys"] = _keys(kept.get("keys", {}))
    folder.write_json(DEV, kept)
    folder.write_json(STAMP, {"stamp": before})


def _examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*.json"))


def _workspace_of(example: Path) -> str:
    return str(json.loads(example.read_text())["workspace"]["key"])


def _admin(kept: dict[str, str] | None) -> dict[str, str]:
    from django.contrib.auth import get_user_model

    kept = kept or {"username": "admin", "password": secrets.token_hex(8)}
    users = get_user_model().objects
    if not users.filter(username=kept["username"]).exists():
        users.create_superuser(username=kept["username"], password=kept["password"])
    return kept


def _people(kept: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The example accounts that are missing, each in its role's group. The publisher may also publish in an emergency."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group, Permission

    users = get_user_model().objects
    found = {role: kept.get(role) or {"username": role, "password": secrets.token_hex(8)} for role in PEOPLE}
    for role, login in found.items():
        if users.filter(username=login["username"]).exists():
            continue
        first, last = PEOPLE[role]
        user = users.create_user(**login, first_name=first, last_name=last, is_staff=True)
        user.groups.add(Group.objects.get(name=role.capitalize()))
        if role == "publisher":
            user.user_permissions.add(Permission.objects.get(codename="emergency_publish", content_type__app_label="rules"))
    return found


def _load_examples() -> None:
    """Load those that have no release yet. One that has may have been edited since, and is its author's now."""
    from django.core.management import call_command

    from rules.bundles import live_bundles

    live = {bundle.workspace for bundle in live_bundles(time.time(), {})}
    for example in _examples():
        if (workspace := _workspace_of(example)) not in live:
            call_command("load", str(example), publish="Example workspace", stdout=StringIO())
            print(f"{workspace}: loaded from {example.relative_to(ROOT)} and published", flush=True)


def _keys(kept: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """One secret and one publishable key of each example workspace: those kept, or new ones where the database does not know them."""
    from rules.apikeys import digest
    from rules.bundles import api_keys
    from rules.services import issue_key

    known = {record.digest for record in api_keys()}
    found: dict[str, dict[str, str]] = {}
    for workspace in map(_workspace_of, _examples()):
        found[workspace] = {}
        for kind in ("secret", "publishable"):
            text = kept.get(workspace, {}).get(kind, "")
            options: dict[str, Any] = {"origins": ORIGINS} if kind == "publishable" else {}
            if digest(text) not in known:
                text = issue_key(workspace, kind=kind, label="start.py", now=datetime.now(UTC), **options)
            found[workspace][kind] = text
    return found


def main() -> None:
    from django.db import OperationalError

    try:
        prepare(Folder(Path(os.environ["DATA_DIR"])))
    except LocalError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"PostgreSQL does not answer: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main()
