"""An archived decision made again, by the release that made it or by another one: the same answer, or what differs and why.

It is decided by `choose`, as it was; only where the facts come from is another thing: from the record.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from decisioning.choose import Ask, Case, Decision, choose
from decisioning.inputs import Inputs, Opened, merge, opened, unpacked
from decisioning.models import DecisionRecord
from decisioning.reasons import Why, difference, why
from decisioning.rulesets import Live
from decisioning.tagging import Facts, facts, new_state
from decisioning.tagging.facts import USERS_CLOCK
from rules.engine.ruleset import Conditions

Status = Literal["same", "different", "not_replayable"]
UNSAID = "another, or none"
"""Instead of a rule that surely would not win: which one would, what this decision read does not tell."""
FIELDS = ("outcome", "reason", "rule", "template", "path", "content")
"""What an answer is, in the order in which differences are told."""
REASONS = {
    "inputs_not_kept": "What this decision read was not kept: it was made before Signpost kept it.",
    "context_not_kept": "It read the request's context, which is kept only sealed, and there was no key (PERSONAL_DATA_KEY) or too much.",
    "key_missing": "What it read of the request's context or of personal traits is sealed, and no key that is set opens it.",
    "unknown_release": "That release is not there.",
    "release_replaced": "The release of this number is not the one that decided: the workspace's history was loaded anew.",
    "release_damaged": "That release's bundle is not what its digest says.",
    "facts_not_read": "That release asks for what this decision did not read, so nobody can say what it was.",
    "values_not_read": "That release's template shows what this decision did not read, so nobody can say what it was.",
}


class Recorded:
    """The facts of a record, for rules. What the record does not have and its time does not tell is noted in `unknown`."""

    __slots__ = ("_known", "_moment", "unknown")

    def __init__(self, known: Mapping[str, Any], moment: Facts) -> None:
        self._known = known
        self._moment = moment
        self.unknown: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        try:
            value = self._known[name]
        except KeyError:
            value = self._told(name)
        return default if value is None else value

    def anew(self) -> Recorded:
        """The same, with nothing noted."""
        return Recorded(self._known, self._moment)

    def _told(self, name: str) -> Any:
        """What needs nobody's memory: the clock of the workspace and the user's id. Fixed thresholds are in the rules."""
        if name.startswith("time.") or name == "user.id":
            return self._moment.get(name)
        self.unknown.add(name)
        return None


class Passed(Container[str]):
    """The rules that were passed over as capped. No win is counted anew."""

    known = True

    def __init__(self, rules: Collection[str]) -> None:
        self._rules = frozenset(rules)

    def __contains__(self, rule: object) -> bool:
        return rule in self._rules

    def count(self, rule: str) -> None:
        """Nothing is counted: what was won was won."""

    def passed(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """`code` and `message` where it can't be replayed, `names` what is missing for it; `answer` is what the release answers."""

    release: int
    status: Status
    code: str = ""
    names: tuple[str, ...] = ()
    answer: Mapping[str, Any] | None = None
    differences: list[dict[str, Any]] = field(default_factory=list)
    why: list[Why] = field(default_factory=list)

    @property
    def new_versions(self) -> tuple[str, ...]:
        """What has another version (rule, template) where nothing else differs: the user is shown the same. Empty else."""
        alike = not self.names and all(one["field"] in {"rule", "template"} and _is_one_key(one) for one in self.differences)
        return tuple(one["field"] for one in self.differences) if alike else ()

    @property
    def message(self) -> str:
        named = f" ({', '.join(self.names[:5])}{', ...' if len(self.names) > 5 else ''})" if self.names else ""
        return f"{REASONS[self.code]}{named}" if self.code else ""


def _is_one_key(difference: Mapping[str, Any]) -> bool:
    was, now = difference["was"], difference["now"]
    return isinstance(was, Mapping) and isinstance(now, Mapping) and was["key"] == now["key"]


def refusal(release: int, code: str, names: Collection[str] = ()) -> Replayed:
    return Replayed(release, "not_replayable", code, tuple(sorted(names)))


def replay(record: DecisionRecord, own: Live | None, other: Live | None = None, *, reasons: bool = True) -> Replayed:
    """Decides again by `other`, or by `own`, the release that decided. What can't be said is not guessed.

    `reasons` cost an explanation by each of the two.
    """
    live = other or own
    number = live.number if live else record.release
    if record.inputs is None:
        return refusal(number, "inputs_not_kept")
    inputs = unpacked(bytes(record.inputs))
    if own is None or live is None:
        return refusal(number, "unknown_release")
    if own.hash != inputs.release:
        return refusal(number, "release_replaced")
    seen = opened(inputs, record.workspace, record.user)
    case = case_of(record, inputs, seen, live)
    if live.number != own.number:
        case = replace(case, data=_values(case.data, seen.facts))
    answer = choose(case, Passed(inputs.capped))[0]
    unknown = case.facts.unknown
    if unknown:
        if live.number != own.number and _is_barred(record, case, live):
            gone = difference("rule", answer_of(record)["rule"], UNSAID)
            told = _barred(record, inputs, seen, own, live) if reasons else []
            return Replayed(number, "different", names=tuple(sorted(unknown)), differences=[gone], why=told)
        return refusal(number, _unknown(unknown, inputs, seen, own=live.number == own.number), unknown)
    if "error" in answer:
        return _without_placement(record, live)
    return _compared(record, inputs, seen, own, live, case, answer, reasons=reasons)


def _compared(
    record: DecisionRecord, inputs: Inputs, seen: Opened, own: Live, live: Live, case: Case, answer: Decision, *, reasons: bool
) -> Replayed:
    was, now = answer_of(record), {name: answer[name] for name in FIELDS}
    lacking = _unread(record, inputs, seen, own, live, case, answer)
    if lacking:
        now["content"] = None
    differences = [
        difference(name, was[name], now[name])
        for name in FIELDS
        if not (lacking and name == "content") and _bytes(was[name]) != _bytes(now[name])
    ]
    if not differences:
        if lacking:
            closed = live.number == own.number and seen.closed
            return refusal(live.number, "key_missing" if closed else "context_not_kept" if inputs.left_out else "values_not_read", lacking)
        return Replayed(live.number, "same", answer=now)
    found = []
    if reasons:
        asked = [one["key"] for one in (was["rule"], now["rule"]) if one]
        told = {one.number: explained(record, inputs, seen, one) for one in (own, live)}
        found = why(asked, record.placement, told, own, live, seen.private)
    return Replayed(live.number, "different", names=tuple(lacking), answer=now, differences=differences, why=found)


def _is_barred(record: DecisionRecord, case: Case, live: Live) -> bool:
    """Whether the rule that won surely would not, whatever nobody read: some bar of its own stands in its way by what is known."""
    if record.outcome != "matched" or record.placement not in live.ruleset.placements:
        return False
    bars = live.ruleset.bars(record.placement, record.rule)
    return bars is None or any(_stands(bar, wanted, case) for bar, wanted in bars)


def _stands(bar: Conditions, wanted: bool, case: Case) -> bool:
    seen = case.facts.anew()
    return bar.matches(seen) is not wanted and not seen.unknown


def _barred(record: DecisionRecord, inputs: Inputs, seen: Opened, own: Live, live: Live) -> list[Why]:
    told = {one.number: explained(record, inputs, seen, one) for one in (own, live)}
    return why([record.rule], record.placement, told, own, live, seen.private)


def case_of(record: DecisionRecord, inputs: Inputs, seen: Opened, live: Live, *, explain: bool = False) -> Case:
    """The request as it was, before a release."""
    at = record.evaluated_at.timestamp()
    moment = facts(live.definitions, new_state(), now=at, context={}, timezone=live.settings.timezone, user=record.user)
    ask = Ask(record.user, [record.placement], at, locale=inputs.locale, explain=explain)
    return Case(ask, live, record.at.timestamp(), Recorded(seen.facts, moment), seen.data, [], only=record.rule or None)


def explained(record: DecisionRecord, inputs: Inputs, seen: Opened, live: Live) -> tuple[dict[str, Any], frozenset[str]]:
    """What the release's rules say of it, and the names they asked for that the record does not have."""
    if record.placement not in live.ruleset.placements:
        return {"rules": []}, frozenset()
    case = case_of(record, inputs, seen, live)
    choices = live.ruleset.choices(record.placement, case.facts, capped=Passed(inputs.capped), explain=True)
    return choices[0].explain or {"rules": []}, frozenset(case.facts.unknown)


def answer_of(record: DecisionRecord) -> dict[str, Any]:
    """What the archive says was answered, in the words of the API."""
    return {
        "outcome": record.outcome,
        "reason": record.reason,
        "rule": {"key": record.rule, "version": record.rule_version} if record.rule else None,
        "template": {"key": record.template, "version": record.template_version} if record.template else None,
        "path": record.path,
        "content": record.content,
    }


def _bytes(value: object) -> bytes:
    """One way to write a value: jsonb does not keep the order of keys."""
    return msgspec.json.encode(value, order="deterministic")


def _unknown(names: Collection[str], inputs: Inputs, seen: Opened, *, own: bool) -> str:
    from_context = any(name in inputs.left_out for name in names)
    if from_context or (own and inputs.left_out and any(name in USERS_CLOCK for name in names)):
        return "context_not_kept"
    return "key_missing" if seen.closed else "facts_not_read"


def _without_placement(record: DecisionRecord, live: Live) -> Replayed:
    return Replayed(live.number, "different", answer=None, differences=[difference("placement", record.placement, None)])


SHOWN_AS_READ = frozenset({"tags", "traits", "counts", "values", "thresholds", "context"})
"""Names that mean the same to rules and to templates. A score does not: to a template it is an object."""


def _of_facts(known: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """What rules read, by the paths that templates read it at."""
    return {tuple(name.split(".")): value for name, value in known.items() if name.partition(".")[0] in SHOWN_AS_READ}


def _values(data: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """With what rules read, for a template of another release that shows it."""
    found = dict(data)
    for path, value in _of_facts(known).items():
        if value is not None:
            nested: Any = value
            for part in reversed(path):
                nested = {part: nested}
            found = merge(found, nested)
    return found


def _unread(record: DecisionRecord, inputs: Inputs, seen: Opened, own: Live, live: Live, case: Case, answer: Decision) -> list[str]:
    """What the rendered templates read and the record does not have."""
    wanted = {path for read in case.looked[answer["decision_id"]].reads for path in (*read.open, *read.private)}
    private = {path for read in case.looked[answer["decision_id"]].reads for path in read.private}
    if live.number == own.number:
        gone = [".".join(path) for path in private if path[0] in inputs.left_out]
        return gone or [".".join(path) for path in private if seen.closed and inputs.private is not None and path[0] not in case.data]
    held = own.templates.get(record.template)
    known = {path for read in ((held.given if inputs.whole else held.reads),) for path in (*read.open, *read.private)} if held else set()
    known |= _of_facts(seen.facts).keys()
    return [".".join(path) for path in sorted(wanted) if not any(path[:length] in known for length in range(1, len(path) + 1))]
