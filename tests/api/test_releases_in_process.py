"""How a release becomes live in a process: verified first, kept on disk, and never half."""

from __future__ import annotations

import time

import msgspec
import pytest
from django.db import connection

from decisioning import access, rulesets
from decisioning.refresher import Refresher
from rules import bundles


@pytest.fixture
def emptied(shop, settings):
    """The process as it was before it knew of anything; the disk still has what was kept."""
    access.keys.replace([])
    rulesets.rulesets.__init__()
    return shop


def test_a_process_that_starts_from_disk_serves_the_last_good_bundle_and_says_so(emptied):
    Refresher().start_from_disk()

    answer = emptied.decide("banner")
    assert answer["degraded_reasons"] == ["stale_release"]
    assert answer["decisions"][0]["content"]["body"] == "Hello friend"


def test_a_changed_bundle_is_refused_and_the_old_one_stays(shop):
    good = rulesets.live("shop")
    bad = msgspec.structs.replace(good.bundle, number=2, document=good.bundle.document.replace(b"Hello", b"Jello"))

    assert not rulesets.rulesets.swap(bad, source="database", now=time.time())

    assert rulesets.live("shop") is good
    assert "digest" in rulesets.rulesets.errors["shop"]
    assert shop.get("/statusz").json()["release_error"]


def test_a_changed_bundle_on_disk_is_refused(emptied, settings):
    path = settings.DATA_DIR / "bundles" / "shop.json"
    bundle = msgspec.json.decode(path.read_bytes(), type=bundles.LiveBundle)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(bundle, document=bundle.document + b" ")))

    Refresher().start_from_disk()

    assert rulesets.live("shop") is None


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_disk_of_rubbish_is_passed_over(emptied, settings, rubbish):
    (settings.DATA_DIR / "bundles" / "shop.json").write_bytes(rubbish)
    (settings.DATA_DIR / "keys.json").write_bytes(rubbish)

    Refresher().start_from_disk()

    assert rulesets.live("shop") is None


def test_the_database_takes_over_from_the_disk_when_it_is_back(emptied):
    refresher = Refresher()
    refresher.start_from_disk()
    assert rulesets.live("shop").source == "disk"

    refresher.fetch(now=time.time())

    assert rulesets.live("shop").source == "database"
    assert not emptied.decide("banner")["degraded"]


def test_a_refused_release_is_not_fetched_again_every_second(shop):
    good = rulesets.live("shop")
    bad = msgspec.structs.replace(good.bundle, number=2, hash="sha256:other", document=b"{}")
    rulesets.rulesets.swap(bad, source="database", now=time.time())

    assert rulesets.rulesets.known()["shop"] == (2, "sha256:other")


@pytest.fixture
def altered(emptied):
    """The newest release's bundle is altered in the database, past its guards; a process starts. The disk has the good one."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # as an owner would who switches the triggers off
        cursor.execute("UPDATE rules_release SET bundle = replace(bundle, 'Hello', 'Jello')")
        cursor.execute("SET LOCAL session_replication_role = origin")
    refresher = Refresher()
    refresher.fetch(now=time.time())
    return emptied, refresher


def test_a_process_that_starts_on_an_altered_release_serves_the_last_good_one_and_says_so(altered):
    shop, _ = altered

    answer = shop.decide("banner")

    assert answer["degraded_reasons"] == ["stale_release"]
    assert answer["decisions"][0]["content"]["body"] == "Hello friend"
    status = shop.get("/statusz").json()
    assert status["release"]["source"] == "disk"
    assert "digest" in status["release_error"]


def test_an_altered_release_is_counted_once_however_often_the_process_looks(altered):
    shop, refresher = altered
    line = b'signpost_releases_refused_total{source="database",workspace="shop"}'

    def counted():
        return next(found for found in shop.get("/metrics", key=None).content.splitlines() if found.startswith(line))

    before = counted()
    refresher.fetch(now=time.time())

    assert counted() == before


def test_what_is_refused_stands_on_every_page_of_the_admin(altered, client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("boss"))

    assert "This process refused a release of Shop" in client.get("/admin/").content.decode()


def test_a_spoilt_copy_on_disk_does_not_hide_the_databases_good_one(emptied, settings):
    path = settings.DATA_DIR / "bundles" / "shop.json"
    bundle = msgspec.json.decode(path.read_bytes(), type=bundles.LiveBundle)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(bundle, document=b"{}")))
    refresher = Refresher()
    refresher.start_from_disk()

    refresher.fetch(now=time.time())

    assert rulesets.live("shop").source == "database"
    assert emptied.get("/statusz").json()["release_error"] is None


def test_a_process_is_loaded_only_when_all_of_the_first_look_is_live(shop):
    refresher = Refresher()
    assert not refresher.loaded.is_set()

    refresher.fetch(now=time.time())

    assert refresher.loaded.is_set()


def test_keys_that_could_not_be_kept_on_disk_are_kept_at_the_next_look(emptied, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "not a folder"
    settings.DATA_DIR.touch()
    refresher = Refresher()
    refresher.fetch(now=time.time())

    settings.DATA_DIR.unlink()
    refresher.fetch(now=time.time())

    assert (settings.DATA_DIR / "keys.json").exists()
