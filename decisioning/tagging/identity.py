"""One user under several ids: how an id's state comes to the user it belongs to, once, whatever is repeated or overtaken on the way.

Each id has a partition of its own, so this takes messages (events of a type that no client can send):

    merge      to `a:y`, from a known user `u:x` of whom an event named `a:y`: give your state to me
    merged     to `u:x`: here it is, all of it. `a:y` keeps nothing but `merged_into`
    refused    to `u:x`: it belongs to another user, or can't be given now
    contested  to the user it belongs to: somebody else asked

The first merge of an id counts and is never undone: sums of two can't be taken apart again. What comes to a merged id later is passed on
to its user under the same message id. Chains grow (`a:z` to `u:y` to `u:x`), circles can't: a known user that is itself asking for a
known one gives nothing away until it has its answer, and of any circle of givers the first to give would have been asking.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from hashlib import blake2b
from typing import Any
from zlib import compress, decompress

from msgspec.structs import replace

from decisioning.tagging import limits
from decisioning.tagging.aliases import ASKED, MERGED, REFUSED, Alias, Conflict, is_mine
from decisioning.tagging.changes import Change, because
from decisioning.tagging.dedup import remembered
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.event import Event
from decisioning.tagging.folded import Folded
from decisioning.tagging.joining import joined
from decisioning.tagging.permitted import shown
from decisioning.tagging.state import UserState, decode_state, encode_state, new_state
from decisioning.tagging.tallies import ignore
from decisioning.tagging.timers import advance
from decisioning.tagging.times import arrived

KNOWN, ANONYMOUS = "u:", "a:"


def asked(draft: UserState, event: Event) -> list[Event]:
    """The messages for the other ids that a known user's event names; the draft remembers that they were asked."""
    alias = event.alias or ""
    if not event.user.startswith(KNOWN):
        return []
    # Who says that a known user is another one may mean the anonymous id of that name: clients don't say which.
    wanted = [alias, ANONYMOUS + alias.removeprefix(KNOWN)] if alias.startswith(KNOWN) else [alias]
    return [_message("merge", who, event, into=event.user) for who in wanted if _may_ask(draft, event, who)]


def _may_ask(draft: UserState, event: Event, who: str) -> bool:
    record = draft.aliases.get(who)
    if who == event.user or (record is not None and not record.may_be_asked_again):
        return False
    if (record is None and len(draft.aliases) >= limits.ALIASES) or len(who.encode("utf-8", "replace")) > limits.ID_BYTES:
        ignore(draft, "aliases")
        return False
    draft.aliases = {**draft.aliases, who: Alias(ASKED, arrived(event))}
    return True


def asking(workspace: str, who: str, user: str, at: float) -> Event:
    """The message that asks an id for its state, for those who look at what would come of it."""
    return Event(workspace, who, "$look", "merge", "$merge", at, at, {"into": user})


def forwarded(state: UserState, event: Event) -> Folded:
    """What comes to an id that is part of a user: the user gets it, but who asks for the id itself gets the answer here."""
    owner = state.merged_into
    if event.type != "merge":
        return Folded(state, "forwarded", messages=[replace(event, user=owner)])
    asker = event.properties["into"]
    if asker == owner:
        return Folded(state, "duplicate")
    return Folded(
        state,
        "refused",
        messages=[
            _message("refused", asker, event, id=event.user, owner=owner),
            _message("contested", owner, event, id=event.user, asker=asker),
        ],
    )


def met(definitions: Definitions, state: UserState, event: Event) -> Folded:
    """The state after a message of another user. It counts as no event: not in sessions, counts, pages or the last seen."""
    return CONTROL[event.type](definitions, state, event)


def _give(definitions: Definitions, state: UserState, event: Event) -> Folded:
    """`merge`: hands everything over and becomes an alias. Refused while it waits for another's state itself, and if it is too large."""
    seen = remembered(state.seen, event.message_id, arrived(event))
    if seen is None:
        return Folded(state, "duplicate")
    asker = event.properties["into"]
    if is_asking(state) or is_mine(state.aliases, event.user, asker):
        draft = copy(state)
        draft.seen = seen
        return Folded(draft, "refused", messages=[_message("refused", asker, event, id=event.user, owner="")])
    before = advance(definitions, state, arrived(event))
    carried = packed(before.state)
    if len(carried) > limits.TRAVELS_BYTES:
        draft = copy(state)
        draft.seen = seen
        return Folded(draft, "refused", messages=[_message("refused", asker, event, id=event.user, owner=event.user)])
    alias = UserState(ids=[limits.clip(event.user, limits.ID_BYTES)], merged_into=asker)
    message = _message("merged", asker, event, id=event.user, state=carried)
    return Folded(alias, "applied", before.changes, [*before.messages, message])


def is_asking(state: UserState) -> bool:
    """Whether it waits for the state of a known user."""
    return any(record.status == ASKED and who.startswith(KNOWN) for who, record in state.aliases.items())


def _take(definitions: Definitions, state: UserState, event: Event) -> Folded:
    """`merged`: joins the state that came. Raises UnknownStateSchema for one of a newer Signpost."""
    who, mark = event.properties["id"], _digest(event.message_id)
    record = state.aliases.get(who)
    if record is not None and record.merge == mark:
        return Folded(state, "duplicate")
    before = advance(definitions, state, arrived(event))
    draft = joined(definitions, before.state, unpacked(event.properties["state"]))
    draft = copy(shown(definitions, draft)[1])
    draft.aliases = {**draft.aliases, who: Alias(MERGED, arrived(event), "", mark)}
    _settle(draft, event.user)
    changes = [*before.changes, Change("merged", who, arrived(event), because("Merged", arrived(event)))]
    gained = (key for key, tag in draft.tags.items() if tag.is_live(draft.last_seen) and key not in before.state.tags)
    changes += (Change("tag_added", key, draft.tags[key].at, because(draft.tags[key].cause, draft.tags[key].at)) for key in gained)
    return Folded(draft, "applied", changes, before.messages)


def packed(state: UserState) -> bytes:
    """The state for the way: no bytes for one in which nothing is."""
    return b"" if state == new_state() else compress(encode_state(state), 1)


def unpacked(data: bytes) -> UserState:
    return decode_state(decompress(data)) if data else new_state()


def _settle(draft: UserState, user: str) -> None:
    """Drops the conflicts with whom is the same user now."""
    draft.conflicts = {who: one for who, one in draft.conflicts.items() if not is_mine(draft.aliases, user, one.other)}
    draft.aliases = {who: record for who, record in draft.aliases.items() if who != user and not is_mine(draft.aliases, user, record.other)}


def _refused(definitions: Definitions, state: UserState, event: Event) -> Folded:
    who, owner = event.properties["id"], event.properties["owner"]
    record = state.aliases.get(who)
    seen = remembered(state.seen, event.message_id, arrived(event))
    if seen is None or (record is not None and record.status == MERGED):
        return Folded(state, "duplicate")
    draft = copy(state)
    draft.seen = seen
    draft.aliases = {key: held for key, held in draft.aliases.items() if key != who}
    if owner and is_mine(draft.aliases, event.user, owner):
        return Folded(draft, "applied")  # it belongs to this very user, or will as soon as what is on its way has come
    draft.aliases[who] = Alias(REFUSED, arrived(event), owner)
    ignore(draft, "merges")
    return Folded(draft, "applied", [Change("merge_refused", who, arrived(event), because("Merge refused", arrived(event)))])


def _contested(definitions: Definitions, state: UserState, event: Event) -> Folded:
    who, asker = event.properties["id"], event.properties["asker"]
    seen = remembered(state.seen, event.message_id, arrived(event))
    if seen is None or is_mine(state.aliases, event.user, asker):
        return Folded(state, "duplicate")
    draft = copy(state)
    draft.seen = seen
    held = draft.conflicts.get(who)
    draft.conflicts = {**draft.conflicts, who: Conflict(asker, arrived(event), (held.times if held else 0) + 1)}
    return Folded(draft, "applied")


CONTROL: dict[str, Callable[[Definitions, UserState, Event], Folded]] = {
    "merge": _give,
    "merged": _take,
    "refused": _refused,
    "contested": _contested,
}


def _message(kind: str, to: str, cause: Event, **told: Any) -> Event:
    """A message because of an event. The same cause gives the same message id, so that the receiver knows a repeated one."""
    message_id = f"${kind}-{_digest(to, cause.user, cause.message_id)}"
    return Event(cause.workspace, to, message_id, kind, f"${kind}", cause.at, cause.received, told)


def _digest(*parts: str) -> str:
    text = "\0".join(parts)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
