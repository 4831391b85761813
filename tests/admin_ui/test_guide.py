"""The guide in the admin: every page leads to it, its links lead somewhere, and the words it sends people to are on pages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from admin_ui.guide import markdown
from admin_ui.guide.pages import OF_PAGES
from admin_ui.writing.parts import ROWS
from admin_ui.writing.schemas import PROPERTIES
from admin_ui.writing.steps import NEEDS, STEPS
from rules.models import PROXIES
from tests import recipes
from tests.recipes import FOLDER, ROOT

GUIDE = ROOT / "docs/marketer-guide.md"
TEXTS = [GUIDE, *sorted(FOLDER.glob("*.md"))]
SOURCES = (*Path("templates/admin").rglob("*.html"), *Path("admin_ui").rglob("*.py"), *Path("admin_ui/static").rglob("*.js"))
SOURCES += (
    *Path("rules/words").glob("*.py"),
    *Path("rules/selectors").glob("*.py"),
    *Path("rules/models").glob("*.py"),
    Path("rules/engine/aggregates.py"),
)


def test_html_in_the_guide_is_shown_as_text_and_a_link_that_leads_nowhere_is_none():
    assert markdown.render("<script>alert(1)</script>\n\n[*x* y](other.md) [z](/z)", lambda target: target if target == "/z" else None) == (
        '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n<p><em>x</em> y <a href="/z">z</a></p>\n'
    )


def test_every_recipe_is_a_page_and_every_link_of_the_guide_leads_somewhere(pages):
    shown = {address: pages.get(address) for address in ["/admin/guide/", *(f"/admin/guide/{name}/" for name in recipes.NAMES)]}

    assert {page.status_code for page in shown.values()} == {200}
    known = {address: set(re.findall(r'id="([^"]+)"', page.content.decode())) for address, page in shown.items()}
    articles = [re.search(r'<article class="guide">(.*)</article>', page.content.decode(), re.DOTALL)[1] for page in shown.values()]
    links = {link for article in articles for link in re.findall(r'href="([^"]+)"', article)}
    for link in links:
        address, _, anchor = link.partition("#")
        assert not anchor or anchor in known[address or "/admin/guide/"], link
        assert not address or address in known, link
    assert len(links) > 30
    assert {f"guide-{anchor}" for anchor in OF_PAGES.values()} <= known["/admin/guide/"]
    assert pages.get("/admin/guide/unknown/").status_code == 404


def test_every_page_leads_to_what_the_guide_says_of_it(pages):
    for address, anchor in (
        ("/admin/", ""),
        ("/admin/rules/tag/", "#guide-tags"),
        ("/admin/rules/rule/add/?workspace=shop", "#guide-the-tree-of-rules"),
    ):
        assert f'href="/admin/guide/{anchor}">Help</a>' in pages.get(address).content.decode()


def test_the_words_that_the_guide_sends_people_to_are_on_the_pages():
    known = "\n".join(unescape(path.read_text()) for path in SOURCES).lower()
    rows = [*ROWS.values(), PROPERTIES, STEPS, NEEDS]
    rows += [inner for one in rows for inner in one.inner]
    known += "".join(f"\nadd a {one.one}\n{one.one} 1\n" for one in rows).lower()
    known += "".join(f"\n{proxy._meta.verbose_name_plural}\n" for proxy in PROXIES.values()).lower()
    told = {said for path in TEXTS for said in re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", re.sub(r"(`+).+?\1", "", path.read_text()))}

    assert len(told) > 100
    assert sorted(said for said in told - {"this type", "nothing"} if said.lower() not in known) == []
