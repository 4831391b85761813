"""Templates, compiled: all their texts by language, checked together and rendered together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.engine import DocumentError, Problem
from rules.engine.workspace import Template
from rules.templating import limits, source, urls
from rules.templating.budget import Budget
from rules.templating.errors import Finding, RenderError, Where
from rules.templating.escape import checked
from rules.templating.jinja import Jinja
from rules.templating.liquid import Liquid
from rules.templating.names import names, roots, unclear_windows
from rules.templating.pieces import Static
from rules.templating.places import standing
from rules.templating.values import plain

LOCALE = 64
"""Characters of a language tag that are looked at; real ones have at most 35."""

ENGINES: dict[str, type[Liquid] | type[Jinja]] = {"liquid": Liquid, "jinja": Jinja}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template says to one user."""

    body: str
    fields: dict[str, str]


class Text:
    """One body or field."""

    __slots__ = ("_parsed", "_urls", "findings", "names", "paths", "roots", "static")

    def __init__(self, text: str, engine: str) -> None:
        self.paths: frozenset[tuple[str, ...]] = frozenset()
        self.names: frozenset[str] = frozenset()
        self.roots: frozenset[str] = frozenset()
        self.static: str | None = None
        self._urls = False
        refusal = source.refusal(text, engine)
        self.findings: list[Finding] = [refusal] if refusal else []
        if refusal:
            return
        try:
            self._parse(text, engine)
        except Exception as error:  # noqa: BLE001  # an engine met what it was not made for: tell the author, do not stop the server
            message = f"This can't be compiled ({type(error).__name__})"
            self.findings.append(Finding("template_refused", Where(1, 1), message, "Make the template simpler."))

    def _parse(self, text: str, engine: str) -> None:
        self._parsed = parsed = ENGINES[engine](text)
        self.findings += parsed.findings
        stands = standing(parsed.pieces, text)
        self.findings += [*stands.findings, *unclear_windows(parsed.pieces)]
        self.paths = frozenset(name.path for name in names(parsed.pieces))
        self.names = frozenset(map(".".join, self.paths))
        self.roots = roots(parsed.pieces)
        self._urls = stands.urls
        if self.findings:
            return
        parsed.settle(stands.places)
        if all(isinstance(piece, Static) for piece in parsed.pieces):
            self.static = "".join(piece.text for piece in parsed.pieces if isinstance(piece, Static))

    def render(self, data: Mapping[str, object], budget: Budget) -> str:
        if self.static is not None:
            return self.static
        given = {root: plain(data[root]) for root in self.roots if root in data}
        return checked(self._parsed.render(given, budget), self._urls)


@dataclass(frozen=True, slots=True)
class View:
    """The texts of one language, those it does not have taken from the template's own."""

    body: Text
    fields: Mapping[str, Text]


class Compiled:
    """A template that can be rendered. Immutable: threads share it."""

    __slots__ = ("_own", "_views", "names", "paths")

    def __init__(self, own: View, views: Mapping[str, View], used: frozenset[tuple[str, ...]]) -> None:
        self._own = own
        self._views = views
        self.paths = used
        """Of every name its texts read in any language, as far as it is written out."""
        self.names = frozenset(map(".".join, used))

    def render(self, locale: str | None, data: Mapping[str, object]) -> Rendered:
        """The body and every field in the language, or RenderError and nothing."""
        view, budget = self._view(locale), Budget()
        body = _rendered("body", view.body, data, budget)
        fields = {}
        for key, field in view.fields.items():
            fields[key] = _rendered(f"fields.{key}", field, data, budget)
            if not urls.safe_field(key, fields[key]):
                raise RenderError("unsafe_url", f"fields.{key}: came out as a URL that may not be followed")
        return Rendered(body, fields)

    def _view(self, locale: str | None) -> View:
        wanted = (locale or "")[:LOCALE].replace("_", "-").lower()
        while wanted:
            if wanted in self._views:
                return self._views[wanted]
            wanted = wanted.rpartition("-")[0]
        return self._own


def compile_template(template: Template) -> Compiled:
    """The template, ready to render. Raises DocumentError with all its problems."""
    compiled, problems = _compile(template)
    if problems:
        raise DocumentError(problems)
    return compiled


def check_template(template: Template) -> list[Problem]:
    """All problems of all its texts. Paths begin at the template: `$.body`, `$.locales.de.fields.headline`."""
    return _compile(template)[1]


def names_used(template: Template) -> set[str]:
    """The names of the data its texts read, as far as they are written out: `user_name`, `counts.workout_sessions.7d`."""
    return set(_compile(template)[0].names)


def _compile(template: Template) -> tuple[Compiled, list[Problem]]:
    problems = list(_too_much(template))
    if problems:
        return Compiled(View(Text("", template.engine), {}), {}, frozenset()), problems
    texts = {path: Text(text, template.engine) for path, text in _texts(template)}
    problems = [_problem(path, finding) for path, text in texts.items() for finding in [*text.findings, *_unsafe_link(path, text)]]
    own = View(texts["$.body"], {key: texts[f"$.fields.{key}"] for key in template.fields})
    views: dict[str, View] = {}
    # The language before its regions, since a region takes from it what it does not have itself.
    for locale in sorted(template.locales, key=len):
        given, base = template.locales[locale], own
        parent = locale.lower()
        while parent := parent.rpartition("-")[0]:
            if parent in views:
                base = views[parent]
                break
        body = texts[f"$.locales.{locale}.body"] if given.body else base.body
        fields = {key: texts[f"$.locales.{locale}.fields.{key}"] for key in given.fields}
        views[locale.lower()] = View(body, {**base.fields, **fields})
    used = frozenset(path for text in texts.values() for path in text.paths)
    return Compiled(own, views, used), problems


def _too_much(template: Template) -> Iterator[Problem]:
    counted = [
        ("$.fields", "fields", len(template.fields), limits.FIELDS),
        ("$.locales", "languages", len(template.locales), limits.LOCALES),
        *((f"$.locales.{key}.fields", "fields", len(text.fields), limits.FIELDS) for key, text in template.locales.items()),
        ("$", "characters in all texts", sum(len(text) for _, text in _texts(template)), limits.TEMPLATE),
    ]
    for path, what, count, most in counted:
        if count > most:
            fix = "Split it into several templates."
            yield Problem("template_too_long", path, f"There are {count} {what}; {most} is the most", fix)


def _unsafe_link(path: str, text: Text) -> Iterator[Finding]:
    """A field named for a URL that is written out can be looked at now, and not only when it comes out."""
    key = path.rpartition("fields.")[2]
    if text.static is not None and key != path and not urls.safe_field(key, text.static):
        message = f"`{key}` is named for a URL and holds one that may not be followed"
        yield Finding("unsafe_url", Where(1, 1), message, "Use http, https, mailto, tel or a relative URL.")


def _texts(template: Template) -> Iterator[tuple[str, str]]:
    yield "$.body", template.body
    for key, text in template.fields.items():
        yield f"$.fields.{key}", text
    for locale, given in template.locales.items():
        yield f"$.locales.{locale}.body", given.body
        for key, text in given.fields.items():
            yield f"$.locales.{locale}.fields.{key}", text


def _problem(path: str, finding: Finding) -> Problem:
    return Problem(finding.code, path, f"{finding.message} ({finding.where})", finding.fix)


def _rendered(name: str, text: Text, data: Mapping[str, object], budget: Budget) -> str:
    try:
        output = text.render(data, budget)
        budget.write(output)
        return output
    except RenderError as error:
        raise RenderError(error.code, f"{name}: {error.message}") from error
    except Exception as error:  # The engines raise what Python raises (RecursionError, MemoryError, a plain ValueError).
        raise RenderError("render_failed", f"{name}: {type(error).__name__}") from error
