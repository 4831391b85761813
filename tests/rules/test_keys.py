"""API keys: shown once, hashed at rest, wrong ones told apart without a look-up, revoked ones gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules import apikeys, bundles, services
from rules.engine import DocumentError
from rules.models import ApiKey
from rules.signals import keys_changed
from tests.rules.conftest import NOW


@pytest.fixture
def workspace(db):
    return services.create_workspace("shop", name="The shop")


def issue(**options):
    return services.issue_key("shop", **{"kind": "secret", "label": "server", "now": NOW, **options})


@pytest.mark.parametrize(("kind", "start"), [("secret", "sk_"), ("publishable", "pk_")])
def test_a_new_key_is_well_formed_and_says_its_kind(kind, start):
    key = apikeys.new_key(kind)

    assert apikeys.well_formed(key)
    assert key.startswith(start)


def test_no_two_keys_are_the_same():
    assert len({apikeys.new_key("secret") for _ in range(100)}) == 100


def test_any_single_wrong_character_is_caught():
    key = apikeys.new_key("secret")

    wrong = [key[:index] + ("A" if key[index] != "A" else "B") + key[index + 1 :] for index in range(3, len(key))]

    assert not any(map(apikeys.well_formed, wrong))


def test_any_two_neighbours_swapped_are_caught():
    key = apikeys.new_key("secret")

    swapped = {key[:index] + key[index + 1] + key[index] + key[index + 2 :] for index in range(3, len(key) - 1)} - {key}

    assert not any(map(apikeys.well_formed, swapped))


@pytest.mark.parametrize("text", ["", "sk_", "sk_" + "0" * 46, "xk_" + "0" * 46, "sk_é"])
def test_what_is_no_key_is_not_well_formed(text):
    assert not apikeys.well_formed(text)


def test_a_key_and_a_line_s_end_are_not_well_formed():
    assert not apikeys.well_formed(apikeys.new_key("secret") + "\n")


def test_a_key_is_nowhere_in_the_database_but_as_its_hash(workspace):
    text = issue()

    row = ApiKey.objects.values().get()

    assert row["digest"] == apikeys.digest(text)
    assert text not in str(row)
    assert row["prefix"] == text[:11]


def test_an_issued_key_is_in_the_table_that_processes_load(workspace):
    text = issue(scopes=["decide"], expires_at=NOW + timedelta(days=1))

    [record] = bundles.api_keys()

    assert (record.workspace, record.kind, record.digest) == ("shop", "secret", apikeys.digest(text))
    assert (record.scopes, record.origins, record.expires_at) == (("decide",), (), NOW.timestamp() + 86_400)


def test_a_revoked_key_is_gone_from_the_table(workspace):
    issue(label="stays")
    issue(label="goes")

    services.revoke_key(ApiKey.objects.get(label="goes").pk, now=NOW)

    assert [record.digest for record in bundles.api_keys()] == [ApiKey.objects.get(label="stays").digest]


def test_revoking_twice_keeps_the_first_time(workspace):
    issue()
    key = ApiKey.objects.get()
    services.revoke_key(key.pk, now=NOW)

    services.revoke_key(key.pk, now=NOW + timedelta(days=1))

    key.refresh_from_db()
    assert key.revoked_at == NOW


def test_issuing_and_revoking_are_announced_once_committed(workspace, django_capture_on_commit_callbacks):
    heard: list[str] = []

    def hear(workspace: str, **_: object) -> None:
        heard.append(workspace)

    keys_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        issue()
        before = list(heard)
    with django_capture_on_commit_callbacks(execute=True):
        services.revoke_key(ApiKey.objects.get().pk, now=NOW)

    assert (before, heard) == ([], ["shop", "shop"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"scopes": ["everything"]}, "unknown_scope"),
        ({"kind": "publishable", "scopes": ["users:read"]}, "unknown_scope"),
        ({"origins": ["shop.example"]}, "bad_origin"),
        ({"origins": ["https://shop.example/path"]}, "bad_origin"),
        ({"origins": ["http://["]}, "bad_origin"),
        ({"origins": ["https://*.shop.example"]}, "bad_origin"),
        ({"expires_at": NOW}, "in_the_past"),
    ],
)
def test_a_key_that_could_not_be_used_is_not_issued(workspace, options, code):
    with pytest.raises(DocumentError) as refused:
        issue(**options)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("origin", ["*", "https://shop.example", "http://localhost:*", "http://127.0.0.1:8000"])
def test_an_origin_is_scheme_and_host(workspace, origin):
    issue(kind="publishable", origins=[origin])

    assert bundles.api_keys()[0].origins == (origin,)


def test_origins_are_kept_once_and_as_browsers_write_them(workspace):
    issue(kind="publishable", origins=["HTTPS://Shop.Example", "https://shop.example:443", "http://localhost:*"])

    assert bundles.api_keys()[0].origins == ("https://shop.example", "http://localhost:*")
