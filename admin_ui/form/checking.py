"""What becomes of a form that is sent: a body, whether somebody was faster, and all that is wrong or worth a look."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils import timezone

from admin_ui.form.notes import NotingForm
from rules import arranging, bodies, selectors
from rules.bodies import Identity
from rules.engine import DocumentError
from rules.selectors import Desk, Finding


class CheckedForm(NotingForm):
    """`desk` and what came of the check, to be read once `is_valid` was asked."""

    kind: ClassVar[str]
    desk: ClassVar[Desk]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body: dict[str, Any] = {}
        self.expected = selectors.NEW
        """The state of the thing that the author saw; saving is refused where it is another by then."""
        self.behind = False
        self.unfinished: list[Finding] = []
        self.elsewhere: list[Finding] = []
        self.worth_a_look: list[Finding] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        key = cleaned.get("key") or self.instance.key
        self.instance.key = key  # also beside errors elsewhere: Django checks the instance next, and would miss it
        if self.errors or not key:
            return cleaned
        self._meet(key, cleaned)
        if self.kind == "rule" and self.instance.pk is None and cleaned.get("position") is None:
            cleaned["position"] = self._last(cleaned)
        for leaf in self.leaves:
            leaf.write(self.body, cleaned.get(leaf.name))
        try:
            self.body = bodies.normal(self.kind, key, self.body)
        except DocumentError as refused:
            for problem in refused.problems:
                self.refuse(Finding((self.kind, key), problem.path, problem))
        else:
            self._find((self.kind, key))
        return cleaned

    def _meet(self, key: str, cleaned: dict[str, Any]) -> None:
        """What is there of this thing by now, which may be more than the author saw. Raises ValidationError where it is too much."""
        thing = self.desk.things.get((self.kind, key))
        self.expected = thing.token(self.desk.author_id) if thing else selectors.NEW
        if self.instance.pk is None and (self.kind, key) in self.desk.bodies:
            self.add_error("key", f"There is already a {self.kind} of this key.")
        elif self.instance.pk is not None and cleaned["token"] != self.expected:
            # Where only the version moved on, the draft stays on the one it was begun from, and the page shows both sides.
            self.behind = thing.goes_on(self.desk.author_id, cleaned["token"])
            if not self.behind:
                raise ValidationError(
                    "This was changed meanwhile, in another window or by somebody else. Open it again: what you typed is offered there."
                )
            self.expected = cleaned["token"]

    def _find(self, identity: Identity) -> None:
        """What would be wrong with it, with others because of it, and what is only worth a look."""
        findings = self.desk.findings({identity: self.body})
        for found in findings:
            if found.identity == identity:
                self.unfinished.append(found) if found.unfinished else self.refuse(found)
        self.elsewhere = self.desk.caused({identity: self.body})
        if not findings and not self.desk.large:  # of a large workspace the next page tells it, a moment after it is shown
            # That nobody uses it yet is no news of something that was just written.
            advice = self.desk.advice(timezone.now().timestamp(), {identity: self.body})
            self.worth_a_look = [found for found in advice if found.identity == identity and not found.problem.code.startswith("unused_")]

    def _last(self, cleaned: dict[str, Any]) -> int:
        rules = {key: body for (kind, key), body in self.desk.bodies.items() if kind == "rule"}
        return arranging.after_all(rules, cleaned.get("placement") or "", cleaned.get("parent") or None)
