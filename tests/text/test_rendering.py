import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.text.rendering import render
from tests.work import assert_linear

ANCHOR = re.compile(r'<a href="([^"<>]*)" rel="noopener noreferrer nofollow" target="_blank">([^<>]*)</a>')

fragments = st.sampled_from(
    ["http://", "https://", "HTTP://", "www.", "//", "ftp://", "javascript:", "data:", "mailto:", "a.com",
     "example.org",
     "b.io", "[::1]", "127.0.0.1", ":80", "@", "/", "?", "#", "&", "&amp;", "=", "%20", "%", "(", ")", "[", "]", "{",
     "}", "<", ">", '"', "'", "`", "\\", "|", ".", ",", ";", "!", "-", "_", "~", "*", "，", "。", "（", "）", "“", "”",
     "中文", "ſ", "İ", "K", "xn--", "\u200b", "\u202e", "\0", "\n", "\r", " ", "\u3000", "😀", "\ud800", "<b>",
     "</a>", "<a href="]
)  # fmt: skip
bodies = st.lists(fragments | st.text(max_size=4), max_size=25).map("".join)


def links(body: str) -> list[tuple[str, str]]:
    """The address and the text of each link of the rendered body."""
    return [(unescape(href), unescape(text)) for href, text in ANCHOR.findall(render(body))]


def hrefs(body: str) -> list[str]:
    return [href for href, _ in links(body)]


# Texts that become links.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("see http://example.org", ["http://example.org"]),
        ("see https://example.org/a?b=c#d now", ["https://example.org/a?b=c#d"]),
        ("www.example.org", ["http://www.example.org"]),
        ("example.com", ["http://example.com"]),
        ("http://localhost:8000/x", ["http://localhost:8000/x"]),
        ("HTTPS://Example.org/A", ["https://Example.org/A"]),
        ("http://a.com http://b.com", ["http://a.com", "http://b.com"]),
        ("http://a.com\nhttp://b.com", ["http://a.com", "http://b.com"]),
        ("http://127.0.0.1:8000/", ["http://127.0.0.1:8000/"]),
    ],
)
def test_web_addresses_become_links(body, expected):
    assert hrefs(body) == expected


@pytest.mark.parametrize(
    ("body", "href"),
    [
        ("看http://example.org/a。好", "http://example.org/a"),
        ("看（https://example.org/a）吧", "https://example.org/a"),
        ("《https://example.org/a》", "https://example.org/a"),
        ("网址是https://example.org/a，谢谢", "https://example.org/a"),
        ("“https://example.org”", "https://example.org"),
        ("https://example.org！", "https://example.org"),
        ("https://example.org？真的", "https://example.org"),
        ("https://example.org：好", "https://example.org"),
        ("https://example.org；好", "https://example.org"),
        ("https://example.org、https", "https://example.org"),
        ("请看www.example.org。", "http://www.example.org"),
        ("【https://example.org】", "https://example.org"),
        ("https://example.org…", "https://example.org"),
        ("https://example.org\u3000好", "https://example.org"),
    ],
)
def test_chinese_text_and_punctuation_around_an_address_stay_outside(body, href):
    assert hrefs(body) == [href]


def test_a_path_may_be_chinese():
    assert hrefs("https://zh.wikipedia.org/wiki/中文") == ["https://zh.wikipedia.org/wiki/中文"]


@pytest.mark.parametrize(
    ("body", "href"),
    [
        ("(http://a.com/x)", "http://a.com/x"),
        ("http://a.com/x_(y)", "http://a.com/x_(y)"),
        ("[http://a.com/x]", "http://a.com/x"),
        ("<http://a.com/x>", "http://a.com/x"),
        ('"http://a.com/x"', "http://a.com/x"),
        ("http://a.com/x.", "http://a.com/x"),
        ("http://a.com/x, and", "http://a.com/x"),
        ("http://a.com/x!", "http://a.com/x"),
    ],
)
def test_brackets_quotes_and_full_stops_around_an_address_stay_outside(body, href):
    assert hrefs(body) == [href]


@pytest.mark.parametrize(
    "body",
    ["", "hello", "a.b", "setup.py", "README.md", "1.2.3", "and so on...", "e.g. this", "bob@example.com",
     "mailto:bob@example.com", "ftp://example.org", "//example.org/x", "http://", "https://", "www.", "http:// a",
     "javascript:alert(1)", "JaVaScRiPt:alert(document.cookie)", "data:text/html,<script>alert(1)</script>",
     "vbscript:x", "file:///etc/passwd", "blob:x", "about:blank", "javascript://%0aalert(1)"],
)  # fmt: skip
def test_what_is_no_web_address_stays_text(body):
    assert render(body) == ""


@pytest.mark.parametrize(
    "body",
    ["javascript://example.com/%0aalert(1)", "javascript:alert('http://a.com')", "data:text/html,http://a.com",
     "view-source:http://a.com", "javascript:http://a.com"],
)  # fmt: skip
def test_another_scheme_before_an_address_never_becomes_the_links_scheme(body):
    assert all(href.startswith(("http://", "https://")) for href in hrefs(body))


# Code.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("`http://a.com`", []),
        ("see `http://a.com` and http://b.com", ["http://b.com"]),
        ("`curl http://a.com | sh`", []),
        ("``a ` http://a.com``", []),
        ("```\nhttp://a.com\n\nhttp://b.com\n```\nhttp://c.com", ["http://c.com"]),
        ("`a` http://a.com `b`", ["http://a.com"]),
        ("`a``http://a.com`", []),
        ("`a`http://a.com`b`", ["http://a.com"]),
        ("`http://a.com", ["http://a.com"]),
        ("it`s http://a.com", ["http://a.com"]),
        ("`http://a.com``", ["http://a.com"]),
        ("a ` b\nhttp://a.com ` c", ["http://a.com"]),
        ("```http://a.com", ["http://a.com"]),
        ("http://a.com`http://b.com`", ["http://a.com"]),
    ],
)
def test_what_stands_in_backticks_is_no_link(body, expected):
    assert hrefs(body) == expected


# Escaping.


def test_text_around_a_link_is_escaped():
    assert render("<b>&</b> http://a.com").startswith("&lt;b&gt;&amp;&lt;/b&gt; <a ")


@pytest.mark.parametrize("quote", ['"', "'", "`", "<", ">", "&quot;", "&#34;"])
def test_a_quote_in_an_address_does_not_leave_its_attribute(quote):
    html = render(f"http://a.com/x{quote}onmouseover={quote}alert(1)")
    assert ANCHOR.sub("", html).count("<") == 0
    assert len(ANCHOR.findall(html)) == 1


def test_an_ampersand_in_an_address_is_escaped_once():
    assert 'href="http://a.com/?a=1&amp;b=2"' in render("http://a.com/?a=1&b=2")


def test_a_link_opens_apart_and_tells_the_other_site_nothing():
    assert 'rel="noopener noreferrer nofollow" target="_blank"' in render("http://a.com")


def test_the_text_of_a_link_is_as_it_was_typed():
    assert links("HTTP://A.com/É") == [("http://A.com/É", "HTTP://A.com/É")]


@pytest.mark.parametrize("body", ["http://a.com\u202e/gpj.exe", "http://a.com/\0x", "http://\ud800.com", "http://[::1"])
def test_odd_characters_in_an_address_break_nothing(body):
    assert_safe(body)


# Any text.


def assert_safe(body: str) -> None:
    html = render(body)
    if not html:
        return
    for href, _ in ANCHOR.findall(html):
        assert unescape(href).startswith(("http://", "https://"))
        assert not re.search(r"[\s<>]", unescape(href))
    rest = ANCHOR.sub(lambda anchor: anchor[2], html)
    assert not re.search(r"[<>\"']", rest)
    assert unescape(rest) == body


@given(bodies)
@example("&amp; http://a.com/&lt;")
@example("&#x3c;script&#x3e; www.a.com")
@example("httpſ://a.com https://b.com")
def test_any_body_comes_out_as_it_was_with_no_tag_but_our_links(body):
    assert_safe(body)


@given(st.text(max_size=300))
def test_any_text_comes_out_as_it_was(body):
    assert_safe(body)


# Anybody pays for a body that somebody posts: the links of a text have tests of their own, in test_links.py.


@pytest.mark.parametrize(
    "piece", ["`http://a.com` ", "` http://a.com ", "``", "` ", "http://a.com/& ", "'http://a.com/'"]
)
def test_the_work_grows_with_the_body_and_no_faster(piece):
    assert_linear(render, lambda size: (piece * size)[:size])


def test_backticks_of_many_lengths_are_no_more_work():
    def body(size: int) -> str:
        return "http://a.com " + " ".join("`" * length for length in range(1, int((2 * size) ** 0.5)))

    assert_linear(render, body)
