"""Markdown: what becomes markup, what stays as typed, and that nothing else gets through."""

import re
from html import unescape
from html.parser import HTMLParser
from unittest import mock

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chat.text import highlighting, markdown
from chat.text.markdown import MARKS, render
from tests.work import assert_linear


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("**bold** and *slanted*", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("__bold__ and _slanted_", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("a ||secret **x**|| b", '<p>a <span class="spoiler">secret <strong>x</strong></span> b</p>'),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("`` ` ``", "<p><code>`</code></p>"),
        ("one\ntwo **three**\n four", "<p>one\ntwo <strong>three</strong>\nfour</p>"),
        ("> said\n> so\n\nno", "<blockquote><p>said\nso</p></blockquote><p>no</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        (
            "|a|b|\n|-|-|\n|c|`d`|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
            "<tbody><tr><td>c</td><td><code>d</code></td></tr></tbody></table>",
        ),
        ("```\na\n\n  b\n```", "<pre><code>a\n\n  b</code></pre>"),
        ("```none such\n**a**\n```", "<pre><code>**a**</code></pre>"),
        ("**中文：**后面", "<p><strong>中文：</strong>后面</p>"),
        ("他说**“好”**了", "<p>他说<strong>“好”</strong>了</p>"),
        ("这是*重点*。", "<p>这是<em>重点</em>。</p>"),
        (r"\*no\* **yes**", "<p>*no* <strong>yes</strong></p>"),
        (r"\*not slanted\*", "<p>*not slanted*</p>"),
        (r"**so** ¯\_(ツ)_/¯", r"<p><strong>so</strong> ¯\_(ツ)_/¯</p>"),
    ],
)
def test_markup_becomes_html(body, html):
    assert render(body) == html


@pytest.mark.parametrize(
    "body",
    ["plain", "2 * 3 * 4", "2*3*4", "a**b**c", "foo~~bar~~baz", "snake_case_name", "5 > 3",
     "a || b", "||", "-", "*", "**", "***", ">", "1.", "- ", "> ",
     r"C:\*.txt", r"¯\_(ツ)_/¯", "| a | b |", "`", "a ` b", "~ 5", "~~", "# heading", "a\n---", "***\n", "[a](b)",
     "    indented", "<b>bold</b>", "&amp;", "![a](b)", "3 < 4 > 2", "|| a ||", "a_b_ c", "_", "@a_b", "1) "],
)  # fmt: skip
def test_what_is_no_markup_stays_plain_text(body):
    assert render(body) == ""


def hrefs(html: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a href="([^"]*)"', html)]


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("**https://example.com/a**", ["https://example.com/a"]),
        ("*see https://example.com/a_b_c*", ["https://example.com/a_b_c"]),
        ("`https://example.com`", []),
        ("```\nhttps://example.com\n```", []),
        ("||https://example.com/x||", ["https://example.com/x"]),
        ("- https://a.com\n- www.b.com", ["https://a.com", "http://www.b.com"]),
        ("> 看https://example.com/吧", ["https://example.com/"]),
        ("**a** https://example.com/*x*", ["https://example.com/*x"]),
    ],
)
def test_addresses_are_found_as_in_plain_text(body, links):
    html = render(body)
    assert hrefs(html) == links
    assert html.count('rel="noopener noreferrer nofollow"') == html.count('target="_blank"') == len(links)


# Our own cases, after what is known to have got through elsewhere: each beside markup, so that the parser has it.
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '![x](x" onerror="alert(1))',
    "`<script>`",
    "```\n<script>alert(1)</script>\n```",
    '```"><script>\nx\n```',
    "```py onload=alert(1)\nx\n```",
    "</code></pre><script>",
    "||<script>||",
    "|<b>|\n|-|\n|<img src=x>|",
    'https://example.com/"onmouseover="alert(1)',
    "https://example.com/<script>",
    'http://a.com/?"><b>',
    "<!--",
    "<![CDATA[x]]>",
    "<style>*{display:none}</style>",
    "<iframe src=//x>",
    "<math><mtext><script>",
    '<noscript><p title="</noscript><img src=x>">',
    "&lt;script&gt;",
    "&#x3c;script&#x3e;",
    "\u202e<b>",
    "<\u0000script>",
    "<x:script>",
    "<form action=x><button>",
    "vbscript:x",
    "<base href=//x>",
]

ALLOWED = {
    "a": {"class", "href", "rel", "target"},
    "code": set(),
    "ol": {"start"},
    "span": {"class"},
    **{
        name: set()
        for name in [
            "blockquote",
            "em",
            "li",
            "p",
            "pre",
            "s",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]
    },
}


class Seen(HTMLParser):
    """All tags and the whole text of some HTML, as a browser would have them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Seen(html).tags:
        assert tag in ALLOWED, tag
        assert set(attributes) <= ALLOWED[tag], (tag, attributes)
        if tag == "a" and "class" in attributes:
            assert re.fullmatch("mention|room-link", attributes["class"] or "")
            assert re.fullmatch(r"\?person=[0-9]+|\?room=[\w%-]+", attributes["href"] or "")
        elif tag == "a":
            assert re.match("https?://", attributes["href"] or "")
            assert (attributes["rel"], attributes["target"]) == ("noopener noreferrer nofollow", "_blank")
        if tag == "span":
            assert re.fullmatch("spoiler|mention everyone|large-emoji|c-[a-z]+", attributes["class"] or "")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("beside", ["**b** {}", "{}\n**b**", "> {}\n\n*i*", "- {}\n- `c`", "*{}*", "||{}|| **b**"])
def test_hostile_text_is_text(hostile, beside):
    html = render(beside.format(hostile))
    assert_harmless(html)
    assert "<script" not in html.lower()


@given(
    st.lists(st.sampled_from([*HOSTILE, *"*_~`|\\> \n-1.", "**", "||", "```", "中文", "https://a.com/", "a"])).map(
        "".join
    )
)
def test_whatever_is_written_nothing_but_these_tags_comes_out(body):
    assert_harmless(render(body))


@given(st.text(alphabet="ab *_~`|\n中。-", max_size=40))
def test_no_letter_is_lost(body):
    html = render(body)
    letters = [sign for sign in (Seen(html).text if html else body) if sign in "ab中。"]
    assert letters == [sign for sign in body if sign in "ab中。"]


def test_a_text_with_too_many_marks_is_shown_as_typed():
    assert render("*a* " * (MARKS // 2 - 1)).startswith("<p><em>")
    assert render("*a* " * MARKS) == ""
    assert hrefs(render("*a* " * MARKS + "https://a.com")) == ["https://a.com"]


def test_a_text_with_too_many_addresses_beside_its_marks_has_links_alone():
    html = render("*a* " + "a.com " * (MARKS // 2))
    assert "<em>" not in html
    assert len(hrefs(html)) == MARKS // 2


def test_marks_within_fenced_code_are_not_counted():
    assert render("```\n" + "*\n" * MARKS + "```").startswith("<pre>")


def test_marks_after_what_only_looks_like_a_fence_are_counted():
    assert render("```no`fence\n" + "*a* " * MARKS) == ""


@pytest.mark.parametrize(
    "unit",
    [
        "*a ",
        "**a** ",
        "`a` ",
        "[",
        "> ",
        "- a\n",
        "|c|d|\n",
        "_a",
        "\\*",
        "~~a",
        "a\n",
        "||a",
        "~",
        "```",
        "a.com|",
        "https://a.com* ",
        "中*",
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(unit, monkeypatch):
    monkeypatch.setattr(markdown, "MARKS", 10_000)
    assert_linear(render, lambda size: "*x* " + unit * size, 400)


@pytest.mark.parametrize("language", sorted(highlighting.LANGUAGES))
def test_code_is_coloured_and_its_text_stays(language):
    code = 'class A: # no\n  def b("x", 1): return <c d="e"> -- "é" \r\n/* f */ $g = `h`\n\n'
    assert Seen(highlighting.highlight(code, language)).text == code


def test_code_without_a_known_language_has_no_colours():
    assert highlighting.highlight("def <f>", "") == "def &lt;f&gt;"
    assert "<span" not in render("```klingon\nif x\n```")


def test_code_that_takes_too_long_is_coloured_in_part(monkeypatch):
    monkeypatch.setattr(highlighting, "SECONDS", -1)
    assert highlighting.highlight("def f(): pass", "python") == '<span class="c-keyword">def</span> f(): pass'


@pytest.mark.parametrize("body", ["some_name", "a | b", "~/.profile", "2 * 3", "it`s", ":-\\", "C:\\files", "- "])
def test_a_sign_that_can_be_no_markup_is_not_parsed(body):
    assert markdown.may_have_markup(body) == (body == "- ")


_LONE_MARK = re.compile(r"^[> ]*(?:[-+*]|[0-9]+[.)])$", re.MULTILINE)


@given(st.text(alphabet="ab1 *_~`|\\>+-.:\n中。", max_size=40))
def test_the_parser_finds_nothing_in_texts_that_are_not_parsed(body):
    assume(not _LONE_MARK.search(body))  # A line that is a dash is no list here: the dash would be lost.
    assumed = render(body)
    with mock.patch.object(markdown, "may_have_markup", return_value=True):
        assert render(body) == assumed
