"""A person at a keyboard: the page is reached by keys alone, and what fails says in which step, and what had the focus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce

from playwright.sync_api import Locator, Page, expect

FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return "nothing";
    const said = (at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.value || "").trim().slice(0, 80);
    return `${at.tagName.toLowerCase()}${at.id ? "#" + at.id : ""} “${said}”`;
}"""
SEEN = """at => {
    const style = getComputedStyle(at);
    return style.outlineStyle !== "none" || style.boxShadow !== "none";
}"""

TEXTS = "textbox or combobox or spinbutton or searchbox"


class Keyboard:
    """Presses keys in a page, and nothing else. `step` names what is being done, for whoever reads of a failure."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            error.add_note(f"Step: {words}. Page: {self.page.url}. The focus was on {self.page.evaluate(FOCUS)}.")
            raise

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def to(self, role: str, name: str, *, within: Locator | None = None, exact: bool = True, key: str = "Tab", bound: int = 60) -> None:
        """Goes on by Tab (or Shift+Tab) until the control of this role and name has the focus, and looks whether that can be seen."""
        place = within or self.page
        if role == "summary":  # what opens and closes a part: Playwright knows no role for it
            wanted = place.locator("summary").filter(has_text=name)
        else:
            wanted = reduce(Locator.or_, [place.get_by_role(one, name=name, exact=exact) for one in role.split(" or ")])  # type: ignore[arg-type]
        expect(wanted.first).to_be_attached()
        there = wanted.element_handles()
        for _ in range(bound):
            if self.page.evaluate("there => there.includes(document.activeElement)", there):
                break
            self.page.keyboard.press(key)
        else:
            raise AssertionError(f"{bound} times {key} did not lead to the {role} “{name}”")
        at = self.page.locator(":focus")
        assert at.evaluate(SEEN), f"the focus on the {role} “{name}” can't be seen"

    def enter(self, role: str, name: str, **where: object) -> None:
        self.to(role, name, **where)  # type: ignore[arg-type]
        self.press("Enter")

    def write(self, name: str, text: str, **where: object) -> None:
        """Into a text field, in place of what stands there."""
        self.to(TEXTS, name, **where)  # type: ignore[arg-type]
        self.press("Control+a")
        self.type(text)

    def choose(self, name: str, start: str, **where: object) -> None:
        """In a list of choices, by arrow keys: the choice that begins like this."""
        self.to("combobox", name, **where)  # type: ignore[arg-type]
        self.press("Home")
        for _ in range(60):
            chosen = str(self.page.locator(":focus").evaluate("at => at.selectedOptions[0].text"))
            if chosen.startswith(start):
                return
            self.press("ArrowDown")
        raise AssertionError(f"no choice of {name} begins with “{start}”; the last one is {chosen}")

    def ready(self, path: str) -> None:
        """Once a page whose address ends like this is there, and what makes its keys work too."""
        expect(self.page).to_have_url(re.compile(f"{path}($|[?#])"))
        expect(self.page.get_by_role("button", name="Shortcuts and help")).to_be_visible()
        self.page.wait_for_load_state()

    def go(self, letters: str, path: str) -> None:
        """By a shortcut to a page whose address ends like this."""
        self.press(*letters)
        self.ready(path)

    def past_the_menu(self) -> None:
        """Past the header and the menu: the first Tab on a page leads to this link."""
        self.enter("link", "Skip to main content", bound=2)

    def sign_in(self, account: dict[str, str]) -> None:
        with self.step(f"{account['username']} signs in"):
            self.write("Username:", account["username"], exact=False)
            self.press("Tab")
            self.type(account["password"])
            self.press("Enter")
            self.ready("/admin/")

    def sign_out(self) -> None:
        with self.step("signs out"):
            self.enter("button", "Log out")
            expect(self.page.get_by_role("link", name="Log in again")).to_be_visible()
            self.enter("link", "Log in again")
