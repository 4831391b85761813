"""What each act is called and how it is told: the audit log's sentences, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules import bundles
from rules.bodies import Body
from rules.models import ApiKey, Approval, Draft, EmergencyReview, Item, Release, ReleaseChange, SampleUser, Version, Workspace
from rules.services.audit import Act
from rules.services.people import Person
from rules.words import called, differences

LISTED = 100
"""So many single changes stand in the words of one event; all of them are in its data."""


def thing(item: Item, *bodies: Body | None) -> str:
    """By the name in the first of these bodies that has one, with its key, which never changes."""
    return called(item.kind, item.key, *bodies)


def numbered(version: Version) -> str:
    return f"{thing(version.item, version.body)} v{version.number}"


def draft_begun(draft: Draft, restored: Version | None = None, *, before: Body | None = None) -> Act:
    """`restored` is the version whose words it took over; `before` what the draft starts from."""
    if draft.body is None:
        what = f"a draft that removes {thing(draft.item, before)}"
    else:
        named = thing(draft.item, draft.body)
        what = f"a draft of {named}, from v{draft.based_on}" if draft.based_on else f"a draft of a new {named}"
    words, data = f"{draft.author_name} began {what}.", {"based_on": draft.based_on}
    if restored is not None:
        words, data = f"{words[:-1]}: it says again what v{restored.number} said.", {**data, "restored": restored.number}
    return Act("draft.begun", draft.item.kind, draft.item.key, (words,), data=data)


def draft_discarded(draft: Draft, who: Person) -> Act:
    whose = "a draft" if who.id == draft.author_id else f"{draft.author_name}'s draft"
    words = f"{who.name} discarded {whose} of {thing(draft.item, draft.body)}."
    return Act("draft.discarded", draft.item.kind, draft.item.key, (words,), data={"author_id": draft.author_id})


def submitted(version: Version, who: Person, before: Body | None) -> Act:
    """`before` is the body that the change started from."""
    written = "" if who.id == version.author_id else f", which {version.author_name} wrote"
    removal = " (removed)" if version.body is None else ""
    words = (
        f"{who.name} submitted {thing(version.item, version.body, before)} v{version.number}{removal}{written}{_because(version.reason)}"
    )
    data = {"body_hash": version.body_hash, "author_id": version.author_id, "based_on": version.based_on}
    told = (words, *_listed(_differences(version.item, before, version.body)))
    return Act("version.submitted", version.item.kind, version.item.key, told, version.number, version.reason, data)


def reviewed(approval: Approval) -> Act:
    version = approval.version
    approved = approval.verdict == Approval.Verdict.APPROVED
    did = "approved" if approved else "asked for changes of"
    words = f"{approval.reviewer_name} {did} {numbered(version)} by {version.author_name}{_because(approval.comment)}"
    action = "version.approved" if approved else "version.changes_asked"
    data = {"body_hash": approval.body_hash, "author_id": version.author_id}
    return Act(action, version.item.kind, version.item.key, (words,), version.number, approval.comment, data)


def released(release: Release, changes: Sequence[ReleaseChange]) -> Act:
    back = release.rolled_back_to
    did = f"rolled back to release {back} with release {release.number}" if back else f"published release {release.number}"
    words = [f"{release.publisher_name} {did}{_because(release.reason)}"]
    if release.emergency:
        words.append("It was an emergency: what four eyes ask for was not waited for, and somebody else is to review it.")
    else:
        words.append("A second person's approval was needed." if release.four_eyes else "No second person's approval was needed.")
    if release.effective_from > release.published_at:
        words.append(f"It takes effect at {bundles.moment(release.effective_from)}.")
    words += _listed([sentence for change in changes for sentence in _change(change)])
    data = {
        "hash": release.hash,
        "digest": release.digest,
        "four_eyes": release.four_eyes,
        "emergency": release.emergency,
        "effective_from": bundles.moment(release.effective_from),
        "changes": [
            {
                "kind": change.item.kind,
                "key": change.item.key,
                "before": change.before.number if change.before else None,
                "after": change.after.number if change.after else None,
            }
            for change in changes
        ],
    }
    action = "release.rolled_back" if back else "release.published"
    return Act(action, "release", release.workspace.key, tuple(words), release.number, release.reason, data)


def emergency_reviewed(review: EmergencyReview) -> Act:
    release = review.release
    whose = f"release {release.number} by {release.publisher_name}"
    words = f"{review.reviewer_name} reviewed the emergency of {whose}{_because(review.comment)}"
    data = {"release_hash": review.release_hash, "publisher_id": review.publisher_id}
    return Act("release.reviewed", "release", release.workspace.key, (words,), release.number, review.comment, data)


def _change(change: ReleaseChange) -> list[str]:
    before, after = change.before, change.after
    if after is None or after.body is None:
        return [f"Gone: {thing(change.item, before.body if before else None)}" + (f", which was v{before.number}." if before else ".")]
    if before is None or before.body is None:
        return [f"New: {thing(change.item, after.body)} v{after.number} by {after.author_name}."]
    first = f"Changed: {thing(change.item, after.body)} from v{before.number} to v{after.number} by {after.author_name}."
    return [first, *_differences(change.item, before.body, after.body)]


def _differences(item: Item, before: Body | None, after: Body | None) -> list[str]:
    """What a change says, sentence by sentence. Nothing of something new or gone: its version has all of it."""
    if before is None or after is None:
        return []
    return [f"{thing(item, after)}: {found.words}." for found in differences(item.kind, before, after)]


def _listed(sentences: list[str]) -> list[str]:
    return sentences if len(sentences) <= LISTED else [*sentences[:LISTED], f"And {len(sentences) - LISTED} more."]


def _workspace(workspace: Workspace) -> str:
    return called("workspace", workspace.key, {"name": workspace.name})


def workspace_created(workspace: Workspace, who: Person) -> Act:
    words = (f"{who.name} created the {_workspace(workspace)}.", *(f"{name}: {said}." for name, said in _settings(workspace).items()))
    return Act("workspace.created", "workspace", workspace.key, words, data=_settings(workspace))


def workspace_changed(before: Workspace, after: Workspace, who: Person) -> Act | None:
    """None where nothing differs."""
    old, new = _settings(before), _settings(after)
    changed = {name: [old[name], said] for name, said in new.items() if said != old[name]}
    if not changed:
        return None
    told = (f"{name}: {was} became {now}." for name, (was, now) in changed.items())
    words = (f"{who.name} changed the {_workspace(after)}; it takes effect with the next release.", *told)
    return Act("workspace.changed", "workspace", after.key, words, data=changed)


def _settings(workspace: Workspace) -> dict[str, str]:
    return {
        "Name": f"“{workspace.name}”",
        "Time zone": workspace.timezone,
        "Four eyes": "on" if workspace.four_eyes else "off",
    }


def key_issued(key: ApiKey, who: Person) -> Act:
    words = [f"{who.name} issued the {key.kind} key {_key(key)}."]
    words.append(f"It may do: {', '.join(key.scopes)}." if key.scopes else f"It may do all that a {key.kind} key may.")
    if key.origins:
        words.append(f"It is for pages of {', '.join(key.origins)}.")
    if key.expires_at:
        words.append(f"It ends at {bundles.moment(key.expires_at)}.")
    data = {"kind": key.kind, "label": key.label, "scopes": key.scopes, "origins": key.origins}
    return Act("key.issued", "api_key", key.prefix, tuple(words), data=data)


def key_revoked(key: ApiKey, who: Person) -> Act:
    return Act("key.revoked", "api_key", key.prefix, (f"{who.name} revoked the {key.kind} key {_key(key)}.",))


def _key(key: ApiKey) -> str:
    return f"{key.prefix}…" + (f" ({key.label})" if key.label else "")


def _sample(sample: SampleUser) -> str:
    return called("sample user", sample.key, {"name": sample.name})


def sample_user_saved(sample: SampleUser, who: Person, *, new: bool) -> Act:
    """Which facts, not what they are: somebody may have copied them from a real person, and history is for ever."""
    words = f"{who.name} {'made' if new else 'changed'} the {_sample(sample)}."
    return Act("sample_user.saved", "sample_user", sample.key, (words,), data={"facts": sorted(sample.facts), "expects": sample.expects})


def sample_user_deleted(sample: SampleUser, who: Person) -> Act:
    return Act("sample_user.deleted", "sample_user", sample.key, (f"{who.name} deleted the {_sample(sample)}.",))


def loaded(workspace: Workspace, what: str, who: Person, report: str, begun: Iterable[Draft]) -> Act:
    """A whole document or table at once: one event, with every item whose draft it wrote."""
    begun = list(begun)
    drafts = [{"kind": draft.item.kind, "key": draft.item.key, "removes": draft.body is None} for draft in begun]
    names = [f"{'Removes' if draft.body is None else 'Drafts'} {thing(draft.item, draft.body)}." for draft in begun]
    words = (f"{who.name} loaded {what} into the {_workspace(workspace)} as drafts: {report}.", *_listed(names))
    return Act("document.loaded", "workspace", workspace.key, words, data={"drafts": drafts})


def erased(receipt: str, pseudonym: str, asked_by: str) -> Act:
    """Nothing that says who it was."""
    words = (f"A user was erased, as asked for with the key {asked_by}…: receipt {receipt}.",)
    return Act("user.erased", "erasure", receipt, words, data={"pseudonym": pseudonym})


def _because(reason: str) -> str:
    return f": {reason}" if reason.strip() else "."
