"""Publishing and rolling back: what goes live, what is refused, and the chain that history is."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection

from rules import bundles, selectors, services
from rules.engine import DocumentError, parse_workspace
from rules.models import Draft, Release, ReleaseChange, Version
from rules.signals import release_published
from tests.rules.conftest import ANNA, BEN, NOW, load, publish
from tests.tamper import execute, guards_off


def codes(refused: pytest.ExceptionInfo[DocumentError]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def change_threshold(value: float, author=ANNA, now=NOW):
    return services.save_draft("shop", kind="threshold", key="long", body={"value": value}, author=author, now=now)


@pytest.mark.django_db
class TestPublishing:
    def test_a_release_holds_every_version_with_its_number_and_hash(self, shop):
        load(shop)

        release = publish()

        assert {(entry["kind"], entry["key"], entry["version"]) for entry in release.manifest} == {
            (version.item.kind, version.item.key, 1) for version in Version.objects.select_related("item")
        }
        assert {entry["body_hash"] for entry in release.manifest} == set(Version.objects.values_list("body_hash", flat=True))

    @pytest.mark.parametrize("reason", ["x" * 501, "a\0b"])
    def test_a_reason_that_cannot_be_kept_is_refused(self, shop, reason):
        load(shop)

        with pytest.raises(DocumentError) as refused:
            services.publish("shop", actor=BEN, reason=reason, now=NOW)

        assert codes(refused) == ["reason_unfit"]
        assert not Release.objects.exists()

    def test_a_bundle_is_the_document_with_a_version_in_every_authored_thing(self, shop):
        load(shop)

        bundle = json.loads(publish().bundle)

        rule = bundle["placements"][0]["rules"][0]
        assert rule["version"] == rule["children"][0]["version"] == bundle["tags"][0]["version"] == 1
        assert parse_workspace(bundle).placements[0].rules[0].key == "bought"

    def test_a_bundle_has_the_digest_of_its_own_bytes(self, shop):
        load(shop)
        release = publish()

        assert bundles.build(json.loads(release.bundle)) == (release.bundle.encode(), release.digest)

    def test_a_version_is_its_drafts_authors_whoever_publishes(self, shop):
        load(shop, author=ANNA)

        release = publish(actor=BEN)

        assert set(Version.objects.values_list("author_id", "author_name")) == {(ANNA.id, "Anna")}
        assert (release.publisher_id, release.publisher_name) == (BEN.id, "Ben")

    def test_a_versions_hash_is_that_of_its_bodys_canonical_form(self, shop):
        load(shop)
        publish()

        version = Version.objects.get(item__key="long")

        assert version.body_hash == bundles.sha256({"value": 600})

    def test_drafts_are_gone_once_they_are_versions(self, shop):
        load(shop)

        publish()

        assert not Draft.objects.exists()

    def test_publishing_refuses_a_working_copy_with_all_its_problems_and_writes_nothing(self, shop):
        load(shop)
        services.save_draft("shop", kind="placement", key="banner", body=None, author=ANNA, now=NOW)
        services.save_draft("shop", kind="template", key="generic", body={"body": "{{ unclosed"}, author=ANNA, now=NOW)
        services.save_draft("shop", kind="tag", key="buyer", body={"ttl": "5000d"}, author=ANNA, now=NOW)

        with pytest.raises(DocumentError) as refused:
            publish()

        assert codes(refused).count("unknown_placement") == 3
        assert len(refused.value.problems) == 5
        assert (Release.objects.count(), Version.objects.count(), Draft.objects.count()) == (0, 0, 13)

    def test_publishing_refuses_to_be_without_a_reason(self, shop):
        load(shop)

        with pytest.raises(DocumentError) as refused:
            publish(reason="  ")

        assert codes(refused) == ["reason_missing"]

    def test_publishing_refuses_a_first_release_of_nothing(self):
        services.create_workspace("shop")

        with pytest.raises(DocumentError) as refused:
            publish()

        assert codes(refused) == ["nothing_to_publish"]

    def test_publishing_refuses_to_repeat_what_is_live(self, shop):
        load(shop)
        publish()

        with pytest.raises(DocumentError) as refused:
            publish()

        assert codes(refused) == ["nothing_to_publish"]

    def test_a_changed_setting_is_reason_enough_for_a_release(self, shop):
        load(shop)
        publish()
        services.change_workspace("shop", name="The shop", timezone="UTC", four_eyes=False)

        assert json.loads(publish().bundle)["workspace"].get("timezone", "UTC") == "UTC"

    def test_publishing_one_persons_drafts_leaves_the_others_drafts(self, shop):
        load(shop)
        publish()
        change_threshold(700, ANNA)
        services.save_draft("shop", kind="trait", key="plan", body={"type": "text"}, author=BEN, now=NOW)

        release = publish(only_by=ANNA)

        assert json.loads(release.bundle)["thresholds"][0]["value"] == 700
        assert Draft.objects.get().author_id == BEN.id

    def test_a_release_is_announced_once_it_is_committed(self, shop, django_capture_on_commit_callbacks):
        load(shop)
        heard: list[tuple[str, int]] = []

        def hear(workspace: str, number: int, **_: object) -> None:
            heard.append((workspace, number))

        release_published.connect(hear)
        with django_capture_on_commit_callbacks() as callbacks:
            publish()
        before = list(heard)
        for callback in callbacks:
            callback()

        assert (before, heard) == ([], [("shop", 1)])

    def test_a_release_says_what_it_changed(self, shop):
        load(shop)
        publish()
        change_threshold(700)

        change = ReleaseChange.objects.get(release=publish())

        assert (change.item.key, change.before.number, change.after.number) == ("long", 1, 2)


@pytest.mark.django_db
class TestConflicts:
    def test_two_peoples_drafts_of_one_item_can_not_both_be_submitted(self, shop):
        load(shop)
        publish()
        change_threshold(700, ANNA)
        change_threshold(800, BEN)

        with pytest.raises(DocumentError) as refused:
            services.submit("shop", reason="both", now=NOW)

        assert codes(refused) == ["draft_conflict"]
        assert Version.objects.filter(number=2).count() == 0

    def test_a_draft_that_started_before_somebody_elses_version_is_not_submitted(self, shop):
        load(shop)
        publish()
        change_threshold(700, ANNA)
        change_threshold(800, BEN)
        services.submit("shop", reason="mine", now=NOW, author=ANNA)

        with pytest.raises(DocumentError) as refused:
            services.submit("shop", reason="mine too", now=NOW, author=BEN)

        assert codes(refused) == ["draft_outdated"]

    def test_a_draft_saved_again_starts_from_the_newest_version(self, shop):
        load(shop)
        publish()
        change_threshold(700, ANNA)
        change_threshold(800, BEN)
        services.submit("shop", reason="mine", now=NOW, author=ANNA)

        change_threshold(800, BEN)
        [version] = services.submit("shop", reason="seen", now=NOW, author=BEN)

        assert (version.number, version.based_on) == (3, 2)

    def test_a_draft_changed_in_another_window_is_not_overwritten(self, shop):
        load(shop)
        publish()
        workspace = Release.objects.get().workspace
        token = selectors.thing(workspace, "threshold", "long").token(ANNA.id)
        change_threshold(700)

        with pytest.raises(DocumentError) as refused:
            services.save_draft("shop", kind="threshold", key="long", body={"value": 800}, author=ANNA, now=NOW, expected=token)

        assert codes(refused) == ["draft_changed"]
        assert Draft.objects.get().body == {"value": 700}

    @pytest.mark.parametrize("token", ["0.0.99", "0.0.0", "0.7.1", "7.1.1", "", "0.0.x", "0.0.²"])
    def test_a_token_that_nobody_was_given_is_no_way_around_that(self, shop, token):
        load(shop)
        publish()

        with pytest.raises(DocumentError) as refused:
            services.save_draft("shop", kind="threshold", key="long", body={"value": 3}, author=ANNA, now=NOW, expected=token, behind=True)

        assert codes(refused) == ["draft_changed"]

    def test_a_draft_changed_back_to_what_is_live_is_no_draft(self, shop):
        load(shop)
        publish()
        change_threshold(700)

        assert change_threshold(600) is None
        assert not Draft.objects.exists()

    def test_an_edit_from_one_to_true_is_a_draft_and_a_version(self):
        services.create_workspace("shop")

        def save(value):
            where = {"all": [{"name": "properties.gift", "operator": "equal_to", "value": value}]}
            body = {"assign": {"event": "Order Completed", "where": where}}
            return services.save_draft("shop", kind="tag", key="giver", body=body, author=ANNA, now=NOW)

        save(1)
        services.submit("shop", reason="a number", now=NOW)

        assert save(True) is not None
        [version] = services.submit("shop", reason="a boolean", now=NOW)
        assert version.body["assign"]["where"]["all"][0]["value"] is True

    def test_a_number_written_with_a_point_is_no_change(self, shop):
        load(shop)
        publish()

        assert change_threshold(600.0) is None

    def test_a_discarded_draft_of_something_new_leaves_no_trace(self, shop):
        load(shop)
        draft = services.save_draft("shop", kind="tag", key="new", body={}, author=ANNA, now=NOW)

        services.discard_draft(draft)

        assert selectors.thing(draft.item.workspace, "tag", "new") is None


@pytest.mark.django_db
class TestRollingBack:
    def test_a_roll_back_is_a_new_release_with_the_older_bundle_to_the_byte(self, shop):
        load(shop)
        first = publish()
        change_threshold(700)
        publish()

        third = services.roll_back("shop", number=1, actor=BEN, reason="too long", now=NOW)

        assert (third.number, third.rolled_back_to, third.bundle, third.digest) == (3, 1, first.bundle, first.digest)

    def test_what_was_rolled_back_is_not_published_again_by_the_next_release(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        publish()
        services.roll_back("shop", number=1, actor=ANNA, reason="too long", now=NOW)
        services.save_draft("shop", kind="trait", key="mood", body={"type": "text"}, author=ANNA, now=NOW)

        fourth = json.loads(publish().bundle)

        assert fourth["thresholds"][0] == {"key": "long", "value": 600, "version": 1}
        assert len(fourth["traits"]) == 2

    def test_the_working_copy_after_a_roll_back_is_what_is_live(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        publish()

        services.roll_back("shop", number=1, actor=ANNA, reason="too long", now=NOW)

        assert selectors.working_document("shop")["thresholds"] == [{"key": "long", "value": 600}]

    def test_a_thing_that_came_later_is_gone_by_a_roll_back_and_can_be_made_again(self, shop):
        load(shop)
        publish()
        services.save_draft("shop", kind="trait", key="mood", body={"type": "text"}, author=ANNA, now=NOW)
        publish()
        services.roll_back("shop", number=1, actor=ANNA, reason="no moods", now=NOW)
        gone = json.loads(Release.objects.get(number=3).bundle)["traits"]

        services.save_draft("shop", kind="trait", key="mood", body={"type": "number"}, author=ANNA, now=NOW)
        back = json.loads(publish().bundle)["traits"]

        assert [trait["key"] for trait in gone] == ["plan"]
        assert {"key": "mood", "type": "number", "version": 2} in back

    def test_a_removed_thing_comes_back_by_a_roll_back(self, shop):
        load(shop)
        publish()
        services.save_draft("shop", kind="context", key="device", body=None, author=ANNA, now=NOW)
        publish()

        services.roll_back("shop", number=1, actor=ANNA, reason="needed", now=NOW)

        assert [thing["key"] for thing in selectors.working_document("shop")["context"]] == ["device"]

    def test_rolling_back_to_what_is_live_is_refused(self, shop):
        load(shop)
        publish()

        with pytest.raises(DocumentError) as refused:
            services.roll_back("shop", number=1, actor=ANNA, reason="?", now=NOW)

        assert codes(refused) == ["nothing_to_publish"]

    def test_history_shows_between_which_releases_a_version_was_live(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        publish()
        services.roll_back("shop", number=1, actor=ANNA, reason="too long", now=NOW)
        item = Version.objects.filter(item__key="long")[0].item

        periods = {
            entry.version.number: [(start.number, end.number if end else None) for start, end in entry.live]
            for entry in selectors.history(item, NOW)
        }

        assert periods == {2: [(2, 3)], 1: [(1, 2), (3, None)]}


@pytest.mark.django_db
class TestTheChain:
    def test_each_release_carries_the_hash_of_the_one_before(self, shop):
        load(shop)
        first = publish()
        change_threshold(700)
        second = publish()

        assert (first.prev_hash, second.prev_hash) == ("", first.hash)

    def test_a_releases_hash_can_be_computed_again_from_its_row(self, shop):
        load(shop)
        publish(now=NOW + timedelta(microseconds=123456))

        stored = Release.objects.get()

        assert bundles.release_hash(stored) == stored.hash

    def test_a_release_altered_behind_our_back_no_longer_has_its_hash(self, shop):
        load(shop)
        publish()
        with guards_off():
            execute("UPDATE rules_release SET reason = 'another'")

        altered = Release.objects.get()

        assert bundles.release_hash(altered) != altered.hash

    def test_rolling_back_to_an_altered_version_is_refused(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        publish()
        with guards_off():
            execute("UPDATE rules_version SET body_hash = 'sha256:' || repeat('0', 64) WHERE number = 1 AND body ? 'value'")

        with pytest.raises(DocumentError) as refused:
            services.roll_back("shop", number=1, actor=ANNA, reason="?", now=NOW)

        assert "history_broken" in codes(refused)


@pytest.mark.django_db
class TestSchedules:
    def test_a_release_for_later_is_not_live_before(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        later = publish(effective_from=NOW + timedelta(hours=1))

        early = bundles.live_bundles(NOW.timestamp(), {})
        on_time = bundles.live_bundles(later.effective_from.timestamp(), {})

        assert ([bundle.number for bundle in early], [bundle.number for bundle in on_time]) == ([1], [2])

    def test_nothing_is_published_past_a_release_that_waits(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        publish(effective_from=NOW + timedelta(hours=1))
        change_threshold(800)

        with pytest.raises(DocumentError) as refused:
            publish()

        assert codes(refused) == ["release_waiting"]

    def test_a_release_that_waits_can_be_called_off_by_rolling_back(self, shop):
        load(shop)
        publish()
        change_threshold(700)
        publish(effective_from=NOW + timedelta(hours=1))

        services.roll_back("shop", number=1, actor=ANNA, reason="called off", now=NOW)

        [bundle] = bundles.live_bundles((NOW + timedelta(hours=2)).timestamp(), {})
        assert bundle.number == 3

    def test_a_release_can_not_be_dated_back(self, shop):
        load(shop)

        with pytest.raises(DocumentError) as refused:
            publish(effective_from=NOW - timedelta(seconds=1))

        assert codes(refused) == ["in_the_past"]


@pytest.mark.django_db(transaction=True)
def test_publishers_at_the_same_moment_get_numbers_without_a_gap(shop):
    load(shop)
    publish()
    people = [services.Person(10 + index, f"P{index}") for index in range(4)]
    for person in people:
        services.save_draft("shop", kind="trait", key=f"by-{person.id}", body={"type": "text"}, author=person, now=NOW)
    together = threading.Barrier(len(people))
    failed: list[BaseException] = []

    def run(person: services.Person) -> None:
        together.wait()
        try:
            publish(actor=person, only_by=person)
        except DocumentError as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    releases = list(Release.objects.order_by("number"))
    assert failed == []
    assert [release.number for release in releases] == [1, 2, 3, 4, 5]
    assert [release.prev_hash for release in releases] == ["", *(release.hash for release in releases[:-1])]
    assert len(json.loads(releases[-1].bundle)["traits"]) == 5
