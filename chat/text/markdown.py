"""Renders a message's text as HTML: Markdown, with web addresses as links.

Nearly all messages need no parser: a text without anything that could be markup takes the short path. What Markdown has
beyond a chat's needs is off: headings, rules, images, HTML, references, indented code. Line breaks stay as typed.

markdown-it-py parses by CommonMark's rules, with two changes: emphasis works beside Chinese punctuation, where
CommonMark sees no word, and addresses and names are found by `links.py` and `mentions.py`. nh3 lets through only the
tags that are made here.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from chat.text import emoji, highlighting
from chat.text.mentions import Naming
from chat.text.rendering import html_of, marked
from chat.text.rendering import render as with_links

MARKS = 600
"""Maximum number of marks and line breaks outside of fenced code, and of its pieces; addresses and names count twice. A
text with more is shown without markup: it would take long."""

_NESTING = 12

# Signs that may be markup by themselves. Marks that go in pairs are counted: one alone is a sign like any other.
_MAYBE = re.compile(r"~~|\|\||\\[*_~`|>\\]|^[ ]{0,3}(?:>|[-+*][ ]|[0-9]{1,9}[.)][ ])", re.MULTILINE)
_PAIRED = re.compile(r"[*_`|]")
# An underline within a word marks nothing: `some_name`.
_OPENS, _CLOSES = re.compile(r"(?<![0-9A-Za-z])_"), re.compile(r"_(?![0-9A-Za-z])")
_TABLE = re.compile(r"^[ ]{0,3}[|:-][-:| \t]*$", re.MULTILINE)
# What follows backticks that begin code has none: else they are no fence, and what comes after them is parsed.
_FENCED = re.compile(r"^(`{3,}+(?=[^`\n]*+\n)|~{3,}+)[^\n]*+\n.*?(?:\n\1|\Z)", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"[*_~`|\\>\n]")
_ENDS_TEXT = re.compile(r"[*_~`|\\\n]")
_ESCAPE = re.compile(r"\\([*_~`|>\\])")
_SPOILER = "||"
_SHRUG, _SHRUG_ESCAPED = "¯\\_(ツ)_/¯", "¯\\\\\\_(ツ)\\_/¯"

_TAGS = {
    "a", "blockquote", "code", "em", "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"class", "href", "rel", "target"}, "code": {"class"}, "ol": {"start"}, "span": {"class"}}

# Chinese, Japanese and Korean, with their punctuation: between them a word needs no space to begin or end.
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u303f\u3040-\u31ff\u3200-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)

_WORD = re.compile("[0-9A-Za-z]")


def render(body: str, naming: Naming | None = None) -> str:
    """Returns the body as HTML, or "" if plain text is enough. `naming` knows the names in it, and collects them."""
    if emoji.is_all(body):
        return f'<span class="large-emoji">{body}</span>'
    if not may_have_markup(body) or _cost(body, naming) > MARKS:
        return with_links(body, naming)
    env = {"naming": naming, "quotes": 0}
    tokens = _parser().parse(body.replace(_SHRUG, _SHRUG_ESCAPED), env)
    if _is_plain(tokens) and not _has_needed_escapes(body):
        return with_links(body, naming)
    html: str = _parser().renderer.render(tokens, _parser().options, env)
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, url_schemes={"http", "https"})


def may_have_markup(body: str) -> bool:
    """Returns False only for texts in which the parser would find no markup. That is nearly all of them."""
    if _MAYBE.search(body):
        return True
    if not _PAIRED.search(body):
        return False
    return (
        body.count("*") > 1
        or body.count("`") > 1
        or ("|" in body and _TABLE.search(body) is not None)
        or ("_" in body and _OPENS.search(body) is not None and _CLOSES.search(body) is not None)
    )


def _cost(body: str, naming: Naming | None) -> int:
    outside, fenced = _FENCED.subn("", body) if "```" in body or "~~~" in body else (body, 0)
    cost = fenced + len(_MARK.findall(outside)) + 2 * len(marked(outside, naming))
    return 2 * cost if "\\" in body else cost  # It may have to be parsed twice.


def _has_needed_escapes(body: str) -> bool:
    """Returns whether there are signs that would be markup if they were not escaped."""
    if "\\" not in body:
        return False
    return not _is_plain(_parser().parse(_ESCAPE.sub(r"\1", body.replace(_SHRUG, ""))))


def _is_plain(tokens: Sequence[Token]) -> bool:
    """Returns whether the text has no markup, or nothing beside its markup, as a line that is a dash."""
    inside = [child for token in tokens for child in token.children or ()]
    blocks = {token.type for token in tokens} - {"paragraph_open", "paragraph_close", "inline"}
    has_text = any(token.content.strip() for token in [*tokens, *inside] if token.type != "inline")
    kinds = {token.type for token in inside} - {"text", "softbreak", "hardbreak", "link"}
    return not has_text or not (blocks or kinds)


class _State(StateInline):
    """Emphasis beside CJK text: there its punctuation does not part words, as CommonMark has it.

    Between two letters or digits of other scripts a mark is a sign like any other: `2*3*4`.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        found = super().scanDelims(start, canSplitWord)
        end = start + found.length
        before = self.src[start - 1] if start else " "
        after = self.src[end] if end < self.posMax else " "
        if _WORD.match(before) and _WORD.match(after):
            return Scanned(can_open=False, can_close=False, length=found.length)
        if self.src[start] == "_" or not (_CJK.match(before) or _CJK.match(after)):
            return found
        return Scanned(found.can_open or not after.isspace(), found.can_close or not before.isspace(), found.length)


class _Renderer(RendererHTML):
    """Without line breaks between blocks: those in messages are shown."""

    def renderToken(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: N802
        return str(super().renderToken(tokens, idx, options, env)).removesuffix("\n")

    def softbreak(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "\n"

    def hardbreak(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        code = token.content.removesuffix("\n")
        return f"<pre><code>{highlighting.highlight(code, token.info.strip())}</code></pre>"

    def link(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        return html_of(token.meta["link"], token.content, env["naming"], is_quoted=env["quotes"] > 0)

    def blockquote_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["quotes"] += 1
        return "<blockquote>"

    def blockquote_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["quotes"] -= 1
        return "</blockquote>"

    def spoiler_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<span class="spoiler">'

    def spoiler_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</span>"


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"maxNesting": _NESTING}, renderer_cls=_Renderer)
    parser.enable(["fence", "blockquote", "list", "table"])
    parser.enable(["newline", "escape", "backticks", "strikethrough", "emphasis"])
    parser.inline.ruler.at("text", _text)
    parser.inline.ruler.before("emphasis", "spoiler", _spoiler)
    parser.inline.parse = _parse_inline  # type: ignore[method-assign]
    return parser


def _parse_inline(src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
    """As `ParserInline.parse`, with our state."""
    found = marked(src, env.get("naming"))
    state = _State(src, md, {"links": found, "starts": [link.start for link in found]}, tokens)
    md.inline.tokenize(state)
    for rule in md.inline.ruler2.getRules(""):
        rule(state)
    return state.tokens


def _text(state: StateInline, silent: bool) -> bool:
    """Ordinary text, up to the next sign that may be markup or to the next link, which is taken as a whole."""
    index = bisect_left(state.env["starts"], state.pos)
    link = state.env["links"][index] if index < len(state.env["starts"]) else None
    if link and link.start == state.pos and link.end <= state.posMax:
        if not silent:
            token = state.push("link", "", 0)
            token.content, token.meta = state.src[link.start : link.end], {"link": link}
        state.pos = link.end
        return True
    found = _ENDS_TEXT.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if link and state.pos < link.start < end:
        end = link.start
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _spoiler(state: StateInline, silent: bool) -> bool:
    """`||words||`: within one line, without a space at its inner ends."""
    start = state.pos + len(_SPOILER)
    if not state.src.startswith(_SPOILER, state.pos) or state.env.get("in spoiler"):
        return False
    end = state.src.find(_SPOILER, start, state.posMax)
    inner = state.src[start:end] if end > 0 else ""
    if not inner.strip() or inner != inner.strip() or "\n" in inner:
        return False
    if not silent:
        most = state.posMax
        state.push("spoiler_open", "span", 1)
        state.pos, state.posMax = start, end
        state.env["in spoiler"] = True
        state.md.inline.tokenize(state)
        state.env["in spoiler"] = False
        state.posMax = most
        state.push("spoiler_close", "span", -1)
    state.pos = end + len(_SPOILER)
    return True
