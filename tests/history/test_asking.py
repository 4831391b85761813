"""Whether history is whole, as the API, the admin pages, status and metrics tell it: from the newest verification, whoever asks."""

from __future__ import annotations

import hashlib
import io
import os
import re
import time
import zipfile

import pytest
from django.contrib.auth.models import Permission
from kombu.exceptions import OperationalError

from admin_ui.verification import SCRIPT
from decisioning import tasks
from decisioning.history import anchoring, asking, verifying
from tests.api.conftest import DOCUMENT, publish  # noqa: F401  a fixture
from tests.history.conftest import owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    settings.ANCHOR_URL = str(tmp_path / "anchors")
    settings.ANCHOR_KEY = (os.urandom(32),)


@pytest.fixture
def asked(request):
    """The shop of tests/api, published once, with a secret key."""
    return request.getfixturevalue("publish")(DOCUMENT)


@pytest.fixture
def pages(client, asked, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("anna", id=101))
    return client


def tampered():
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'asked by the board' WHERE number = 1")


def badge(pages):
    found = re.search(r'<a class="history-badge history-(\w+)" href="([^"]+)">([^<]+)</a>', pages.get("/admin/").content.decode())
    return found and (found[1], found[3].replace("\xa0", " ").replace("&nbsp;", " "))


def test_before_the_first_verification_the_api_says_so(asked):
    said = asked.get("/v1/history/verify").json()

    assert said["status"] == "not_verified_yet"
    assert said["verified_at"] is None


def test_the_api_tells_what_the_newest_verification_found(asked):
    assert tasks.anchor_history() == 1
    assert tasks.verify_history() is True
    said = asked.get("/v1/history/verify").json()

    assert (said["status"], said["releases"], said["anchors"], said["findings"], said["stale"]) == ("whole", 1, 1, [], False)
    assert said["anchored_at"]


def test_asking_verifies_nothing_so_what_was_altered_since_is_for_the_next_verification(asked):
    assert tasks.verify_history() is True
    tampered()
    assert asked.get("/v1/history/verify").json()["status"] == "whole"

    assert tasks.verify_history(always=True) is False
    said = asked.get("/v1/history/verify").json()
    assert (said["status"], said["findings"][0]["first"]) == ("broken", "release 1")


def test_a_workspace_is_not_told_what_was_found_in_another(asked, request):
    other = request.getfixturevalue("publish")({"schema": 1, "workspace": {"key": "rival"}, "thresholds": [{"key": "x", "value": 1}]})
    with owner() as execute:
        execute("UPDATE rules_release SET reason = 'x' WHERE workspace_id = (SELECT id FROM rules_workspace WHERE key = 'rival')")
    tasks.verify_history(always=True)

    assert asked.get("/v1/history/verify").json()["status"] == "whole"
    assert other.get("/v1/history/verify").json()["status"] == "broken"


def test_only_a_secret_key_may_ask(asked):
    assert asked.get("/v1/history/verify", key="publishable").status_code == 403
    assert asked.get("/v1/history/verify", key=None).status_code == 401
    assert asked.post("/v1/history/verify", {}).status_code == 405


def test_status_and_metrics_tell_it_too(asked):
    assert "signpost_history_ok" not in asked.get("/metrics").content.decode()
    tasks.anchor_history()
    tasks.verify_history()
    assert "\nsignpost_history_ok 1\n" in asked.get("/metrics").content.decode()
    assert "\nsignpost_history_anchor_age_seconds " in asked.get("/metrics").content.decode()
    tampered()
    tasks.verify_history(always=True)

    assert "\nsignpost_history_ok 0\n" in asked.get("/metrics").content.decode()
    assert asked.get("/statusz").json()["history"]["status"] == "broken"


def test_the_badge_says_whether_history_was_verified_and_when(pages):
    assert badge(pages) == ("unknown", "History not verified yet")
    tasks.verify_history()
    assert badge(pages) == ("good", "History verified just now, 1 release")
    tampered()
    tasks.verify_history(always=True)
    assert badge(pages) == ("bad", "HISTORY BROKEN: What release 1 says is not what its hash says.")


def test_a_verification_of_long_ago_is_not_called_good(pages):
    verifying.verify_and_keep(now=time.time() - 3 * 86_400)

    assert badge(pages) == ("stale", "History last verified 3 days ago, 1 release")


def test_a_verification_is_stale_when_two_have_not_come(pages):
    verifying.verify_and_keep(now=time.time() - 540)
    assert badge(pages)[0] == "good"
    verifying.verify_and_keep(now=time.time() - 660)
    assert badge(pages)[0] == "stale"


def test_the_page_says_when_the_next_verification_is_due_and_when_it_has_not_come(pages):
    verifying.verify_and_keep(now=time.time())
    assert "Next run at" in pages.get("/admin/history/").content.decode()
    verifying.verify_and_keep(now=time.time() - 3_600)
    assert "has not begun. Is a task worker running?" in pages.get("/admin/history/").content.decode()


def test_verify_now_gives_a_verification_to_the_worker_and_the_page_shows_it_until_it_is_done(pages, monkeypatch):
    tasks.verify_history()
    tampered()
    sent = []
    monkeypatch.setattr(tasks.verify_history, "apply_async", lambda **how: sent.append(how["kwargs"]))
    said = pages.post("/admin/history/verify/", follow=True).content.decode()
    assert "anna asked for a verification" in said
    assert 'http-equiv="refresh"' in said

    [options] = sent
    tasks.verify_history(**options)
    said = pages.get("/admin/history/").content.decode()
    assert "anna asked" not in said
    assert 'http-equiv="refresh"' not in said
    assert "History is broken." in said


def test_verify_now_says_so_where_the_broker_does_not_answer(pages, monkeypatch):
    def refuse(**_how):
        raise OperationalError

    monkeypatch.setattr(tasks.verify_history, "apply_async", refuse)
    said = pages.post("/admin/history/verify/", follow=True).content.decode()

    assert "the broker does not answer" in said
    assert "anna asked" not in said


def test_a_running_verification_shows_on_the_page(pages):
    asking.tell(asking.Run(time.time(), 1, 2))

    assert "Being verified now: 1 of 2 chains." in pages.get("/admin/history/").content.decode()


def test_who_may_only_read_is_not_offered_to_verify(pages, django_user_model):
    reader = django_user_model.objects.create_user("rita", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_release"))
    pages.force_login(reader)

    assert "Verify now" not in pages.get("/admin/history/").content.decode()
    assert pages.post("/admin/history/verify/").status_code == 403


def test_who_may_not_see_history_sees_no_badge_and_no_page(pages, django_user_model):
    pages.force_login(django_user_model.objects.create_user("eve", is_staff=True))

    assert badge(pages) is None
    assert pages.get("/admin/history/").status_code == 403


def test_the_page_names_every_finding(pages):
    assert "Nobody has verified history yet" in pages.get("/admin/history/").content.decode()
    tampered()
    tasks.verify_history(always=True)
    said = pages.get("/admin/history/").content.decode()

    assert "History is broken." in said
    assert "What release 1 says is not what its hash says." in said


def test_an_auditor_downloads_evidence(pages):
    anchoring.anchor(now=1.0)
    answer = pages.get(re.search(r"/admin/history/\d+/evidence/", pages.get("/admin/history/").content.decode())[0])

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="evidence-shop-')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as package:
        assert "releases.json" in package.namelist()


def test_evidence_that_fails_its_own_check_is_not_handed_out_without_a_warning(pages, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.verify_history, "apply_async", lambda **how: sent.append(how["kwargs"]))
    tasks.verify_history()
    tampered()
    there = re.search(r"/admin/history/\d+/evidence/", pages.get("/admin/history/").content.decode())[0]
    answer = pages.get(there)

    assert answer.status_code == 409
    assert "What release 1 says is not what its hash says." in answer.content.decode()
    assert sent == [{"always": True}]

    taken = pages.get(f"{there}?broken=yes")
    assert taken.headers["Content-Disposition"].endswith('-BROKEN.zip"')
    with zipfile.ZipFile(io.BytesIO(b"".join(taken.streaming_content))) as package:
        assert b"release 1: What release 1 says is not what its hash says." in package.read("README.txt")


def test_who_may_not_export_is_offered_no_evidence_and_gets_none(pages, django_user_model):
    there = re.search(r"/admin/history/\d+/evidence/", pages.get("/admin/history/").content.decode())[0]
    reader = django_user_model.objects.create_user("rita", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_release"))
    pages.force_login(reader)

    assert "/evidence/" not in pages.get("/admin/history/").content.decode()
    assert pages.get(there).status_code == 403


def test_without_a_key_the_download_says_what_is_missing(pages, settings, tmp_path):
    settings.ANCHOR_KEY, settings.DATA_DIR = (), tmp_path
    there = re.search(r"/admin/history/\d+/evidence/", pages.get("/admin/history/").content.decode())[0]
    answer = pages.get(there)

    assert answer.status_code == 503
    assert b"openssl rand" in answer.content


def test_the_page_gives_the_script_that_checks_evidence_and_says_its_hash(pages):
    script = b"".join(pages.get("/admin/history/verify_evidence.py").streaming_content)

    assert script == SCRIPT.read_bytes()
    assert hashlib.sha256(script).hexdigest() in pages.get("/admin/history/").content.decode()
