"""Origins as keys list them: one spelling, the browsers', and what a list allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import origins


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("*", "*"),
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("http://shop.example:08080", "http://shop.example:8080"),
        ("http://localhost:*", "http://localhost:*"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:*", "http://[::1]:*"),
        ("http://[0:0:0:0:0:0:0:1]:8000", "http://[::1]:8000"),
        ("https://[2001:DB8::A]", "https://[2001:db8::a]"),
    ],
)
def test_an_origin_is_kept_as_a_browser_writes_it(written, kept):
    assert origins.normalised(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "", "null", "shop.example", "//shop.example", "ftp://shop.example", "http://", "http://[", "http://[]", "http://[::1", "http://[::1%eth0]",
        "http://[1.2.3.4]", "https://*.shop.example", "https://*", "https://shop.example/path", "https://shop.example?x", "https://shop.example#x",
        "https://me@shop.example", "https://shop.example:", "https://shop.example:0", "https://shop.example:65536", "https://shop.example:x",
        "https://shop.example:٤٤٣", "https://-shop.example", "https://shop..example", "https://shöp.example", "http://127.1", "http://300.0.0.1",
        "https://shop.example\n", "https://sho\x00p.example", "https://shop .example", "http://shop.example:8000:*", "https://\u212aey.example",
    ],
)  # fmt: skip
def test_what_no_browser_sends_as_its_origin_is_refused_in_words(written):
    with pytest.raises(ValueError, match="is not an origin") as refused:
        origins.normalised(written)

    assert repr(written) in str(refused.value)


def test_a_name_in_another_script_is_refused_with_what_to_write():
    with pytest.raises(ValueError, match="xn--"):
        origins.normalised("https://shöp.example")


def test_an_origin_with_a_wildcard_for_its_subdomains_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="each host"):
        origins.normalised("https://*.shop.example")


@pytest.mark.parametrize(
    ("listed", "origin"),
    [
        (["https://shop.example"], "https://shop.example"),
        (["https://other.example", "https://shop.example"], "https://shop.example"),
        (("*",), "https://anything.example"),
        (["*"], "null"),
        (["http://localhost:*"], "http://localhost:5173"),
        (["http://localhost:*"], "http://localhost"),
        (["http://[::1]:*"], "http://[::1]:5173"),
    ],
)
def test_a_list_allows_the_origins_on_it(listed, origin):
    assert origins.allows(listed, origin)


@pytest.mark.parametrize(
    ("listed", "origin"),
    [
        ([], "https://shop.example"),
        (["https://shop.example"], "http://shop.example"),
        (["https://shop.example"], "https://shop.example:8443"),
        (["https://shop.example"], "https://shop.example.evil.example"),
        (["http://localhost:*"], "https://localhost:5173"),
        (["http://localhost:*"], "http://localhost.evil.example:5173"),
        (["http://localhost:*"], "http://localhost:5173.evil.example"),
        (["http://localhost:*"], "http://localhost:80@evil.example"),
        (["http://localhost:*"], "http://localhost:"),
        (["http://localhost:*"], "http://localhost:*"),
        (["http://localhost:*"], "http://localhost:٤٤٣"),
        (["http://[::1]:*"], "http://[::1"),
        (["http://[::1]:*"], "http://["),
        (["https://shop.example", "http://localhost:*"], "null"),
        (["https://shop.example", "http://localhost:*"], ""),
    ],
)
def test_a_list_allows_no_other_origin(listed, origin):
    assert not origins.allows(listed, origin)


@given(st.text() | st.from_regex(r"https?://[\[\]a-z0-9.:*@/]{0,20}", fullmatch=True))
def test_no_origin_text_is_too_strange_to_be_looked_up(origin):
    assert origins.allows(["http://localhost:*", "http://[::1]:*", "https://shop.example"], origin) in {True, False}


@given(st.text() | st.from_regex(r"https?://[\[\]a-z0-9.:*@/]{0,20}", fullmatch=True))
def test_an_accepted_origin_is_its_own_normal_form_and_is_allowed_by_itself(written):
    try:
        kept = origins.normalised(written)
    except ValueError:
        return

    assert origins.normalised(kept) == kept
    assert origins.allows([kept], kept.removesuffix(":*") if kept != "*" else "https://shop.example")
