"""The audit log: every act that changes what is authored, what is live or who may do what, told in the transaction of the act."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from rules import bundles, services
from rules.engine import DocumentError
from rules.models import Approval, AuditEvent, Draft, Version, Workspace
from rules.services import Act
from tests.rules.conftest import ANNA, BEN, NOW, load, publish

pytestmark = pytest.mark.django_db


def last(action: str) -> AuditEvent:
    return AuditEvent.objects.filter(action=action).order_by("id").last()


def told(workspace: str | None = "shop") -> list[str]:
    return [event.words[0] for event in AuditEvent.objects.filter(workspace__key=workspace).order_by("number")]


def actions(workspace: str | None = "shop") -> list[str]:
    return [event.action for event in AuditEvent.objects.filter(workspace__key=workspace).order_by("number")]


def draft(value: int, author=ANNA) -> Draft | None:
    return services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=author, now=NOW)


class TestTheChain:
    def test_each_event_carries_the_hash_of_the_one_before_it_and_can_be_hashed_again(self, careful):
        events = list(AuditEvent.objects.filter(workspace__key="shop").order_by("number").select_related("workspace"))

        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert all(bundles.audit_hash(event) == event.hash for event in events)
        assert all(after.prev_hash == before.hash for before, after in itertools.pairwise(events))
        assert events[0].prev_hash == ""

    def test_each_workspace_has_its_own_and_the_installation_has_one(self, careful, django_user_model):
        services.create_workspace("other", now=NOW)
        django_user_model.objects.create_user("anna")

        firsts = AuditEvent.objects.filter(number=1)

        assert {event.chain for event in firsts} == {"shop", "other", "the installation"}

    def test_an_event_outside_of_a_transaction_is_refused(self, monkeypatch):
        monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)

        with pytest.raises(RuntimeError, match="in the transaction of what it tells"):
            services.note(None, ANNA, NOW, Act("x", "account", "x", ("x",)))

    def test_an_act_that_is_taken_back_takes_its_event_along(self, careful):
        before = actions()

        with transaction.atomic():
            draft(700)
            transaction.set_rollback(True)

        assert (actions(), Draft.objects.count()) == (before, 0)

    def test_without_its_event_nothing_is_done(self, careful, monkeypatch):
        monkeypatch.setattr(bundles, "audit_hash", lambda event: 1 / 0)

        with pytest.raises(ZeroDivisionError), transaction.atomic():
            draft(700)

        assert not Draft.objects.exists()

    def test_a_refused_act_is_told_nowhere(self, careful):
        before = actions()

        with pytest.raises(DocumentError):
            services.roll_back("shop", number=9, actor=ANNA, reason="x", now=NOW)

        assert actions() == before


class TestDrafts:
    def test_a_draft_is_told_when_it_is_begun_and_not_at_each_save(self, careful):
        for value in (700, 800, 900):
            draft(value)

        assert told()[-1] == "Anna began a draft of threshold long, from v1."
        assert actions().count("draft.begun") == 1

    def test_a_draft_of_something_new_or_of_a_removal_says_so(self, careful):
        services.save_draft("shop", kind="threshold", key="short", body={"value": 1}, author=ANNA, now=NOW)
        services.save_draft("shop", kind="segment", key="regulars", body=None, author=ANNA, now=NOW)

        assert told()[-2:] == [
            "Anna began a draft of a new threshold short.",
            "Anna began a draft that removes segment Regulars (regulars).",
        ]

    def test_a_draft_taken_back_by_saving_what_it_says_already_is_discarded(self, careful):
        draft(700)
        draft(600)

        assert told()[-1] == "Anna discarded a draft of threshold long."

    def test_somebody_elses_draft_is_discarded_by_whoever_does_it(self, careful):
        services.discard_draft(draft(700), actor=BEN, now=NOW)

        event = last("draft.discarded")
        assert (event.actor_name, event.words) == ("Ben", ["Ben discarded Anna's draft of threshold long."])

    def test_a_document_is_one_event_that_names_every_item(self, shop):
        load(shop, author=ANNA)

        [event] = AuditEvent.objects.filter(action="document.loaded")
        assert event.words[0].startswith("Anna loaded a document into the workspace The shop (shop) as drafts: ")
        assert "Drafts threshold long." in event.words
        assert {"kind": "rule", "key": "gold", "removes": False} in event.data["drafts"]
        assert "draft.begun" not in actions()


class TestReviews:
    def test_a_submission_names_item_version_and_reason(self, careful):
        draft(700)
        services.submit("shop", reason="people linger", now=NOW)

        event = last("version.submitted")
        assert event.words == ["Anna submitted threshold long v2: people linger", "threshold long: Value 600 became 700."]
        assert (event.object_kind, event.object_key, event.object_version, event.reason) == ("threshold", "long", 2, "people linger")
        assert event.data["body_hash"] == Version.objects.get(item__key="long", number=2).body_hash

    def test_who_sends_off_anothers_draft_is_named_beside_its_author(self, careful):
        draft(700)
        services.submit("shop", reason="x", now=NOW, actor=BEN)

        assert last("version.submitted").words[0] == "Ben submitted threshold long v2, which Anna wrote: x"

    @pytest.mark.parametrize(
        ("verdict", "action", "words"),
        [
            ("approved", "version.approved", "Ben approved threshold long v2 by Anna: seen"),
            ("changes_asked", "version.changes_asked", "Ben asked for changes of threshold long v2 by Anna: seen"),
        ],
    )
    def test_a_verdict_is_told(self, careful, verdict, action, words):
        draft(700)
        [version] = services.submit("shop", reason="x", now=NOW)
        services.approve(version, reviewer=BEN, now=NOW, verdict=Approval.Verdict(verdict), comment="seen")

        assert last(action).words == [words]


class TestReleases:
    def test_a_release_says_what_it_changed(self, shop):
        load(shop)
        publish()
        draft(700)
        services.save_draft("shop", kind="segment", key="regulars", body=None, author=BEN, now=NOW)
        services.save_draft("shop", kind="threshold", key="short", body={"value": 1}, author=ANNA, now=NOW)
        release = publish(reason="spring", effective_from=NOW + timedelta(hours=1))

        event = last("release.published")
        assert event.words[:3] == [
            "Anna published release 2: spring",
            "No second person's approval was needed.",
            "It takes effect at 2026-01-15T13:00:00.000000Z.",
        ]
        assert sorted(event.words[3:]) == [
            "Changed: threshold long from v1 to v2 by Anna.",
            "Gone: segment Regulars (regulars), which was v1.",
            "New: threshold short v1 by Anna.",
            "threshold long: Value 600 became 700.",
        ]
        assert (event.object_kind, event.object_version, event.data["hash"]) == ("release", 2, release.hash)

    def test_a_roll_back_is_told_as_one(self, shop):
        load(shop)
        publish()
        draft(700)
        publish()
        services.roll_back("shop", number=1, actor=BEN, reason="too long", now=NOW)

        event = last("release.rolled_back")
        assert event.words[0] == "Ben rolled back to release 1 with release 3: too long"
        assert "Changed: threshold long from v2 to v1 by Anna." in event.words


class TestWorkspacesAndKeys:
    def test_settings_are_told_as_they_were_and_as_they_are(self, careful):
        event = last("workspace.changed")

        assert (event.actor_name, event.words[1:]) == ("Ben", ["Four eyes: off became on."])
        assert event.data == {"Four eyes": ["off", "on"]}

    def test_saving_settings_that_stay_the_same_tells_nothing(self, careful):
        before = actions()
        services.change_workspace("shop", name="The shop", timezone="Europe/Berlin", four_eyes=True, actor=BEN, now=NOW)

        assert actions() == before

    def test_a_key_is_told_by_its_prefix_and_never_by_its_text(self, careful):
        text = services.issue_key("shop", kind="secret", label="server", now=NOW, scopes=["history"], actor=BEN)
        key = Workspace.objects.get().api_keys.get()
        services.revoke_key(key.pk, now=NOW, actor=ANNA)
        services.revoke_key(key.pk, now=NOW, actor=ANNA)

        assert actions()[-2:] == ["key.issued", "key.revoked"]
        assert told()[-2:] == [f"Ben issued the secret key {key.prefix}… (server).", f"Anna revoked the secret key {key.prefix}… (server)."]
        assert text not in str(list(AuditEvent.objects.values()))


ADA_CHANGED = "command line changed the account ada (Ada Author)."


class TestAccounts:
    @pytest.fixture
    def since_then(self, request):
        """What the installation's chain was told since; where Ada is asked for too, since she was there."""
        if "ada" in request.fixturenames:
            request.getfixturevalue("ada")
        before = AuditEvent.objects.filter(workspace=None).count()
        return lambda: [event.words for event in AuditEvent.objects.filter(workspace=None, number__gt=before).order_by("number")]

    @pytest.fixture
    def ada(self, django_user_model):
        return django_user_model.objects.create_user("ada", email="ada@example.com", first_name="Ada", last_name="Author")

    def test_what_an_account_is_allowed_is_told(self, since_then, django_user_model):
        ada = django_user_model.objects.create_user("ada", first_name="Ada", last_name="Author")
        django_user_model.objects.create_superuser("root")
        with services.acting(ANNA):
            ada.is_staff = True
            ada.save()

        assert since_then() == [
            ["command line created the account ada (Ada Author).", "It is active."],
            ["command line created the account root (root).", "It is active.", "It is allowed into these pages.", "It is a superuser."],
            ["Anna changed the account ada (Ada Author).", "It is now allowed into these pages."],
        ]

    def test_many_permissions_given_at_once_are_one_event(self, since_then):
        group = Group.objects.create(name="Everything")
        group.permissions.set(Permission.objects.all())

        assert [len(words) - 1 for words in since_then()] == [0, Permission.objects.count()]

    def test_password_and_address_are_told_to_have_changed_and_not_what_they_are(self, ada):
        ada.email = "secret@example.com"
        ada.set_password("correct horse battery")
        ada.save()

        assert last("account.changed").words[1:] == ["Its e-mail address was changed.", "Its password was changed."]
        assert "secret@" not in str(list(AuditEvent.objects.values()))

    def test_a_login_is_no_change(self, ada, client):
        before = actions(None)
        client.force_login(ada)

        assert actions(None) == before

    def test_groups_and_permissions_are_told_from_either_end(self, ada, since_then):
        group, permission = Group.objects.create(name="Reviewers"), Permission.objects.get(codename="approve_version")
        group.permissions.add(permission)
        ada.groups.add(group)
        ada.groups.add(group)
        group.user_set.remove(ada)
        group.user_set.remove(ada)
        ada.user_permissions.add(permission)
        ada.user_permissions.clear()
        group.name = "Second readers"
        group.save()
        group.permissions.set([])
        group.delete()

        may, reviewers = "the permission “Can approve versions”.", "the group Reviewers."
        assert since_then() == [
            ["command line created the group Reviewers."],
            ["command line changed the group Reviewers.", f"Gave {may}"],
            [ADA_CHANGED, f"Gave {reviewers}"],
            [ADA_CHANGED, f"Took away {reviewers}"],
            [ADA_CHANGED, f"Gave {may}"],
            [ADA_CHANGED, f"Took away {may}"],
            ["command line changed the group Second readers.", "Name: “Reviewers” became “Second readers”."],
            ["command line changed the group Second readers.", f"Took away {may}"],
            ["command line deleted the group Second readers."],
        ]

    def test_whoever_was_in_a_group_that_is_deleted_lost_it(self, ada, since_then):
        group = Group.objects.create(name="Reviewers")
        ada.groups.add(group)
        group.delete()

        assert since_then()[2:] == [
            [ADA_CHANGED, "Took away the group Reviewers."],
            ["command line deleted the group Reviewers."],
        ]

    def test_history_stays_readable_when_the_account_is_deleted(self, shop, ada):
        load(shop, author=ada)
        publish(actor=ada)
        number = ada.pk
        with services.acting(BEN):
            ada.delete()

        event = last("release.published")
        assert (event.actor_id, event.actor_name, event.words[0]) == (number, "Ada Author", "Ada Author published release 1: first")
        assert told(None)[-1] == "Ben deleted the account ada (Ada Author)."

    @pytest.mark.django_db(transaction=True)
    def test_an_account_and_its_event_are_one_transaction(self, django_user_model, monkeypatch):
        monkeypatch.setattr(bundles, "audit_hash", lambda event: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            django_user_model.objects.create_user("ada")

        assert not django_user_model.objects.exists()
