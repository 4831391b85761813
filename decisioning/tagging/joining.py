"""Two users who turn out to be one: their states joined, field by field.

Associative, and the same whichever state joins which, for events at distinct times and within the limits: first and last seen, totals,
windows, levels, session sums of one session, traits, count tags under way, tags that were not taken away, the last page, what was ignored.
Not so: the order of ids, sessions without a name, tags where one of the users had it taken away (the newer of the two counts). Message
ids are so as long as they are no more than a state remembers.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import cast

from msgspec.structs import replace

from decisioning.tagging import aliases, byvalue, consent, dedup, groups, kept, limits, sequences, sessions, traits, windows
from decisioning.tagging.decay import Take, joined_levels
from decisioning.tagging.definitions import Definitions
from decisioning.tagging.kept import Kept
from decisioning.tagging.state import REMOVED, Tag, UserState
from decisioning.tagging.tallies import ignore, tally

Join = Callable[[UserState, UserState, Definitions], None]
"""Puts one field of the second state into the first, which is a draft."""


def joined(definitions: Definitions, mine: UserState, theirs: UserState) -> UserState:
    """A state of everything in both. Neither is changed."""
    draft = copy(mine)
    for join in FIELDS.values():
        join(draft, theirs, definitions)
    return draft


def _nothing(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    """For what says something about the state, not about the user."""


def _ignored(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    for kind, times in theirs.ignored.items():
        ignore(draft, kind, times)


def _first_seen(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    if theirs.revision:
        draft.first_seen = min(draft.first_seen, theirs.first_seen) if draft.revision else theirs.first_seen


def _last_seen(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.last_seen = max(draft.last_seen, theirs.last_seen)


def _revision(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.revision += theirs.revision


def _ids(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    both = [*dict.fromkeys([*draft.ids, *theirs.ids])]
    draft.ids = both[: limits.IDS]
    if len(both) > limits.IDS:
        ignore(draft, "ids", len(both) - limits.IDS)


def _traits(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.traits, ignored = traits.joined(draft.traits, theirs.traits, definitions.merges)
    if ignored:
        ignore(draft, "traits", ignored)


def _tags(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    """Held since the earliest and until the latest of both; the newer cause is told. A removal counts if it is the newer of the two.

    Of a group of tags only the newest stays.
    """
    draft.tags = dict(draft.tags)
    for key, tag in theirs.tags.items():
        held = draft.tags.get(key)
        if held is not None:
            draft.tags[key] = _one_tag(held, tag)
        elif limits.has_room(draft.tags, limits.TAGS, definitions.tags):
            draft.tags[key] = tag
        else:
            ignore(draft, "tags")
    if definitions.groups:
        draft.tags = groups.settled(draft.tags, definitions.groups)


def _one_tag(one: Tag, other: Tag) -> Tag:
    older, newer = sorted((one, other), key=lambda tag: (tag.at, tag.expires == REMOVED, tag.cause))
    if REMOVED in (older.expires, newer.expires):
        return newer
    return replace(
        newer, since=min(older.since, newer.since), expires=max(older.expires, newer.expires) if older.expires and newer.expires else 0.0
    )


def _progress(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    """Whether there are enough is found by the next such event."""
    draft.progress = dict(draft.progress)
    for key, times in theirs.progress.items():
        if key in draft.progress or limits.has_room(draft.progress, limits.PROGRESS, definitions.progress):
            draft.progress[key] = sorted([*draft.progress.get(key, []), *times])[-limits.EXACT :]
        else:
            ignore(draft, "progress")


def _windows(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    both = {key: dict(lengths) for key, lengths in draft.windows.items()}
    room = limits.WINDOWS - sum(map(len, both.values()))
    for key, lengths in theirs.windows.items():
        for seconds, buckets in lengths.items():
            held = both.get(key, {}).get(seconds)
            if held is None and room <= 0:
                ignore(draft, "windows")
                continue
            room -= held is None
            window = windows.window(seconds)
            both.setdefault(key, {})[seconds] = windows.joined(held, buckets, window) if held else buckets
    draft.windows = both


def _totals(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.totals = dict(draft.totals)
    for key, value in theirs.totals.items():
        tally(draft, draft.totals, key, value, definitions)


def _levels(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.levels = dict(draft.levels)
    for name, level in theirs.levels.items():
        held = draft.levels.get(name)
        if held is not None:
            _, take, half_life = name.rsplit("|", 2)
            draft.levels[name] = joined_levels(held, level, cast(Take, take), int(half_life))
        elif limits.has_room(draft.levels, limits.LEVELS, definitions.levels):
            draft.levels[name] = level
        else:
            ignore(draft, "levels")


def _session(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.session = sessions.joined(draft.session, theirs.session, partial(_keep, draft, definitions))
    if draft.session is not None and len(draft.session.sums) > limits.TALLIES:
        sums = dict([*draft.session.sums.items()][: limits.TALLIES])
        ignore(draft, "totals", len(draft.session.sums) - len(sums))
        draft.session = replace(draft.session, sums=sums)


def _page(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    pages = [page for page in (draft.page, theirs.page) if page is not None]
    draft.page = max(pages, key=lambda page: (page.at, page.path, page.url), default=None)


def _seen(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.seen = dedup.joined(draft.seen, theirs.seen)


def _timers(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    """The earlier of two of one name: when it fires, it looks at the joined state."""
    draft.timers = {**draft.timers, **{name: min(at, draft.timers.get(name, at)) for name, at in theirs.timers.items()}}


def _overdue(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.overdue = {**draft.overdue, **{name: min(at, draft.overdue.get(name, at)) for name, at in theirs.overdue.items()}}


def _sequences(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.sequences = sequences.joined(draft.sequences, theirs.sequences)


def _grouped(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.grouped = byvalue.joined(draft.grouped, theirs.grouped)


def _kept(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.kept = _keep(draft, definitions, draft.kept, theirs.kept)


def _keep(draft: UserState, definitions: Definitions, one: Kept | None, other: Kept | None) -> Kept | None:
    both, surplus = kept.merged(one, other, definitions.kept)
    if surplus:
        ignore(draft, "values", surplus)
    return both


def _aliases(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.aliases = aliases.joined(draft.aliases, theirs.aliases)


def _conflicts(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.conflicts = aliases.contested(draft.conflicts, theirs.conflicts)


def _consent(draft: UserState, theirs: UserState, definitions: Definitions) -> None:
    draft.consent = consent.joined(draft.consent, theirs.consent)


FIELDS: dict[str, Join] = {
    "schema": _nothing,
    "merged_into": _nothing,
    "ignored": _ignored,
    "first_seen": _first_seen,  # before the revision, which says whether anything was seen
    "last_seen": _last_seen,
    "revision": _revision,
    "ids": _ids,
    "traits": _traits,
    "tags": _tags,
    "progress": _progress,
    "windows": _windows,
    "totals": _totals,
    "levels": _levels,
    "session": _session,
    "page": _page,
    "seen": _seen,
    "timers": _timers,
    "sequences": _sequences,
    "overdue": _overdue,
    "grouped": _grouped,
    "kept": _kept,
    "aliases": _aliases,
    "conflicts": _conflicts,
    "consent": _consent,
}
"""Every field of a state, and how it is joined (a test holds the two against each other)."""
