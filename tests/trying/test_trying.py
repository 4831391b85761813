"""Trying: by a draft, by what is live, by a release; as a made-up user and as a real one; and nothing is left behind."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from decisioning import trying
from decisioning.trying import CantTry, UnknownUser
from rules import services
from rules.models import AuditEvent, SampleUser, Version

ORDER = {"type": "track", "userId": "alice", "event": "Order Completed"}
NOW = time.time()


def under(workspace, reader, version="live", **more):
    return trying.under(workspace, version, reader_id=reader.pk, **more)


def draft(author, kind, key, **changes):
    body = {**Version.objects.get(item__kind=kind, item__key=key).body, **changes}
    return services.save_draft("shop", kind=kind, key=key, body=body, author=author, now=timezone.now())


def test_a_made_up_user_gets_what_a_real_one_with_these_facts_would(workspace, anna):
    facts = {"tags": ["buyer"], "traits.name": "Ada"}

    [decision] = trying.try_given(under(workspace, anna), facts, ["banner"], at=NOW).decisions

    assert (decision["outcome"], decision["rule"]["key"], decision["content"]["body"]) == ("matched", "loyal", "Welcome back, Ada")
    [rule] = decision["explain"]["rules"]
    assert rule["conditions"]["all"][0]["actual"] == ["buyer"]


def test_what_a_rule_lacked_is_told_with_what_would_have_to_change(workspace, anna):
    [decision] = trying.try_given(under(workspace, anna), {}, ["banner"], at=NOW).decisions

    assert decision["outcome"] == "fallback"
    assert "needs tags" in decision["explain"]["rules"][0]["conditions"]["all"][0]["needs"]


def test_the_language_chooses_the_text(workspace, anna):
    tried = trying.try_given(under(workspace, anna), {"tags": ["buyer"], "traits.name": "Ada"}, ["banner"], at=NOW, locale="de-AT")

    assert tried.decisions[0]["content"]["body"] == "Willkommen zurück, Ada"


def test_a_draft_is_tried_by_its_author_and_by_nobody_else(workspace, anna, django_user_model):
    ben = django_user_model.objects.create_user("ben")
    draft(anna, "rule", "loyal", when={"all": [{"name": "tags", "operator": "contains_all", "value": ["curious"]}]})

    def won(reader, version):
        tried = trying.try_given(under(workspace, reader, version, placements=["banner"]), {"tags": ["curious"]}, ["banner"], at=NOW)
        return trying.winner(tried.decisions[0])

    assert [won(anna, "draft"), won(ben, "draft"), won(anna, "live"), won(anna, "1")] == ["loyal", "", "", ""]


def test_a_change_that_is_not_saved_is_tried_too(workspace, anna):
    body = {**Version.objects.get(item__kind="rule", item__key="loyal").body}
    del body["when"]

    by = under(workspace, anna, "draft", placements=["banner"], change={("rule", "loyal"): body})

    assert trying.winner(trying.try_given(by, {}, ["banner"], at=NOW).decisions[0]) == "loyal"


def test_a_draft_that_was_saved_again_is_compiled_again(workspace, anna):
    first = under(workspace, anna, "draft")
    again = under(workspace, anna, "draft")
    draft(anna, "template", "loyal", body="Hi")
    after = under(workspace, anna, "draft")

    assert first is again
    assert trying.try_given(after, {"tags": ["buyer"]}, ["banner"], at=NOW).decisions[0]["content"]["body"] == "Hi"


def test_what_is_wrong_with_another_placement_is_in_nobodys_way(workspace, anna):
    draft(anna, "rule", "single", when={"all": [{"name": "scores.gone", "operator": "equal_to", "value": 1}]})

    assert under(workspace, anna, "draft", placements=["banner"]).live.ruleset.placements.keys() == {"banner"}
    with pytest.raises(CantTry) as refused:
        under(workspace, anna, "draft", placements=["once"])
    assert [problem.code for problem in refused.value.problems] == ["unknown_score"]


@pytest.mark.parametrize("version", ["99", "yesterday", "²", "9" * 40])
def test_a_version_that_is_not_there_is_refused(workspace, anna, version):
    with pytest.raises(CantTry):
        under(workspace, anna, version)


def test_computed_facts_are_supposed_and_shown_in_templates(workspace, anna):
    when = {"all": [{"name": "scores.intent.band", "operator": "equal_to", "value": "high"}]}
    draft(anna, "rule", "loyal", when=when)
    draft(anna, "template", "loyal", body="{{ scores.intent.value }} {{ scores.intent.band }} {{ counts.views.1h }} {{ views }}")
    facts = {"scores.intent": 0.9, "counts.views.1h": 4, "counts.views.total": 12}

    tried = trying.try_given(under(workspace, anna, "draft", placements=["banner"]), facts, ["banner"], at=NOW)

    assert tried.decisions[0]["content"]["body"] == "0.9 high 4 12"
    assert tried.read["scores.intent.band"] == "high"


def test_facts_that_this_version_does_not_know_are_named(workspace, anna):
    tried = trying.try_given(under(workspace, anna), {"tags": ["gone"]}, ["banner"], at=NOW)

    assert tried.unknown == ["tags: gone"]


def test_a_real_user_is_tried_as_they_are_now(shop, workspace, anna):
    shop.decide("banner", user="alice", events=[ORDER])

    tried = trying.try_user(under(workspace, anna), "alice", ["banner"], at=time.time())

    assert (tried.user, trying.winner(tried.decisions[0])) == ("u:alice", "loyal")


def test_a_used_up_cap_bars_its_rule_unless_one_asks_for_a_try_without(shop, workspace, anna):
    shop.decide("once", user="alice", events=[ORDER], session_id="s1")

    def outcome(**more):
        return trying.try_user(under(workspace, anna), "alice", ["daily"], at=time.time(), **more).decisions[0]["outcome"]

    shop.decide("daily", user="alice")

    assert [outcome(), outcome(caps=False)] == ["capped", "matched"]


def test_trying_leaves_nothing_behind(shop, workspace, anna, valkey):
    shop.decide("banner", user="alice", events=[ORDER])
    before = {key: valkey.dump(key) for key in valkey.scan_iter()}

    for _ in range(3):
        trying.try_user(under(workspace, anna), "alice", ["banner", "once", "daily"], at=time.time())
        trying.try_given(under(workspace, anna), {"tags": ["buyer"]}, ["once"], at=NOW)

    assert {key: valkey.dump(key) for key in valkey.scan_iter()} == before
    assert shop.decide("daily", user="alice")["decisions"][0]["outcome"] == "matched"


def test_somebody_unknown_is_said_to_be(workspace, anna):
    with pytest.raises(UnknownUser):
        trying.try_user(under(workspace, anna), "nobody", ["banner"], at=NOW)


def test_a_personal_trait_decides_as_it_is_and_is_shown_hidden(publish, workspace, anna):
    document = {
        "schema": 1,
        "workspace": {"key": "private"},
        "traits": [{"key": "name", "personal": True}],
        "templates": [{"key": "hello", "body": "Hello {{ name }}"}],
        "placements": [
            {
                "key": "top",
                "rules": [
                    {
                        "key": "ada",
                        "when": {"all": [{"name": "traits.name", "operator": "equal_to", "value": "Ada"}]},
                        "then": {"template": "hello"},
                    }
                ],
            }
        ],
    }
    own = publish(document)
    own.decide("top", user="ada", events=[{"type": "identify", "userId": "ada", "traits": {"name": "Ada"}}])
    there = type(workspace).objects.get(key="private")

    hidden, open_to = (trying.try_user(under(there, anna), "ada", ["top"], at=time.time(), personal=personal) for personal in (False, True))

    assert [trying.winner(tried.decisions[0]) for tried in (hidden, open_to)] == ["ada", "ada"]
    assert [tried.decisions[0]["content"]["body"] for tried in (hidden, open_to)] == [f"Hello {trying.HIDDEN}", "Hello Ada"]
    assert "Ada" not in str((hidden.read, hidden.data, hidden.decisions[0]["explain"]["rules"][0]["conditions"]["all"][0]["actual"]))


def test_expectations_of_sample_users_are_met_or_not(workspace, anna):
    now = timezone.now()
    expects = {"banner": "loyal", "once": "", "gone": "x"}
    sample = services.save_sample_user("shop", key="buyer", facts={"tags": ["buyer"]}, expects=expects, now=now, actor=anna)

    found = {one.placement: one for one in trying.outcomes(under(workspace, anna), [sample], at=NOW)}

    assert {key: (one.met, one.got) for key, one in found.items()} == {
        "banner": (True, "loyal"),
        "once": (False, "single"),
        "gone": (False, ""),
    }
    assert "no such placement" in found["gone"].problem


def test_a_sample_user_is_changed_by_its_key_and_the_audit_log_says_who(workspace, anna):
    for facts in ({"tags": ["buyer"]}, {"traits.name": "Ada"}):
        services.save_sample_user("shop", key="ada", name="Ada", facts=facts, now=timezone.now(), actor=anna)
    services.delete_sample_user(SampleUser.objects.get().pk, now=timezone.now(), actor=anna)

    events = AuditEvent.objects.filter(workspace=workspace).order_by("-number")[:3]
    assert not SampleUser.objects.exists()
    assert [event.action for event in events] == ["sample_user.deleted", "sample_user.saved", "sample_user.saved"]
    assert "buyer" not in str([event.data for event in events])
