"""Labels, help and choices of the fields of forms."""

from __future__ import annotations

from rules.words.basics import humanised

LABELS = {
    "then.template": "Show template",
    "fallback.template": "Otherwise show template",
    "when": "Conditions",
    "parent": "Beneath rule",
    "branch": "Tried",
    "enabled": "Switched on",
    "schedule.from": "From",
    "schedule.until": "Until",
    "schedule.weekdays": "On",
    "schedule.hours": "Between",
    "schedule.timezone": "On the clock of",
    "rollout.percent": "Percent of users",
    "rollout.salt": "Drawn together as",
    "cap.session": "At most … times per session",
    "cap.user": "At most … times ever",
    "cap.day": "At most … times per day",
    "cap.week": "At most … times per week",
    "cap.action": "At most … times between two events",
    "group": "One of group",
    "mode": "Answers with",
    "limit": "At most … at once",
    "ttl": "Stays for",
    "assign.event": "Given by event",
    "assign.where": "Only if",
    "assign.when": "And only if the user",
    "assign.count.at_least": "At least … times",
    "assign.count.within": "Within",
    "assign.count.by": "Each value by itself of",
    "assign.sum.of": "Adding up",
    "assign.sum.at_least": "To at least",
    "assign.sum.within": "Within",
    "assign.sum.by": "Each value by itself of",
    "assign.inactive": "When there was none for",
    "assign.steps": "Given by these, in this order",
    "assign.all": "Given by all of these, in any order",
    "assign.within": "All of it within",
    "remove.event": "Taken away by event",
    "remove.events": "Or by one of these events",
    "remove.where": "Only if",
    "remove.when": "And only if the user",
    "adaptive.signal": "Follow all users' values of",
    "adaptive.k": "Mean and so many deviations",
    "adaptive.percentile": "Or percentile",
    "adaptive.half_life": "Values count half after",
    "adaptive.at_least": "From how many values on",
    "adaptive.min": "Never below",
    "adaptive.max": "Never above",
    "where": "Only if",
    "purpose": "Only for users who agreed to",
    "purpose.events": "Without it a user's events are not used",
    "personal": "Encrypted where it is kept",
    "values": "Allowed values",
    "schema": "Its properties",
    "event.mode": "An event that does not fit is",
    "merge": "Merging",
    "half_life": "Half-life",
    "fields": "Fields",
    "locales": "Other languages",
    "content": "Kind of content",
}
OF_EVENTS = "About the event, such as properties.category. Empty: any such event."
OF_USERS = "About the user, as in rules, with the event counted in. Empty: always."
HELP = {
    "then.template": "Nothing chosen: the rules beneath this one decide.",
    "when": "Empty: always. The names you may use are listed below.",
    "segment.when": "Rules then ask whether a user is in the segment. The names you may use are listed below.",
    "where": OF_EVENTS,
    "assign.where": OF_EVENTS,
    "remove.where": OF_EVENTS,
    "assign.when": OF_USERS,
    "remove.when": OF_USERS,
    "remove.event": "The event's name, or * for any event.",
    "remove.events": "One to a line.",
    "assign.count.by": "Such as properties.category: three clicks in the same category. Templates read which one: tag_values.",
    "assign.sum.of": "A number in the event, such as properties.seconds.",
    "assign.sum.at_least": "What the events must add up to.",
    "assign.sum.within": "Such as 10m, 1h, 7d. Empty: ever.",
    "assign.sum.by": "Such as properties.product_id: half a minute on the same product.",
    "assign.inactive": "Such as 7d: the tag comes when there was no such event for that long after the last one.",
    "assign.steps": "“Within” counts from the step before. A last step that must not come gives the tag when its time is over; one "
    "before it must not come in between.",
    "assign.all": "Each as often, or adding up to as much, as it says.",
    "assign.within": "Such as 10m, 1h, 7d: from the first to the last of the above. Empty: ever.",
    "tag.group": "A user has one tag of a group at a time: the newest takes the place of the others. Lower-case letters, digits, - and _.",
    "branch": "For a rule beneath another only.",
    "position": "Lowest is tried first. Empty: last.",
    "schedule.from": "A day, and a time if it is not the day's beginning. Empty: since ever.",
    "schedule.until": "The first moment that no longer counts. Empty: for good.",
    "schedule.weekdays": "None ticked: every day.",
    "schedule.hours": "The end no longer counts. An end before the beginning is on the next day. Empty: all day.",
    "rollout.percent": "Always the same users; a higher number adds others. Empty: everybody.",
    "rollout.salt": "Rules with the same word here are for the same users. Empty: this rule draws its own.",
    "cap.day": "Days and weeks are those of the user's calendar; a week begins on Monday.",
    "cap.action": "The count begins anew with each event of the user.",
    "group": "For a placement that answers with every match: only the first match of a group is shown.",
    "priority": "For a placement that answers with every match: the highest comes first.",
    "limit": "Only where every match is shown. Empty: all of them, up to 100.",
    "values": "One to a line.",
    "merge": "What counts when two ids turn out to be one user and both have a value.",
    "bands": "The highest band whose beginning is reached names the score for rules: high from 0.8, medium from 0.5, low from 0.",
    "terms": "Each adds weight × gain × the number of its units, and never more than the most that is written. "  # noqa: RUF001  the sign of multiplication is meant
    "Added up, the latest and the highest fade by the half-life; averages and the like are as they are just now.",
    "locales": "What differs by language, such as de; de also answers for de-AT. What is empty is taken from the template's own texts.",
    "template.fields": "One text for each field of the placement.",
    "placement.fields": "One to a line: the fields that templates fill. Only where the kind of content is data fields.",
    "event": "The event's name as the app sends it, such as Order Completed.",
    "schema": "What the app promised to send with this event. A property that is not listed here may be anything.",
    "event.mode": "What does not fit is shown on the page of violations.",
    "assign.event": "The event's name as the app sends it, such as Order Completed; * for any event.",
    "value": "The number in the event that counts, such as properties.seconds. Empty: each event counts 1.",
    "signal.type": "Text: such as a category, at the path above. Each event then counts 1, and its different values can be counted.",
    "threshold.value": "Conditions compare with it by its name. Of one that follows users: what holds until there are enough values.",
    "adaptive.signal": "Nothing chosen: the threshold is always the value above.",
    "adaptive.k": "2 is far above the usual, 0 is the mean itself, -1 is below it.",
    "adaptive.percentile": "Such as 90: what 90 % of values do not exceed. Instead of mean and deviations.",
    "adaptive.half_life": "Such as 1h, 1d. Empty: 7d.",
    "adaptive.at_least": "With fewer, the value above holds; older values count less here too. Empty: 100.",
    "purpose": "Nothing chosen: for everybody. Who was never asked has not agreed.",
    "purpose.events": "For one purpose at most. Events of users who have not agreed leave nothing behind, whatever else they agreed to.",
    "personal": "Where the operator has set a key: in users' states, in the event log and in the archive of events.",
    "placement.purpose": "Nothing chosen: for everybody. All who have not agreed get the fallback.",
    "ttl": "Such as 45s, 10m, 1h, 7d, 2w. Empty: until it is taken away.",
    "half_life": "Such as 10m, 1h, 7d: after that long a signal counts half. Empty: no decay.",
    "assign.count.within": "Such as 10m, 1h, 7d. Empty: ever.",
    "template.body": "Liquid or Jinja text: {{ name }}, {{ scores.intent.value }}, {{ counts.dwell.1h }}.",
}
CHOICES = {
    "content": {
        "html": "Formatted text (HTML)",
        "text": "Plain text",
        "fields": "Data fields (JSON)",
    },
    "engine": {"liquid": "Liquid", "jinja": "Jinja"},
    "type": {
        "text": "Text",
        "number": "A number",
        "boolean": "Yes or no",
        "one_of": "One of the allowed values",
        "many_of": "Some of the allowed values",
        "datetime": "A date and time",
        "duration": "A length of time",
        "objects": "A list of things",
    },
    "branch": {"then": "when the rule above it holds", "else": "when the rule above it does not hold"},
    "mode": {
        "first": "the first match",
        "collect": "every match, by priority",
        "warn": "taken and counted",
        "enforce": "refused and counted",
    },
    "merge": {
        "latest": "the one told last",
        "first": "the one told first",
        "sum": "their sum (numbers)",
        "union": "the elements of both (lists)",
    },
    "schedule.weekdays": {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"},
}


def label(path: str, kind: str = "") -> str:
    """A field's label: its own, or its name in words."""
    return LABELS.get(f"{kind}.{path}") or LABELS.get(path) or humanised(path.rpartition(".")[2]).capitalize()


def help_text(kind: str, path: str) -> str:
    return HELP.get(f"{kind}.{path}", HELP.get(path, ""))


def chosen(path: str, value: object) -> object:
    """What a field's value is called where it is one of a few; else the value."""
    return CHOICES.get(path, {}).get(value, value) if isinstance(value, str) else value


def choices(path: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """What may be chosen, each with its words; in their order where there are any, for the struct's own is lost on the way here."""
    known = CHOICES.get(path, {})
    return [(value, known.get(value) or humanised(value)) for value in sorted(values, key=[*known, *values].index)]
