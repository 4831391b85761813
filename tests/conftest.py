"""What tests share: an empty Valkey, a whole running Signpost, and a page of a real browser."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings as hypothesis

from tests.system import System, forget, new_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from redis import Redis

hypothesis.register_profile("signpost", deadline=None)
hypothesis.load_profile("signpost")
"""No time limit for an example: on a busy machine it would say more about the neighbours than about the code."""

PATIENCE = 20_000
"""Milliseconds that a page may take for anything: a busy machine is no failure."""
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_FLAGS = [
    "--no-sandbox",  # The sandbox needs privileges that root in a container lacks; only our own pages are opened.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Lets a test that commits be followed by an empty database: TRUNCATE is what the guards of history refuse."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    from tests.tamper import OFF, ON

    plain = DatabaseOperations.sql_flush
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", lambda *args, **options: [OFF, *plain(*args, **options), ON])
        yield


@pytest.fixture
def valkey() -> Iterator[Redis]:
    """The Valkey database the code under test uses, empty."""
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def signpost() -> Iterator[System]:
    """The whole system, started once for all tests that ask it over HTTP: `.url`, `.keys`, `.admin`, `.data_dir`."""
    data_dir = new_folder()
    system = System(data_dir)
    try:
        yield system.wait_until_ready()
    finally:
        system.stop()
        forget(data_dir)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser. Without one the tests that need it are skipped loudly; with REQUIRE_BROWSER=1 they fail."""
    from playwright.sync_api import Error, expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # Playwright keeps an event loop running in this thread; Django would take every query of a later test for one from inside a coroutine.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        binary = browser_binary() or playwright.chromium.executable_path
        if not Path(binary).exists():
            _no_browser("none in BROWSER_PATH, on the PATH, or in Playwright's own folder")
        try:
            running = playwright.chromium.launch(executable_path=binary, args=BROWSER_FLAGS)
        except Error as error:
            _no_browser(f"{binary} does not start ({error.message.splitlines()[0]})")
        yield running
        running.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page with nothing remembered. A script that fails, or that the page's own security policy refuses, fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script failed on {page.url}: {error}"))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    with under_way() as requests:
        yield page
        context.close()
        requests.wait_until_none()
    assert wrong == []


class UnderWay:
    """Requests that the live server of this process answers just now: a page that closes still sends what was typed in it."""

    def __init__(self) -> None:
        self.count, self.last, self._lock = 0, 0.0, threading.Lock()

    def started(self, **_: object) -> None:
        self._counted(1)

    def finished(self, **_: object) -> None:
        self._counted(-1)

    def _counted(self, step: int) -> None:
        with self._lock:
            self.count, self.last = self.count + step, time.monotonic()

    def wait_until_none(self) -> None:
        """Emptying the database while one is answered would be a deadlock."""
        deadline = time.monotonic() + 10
        while self.last and (self.count > 0 or time.monotonic() - self.last < 0.1) and time.monotonic() < deadline:
            time.sleep(0.01)


@contextmanager
def under_way() -> Iterator[UnderWay]:
    from django.core.signals import request_finished, request_started

    requests = UnderWay()
    request_started.connect(requests.started)
    request_finished.connect(requests.finished)
    yield requests
    request_started.disconnect(requests.started)
    request_finished.disconnect(requests.finished)


def browser_binary() -> str | None:
    named = os.environ.get("BROWSER_PATH")
    return named or next(filter(None, map(shutil.which, BROWSER_NAMES)), None)


def _no_browser(reason: str) -> NoReturn:
    message = f"NO BROWSER: {reason}; this test did NOT run"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)
