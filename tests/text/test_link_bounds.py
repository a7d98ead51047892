"""Where links lead, and what holds of those in any text: that each is its own, and that they are no more work."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.text.links import links
from tests.work import assert_linear, steps


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("www.example.org/a", "http://www.example.org/a"),
        ("Example.com", "http://Example.com"),
        ("HTTPS://Example.com/A", "https://Example.com/A"),
        ("http://example.com/a", "http://example.com/a"),
    ],
)
def test_a_link_leads_to_what_it_says(text, href):
    assert [link.href for link in links(text)] == [href]


def test_a_host_that_is_too_long_is_none():
    assert len(links("https://" + "a." * 125 + "org")) == 1
    assert not links("https://" + "a." * 126 + "org")
    assert not links("www." + "a." * 126 + "org")
    assert not links("a." * 126 + "com")


pieces = st.sampled_from(
    ["http://", "https://", "HTTPS://", "www.", "a.com", "example.org", ".com", "[::1]", ":80", "@", "/", "?", "#", "&",
     "=", "%20", "(", ")", "[", "]", "{", "}", "<", ">", '"', "'", "`", "\\", "|", ".", ",", ";", "!", "-", "_", "~",
     "**", "，", "。", "（", "）", "“", "”", "中文", "看", "ü", "ſ", "İ", "K", "\u200b", "\u202e", "\0", "\n", " ",
     "\u3000", "😀", "\ud800"]
)  # fmt: skip


@given(st.lists(pieces | st.text(max_size=4), max_size=25).map("".join))
@example("https://-_.-_")
@example("www.-_-.a-")
def test_links_stand_in_their_order_and_each_leads_to_its_own_text(text):
    end = 0
    for link in links(text):
        assert end <= link.start < link.end <= len(text)
        end = link.end
        shown = text[link.start : link.end]
        assert link.href.startswith(("http://", "https://"))
        assert link.href.partition("://")[2] == shown[shown.find("://") + 3 if "://" in shown[:8] else 0 :]
        assert not re.search(r'[\s<>"`|\\]', shown)


@given(st.lists(pieces, max_size=12).map("".join), st.sampled_from([" ", "\n", "<", '"', "。", "`"]))
def test_what_stands_behind_the_end_of_an_address_changes_nothing(text, stop):
    assert links(text + stop)[: len(links(text))] == links(text)


# Anybody pays for a text that somebody posts. Each of these took time by the square of its length, here or in a
# scanner that this one replaced, or would if a rule of it looked at a character once for each address before it.


@pytest.mark.parametrize(
    "piece",
    ["ab.com|", "http://a)", "http://a](", "www.a看", "www.a.bc看", "http://a看", "http://看", "a.", "a-", "www.a.bc:",
     "http://a.b/(", "http://a.b/*", "**http://a.b/", "http://a.b/看", "http://www.", "http://", "http://a.", "www.",
     "http://" + "a." * 127, "www." + "a." * 127,
     "www." * 60 + "1 ", "www." * 60 + "http://", "@" + "www." * 60 + "a ",
     "http://a.b/,", "x@", "http://x:y@", "http://[", "http://[::", ".com",
     "a.com@", "/", "(", "[(", ")", "*", ",", "http://a.b/....", "http://a.b?", "中.com ", "。http://a.b", "İ.",
     "http://a.b/x_", "http://a.b/\u0301", "\u0301", "http://\u0301", "http://a.b/??", "http://a.b:1", "-.", "_.com"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", pytest.param("http://a.com/?看", marks=pytest.mark.proof)])
def test_the_work_grows_with_the_text_and_no_faster(piece, start):
    assert_linear(links, lambda size: (start + piece * size)[:size])
    assert steps(links, (start + piece * 2_000)[:2_000]) < 25 * 2_000  # Not many looks at each character either.
