"""The data folder: its lock, its secrets, and the record of which processes were started from it."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decisioning.local.errors import LocalError


@dataclass(frozen=True)
class Secrets:
    secret_key: str
    postgres: str
    valkey: str
    personal_data: str


class Folder:
    """One installation's data. Two copies of Signpost share nothing as long as they have different folders."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folder where it is missing and take its lock, which the kernel gives back however this process ends."""
        try:
            # Others may pass through but not list it: as root, PostgreSQL runs as another user. What is secret has mode 600.
            self.path.mkdir(mode=0o711, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LocalError(
                f"Cannot write to {self.path} ({error.strerror}). Make it writable, or name another folder with --data-dir."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalError(
                f"Signpost is already running with {self.path}. Stop that one, or name another folder with --data-dir."
            ) from error

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secrets(self) -> Secrets:
        """The generated passwords of this folder: made once, readable by its owner only."""
        kept = self.read_json("secrets.json")
        if not kept:
            kept = {"secret_key": secrets.token_urlsafe(48), "postgres": secrets.token_hex(24), "valkey": secrets.token_hex(24)}
        if "personal_data" not in kept:  # a folder from before this was among them gets it now
            kept["personal_data"] = base64.b64encode(secrets.token_bytes(32)).decode()
            self.write_json("secrets.json", kept)
        return Secrets(**kept)

    def make_anchor_key(self) -> None:
        """The key that signs history's anchors (decisioning/history/signing.py): made once, readable by its owner only."""
        try:
            file = os.open(self.path / "anchor.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(file, "w") as out:
            print(base64.b64encode(secrets.token_bytes(32)).decode(), file=out)
            out.flush()
            os.fsync(out.fileno())

    def outside(self) -> Path:
        """A folder of this installation that other users can reach, for when they cannot reach this one. Its name is random, so that a
        fresh clone in the same place never meets the data of an earlier one."""
        kept = self.read_json("instance.json")
        if not kept:
            kept = {"outside": f"/var/tmp/signpost-{secrets.token_hex(8)}"}
            self.write_json("instance.json", kept)
        path = Path(kept["outside"])
        path.mkdir(mode=0o711, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid != os.getuid():
            raise LocalError(f"{path} belongs to somebody else. Delete {self.path / 'instance.json'} to start with empty data.")
        path.chmod(0o711)  # Ours, made above: the umask may have closed it.
        return path

    def read_json(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise LocalError(f"{self.path / name} is damaged ({error}). Delete it and start again.") from error
        return dict(content)

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Replace a file in one step; only its owner may read it."""
        temporary = self.path / f".{name}.new"
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)
