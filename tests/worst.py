"""Looks for the text that costs each function the most: `make worst`, by hand, for about two minutes.

Hypothesis makes texts of pieces and climbs towards those that take longer. What it prints is the worst of each function
and what that took of the processor; what grows faster than its text goes into the tests as one that `assert_linear`
watches.
"""

import contextlib
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from django.http import parse_cookie
from django.utils.http import parse_header_parameters
from django.utils.translation.trans_real import parse_accept_lang_header
from hypothesis import HealthCheck, Phase, given, settings, target
from hypothesis import strategies as st

from chat import addresses
from chat.refusals import Refusal
from chat.server import heads
from chat.text import lines, markdown, nicknames, visible
from chat.text.mentions import Candidates, Known, Naming
from chat.wire import protocol, simple
from tests.work import seconds

EXAMPLES = 300
BODY, FRAME, HEAD = 10_000, 64 * 1024, 16 * 1024

WORDS = [
    "http://", "https://", "www.", "a.com", ".com", "a", "I", "l", "-", "_", ".", ",", ";", ":", "/", "?", "@", "#",
    "=", "&", "%20", "(", ")", "[", "]", "{", "}", "<", ">", '"', "'", "`", "```", "\\", "|", "*", "**", "~~", "!", " ",
    "\n", "\u0301", "\u0316\u0301", "\u200b", "\u3164", "\u3000", "中", "看", "。", "，", "ß", "İ", "ﷺ", "ﬁ", "\u0390",
    "\u1e9e", "а", "І", "👍", "·", "’", "0", "1", "٣", "한", "\U0001d400", "\u1fa7",
]  # fmt: skip
JSON = [
    "{", "}", "[", "]", ",", ":", '"', '"type":', '"post"', '"sync"', '"client_id":', '"rooms":', '"room":', '"body":',
    '"to_user":', '"msg":', '"1":', "1", "9", "0.", "e9", "-", "true", "null", "\\", "\\u0041", "\\ud800", " ", "a",
    '"x"', "[]", "{}", "é",
]  # fmt: skip
LINE = [
    "a", "=", ";", ",", '"', "\\", '\\"', "\\101", " ", "-", "q=0.5", "sessionid=", "*", "/", "zh", "1.2.3.4", ":", "[",
    "%41", "multipart/form-data;", "boundary=",
]  # fmt: skip


def frame(raw: str) -> None:
    protocol.correlation(raw)
    protocol.parse(raw)


def cookies(line: str) -> None:
    if heads._fault([(b"cookie", line.encode())]) is None:
        parse_cookie(line)


def content_type(line: str) -> None:
    if heads._fault([(b"content-type", line.encode())]) is None:
        parse_header_parameters(line)


def rendered(text: str) -> None:
    """As if every name that the text could mean were somebody's."""
    candidates = Candidates(text)
    candidates.add_titles(candidates.beginnings)
    members = dict.fromkeys(candidates.nicknames.values(), 1)
    markdown.render(text, Naming(candidates, Known(members, {}, dict.fromkeys(candidates.titles.values(), "a"), True)))


MARKUP = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```",
    "\n```py\n",
    "||",
    "> ",
    "\n- ",
    "\n1. ",
    "\n|a|b|\n|-|-|\n",
    "|",
    "\\",
    "\n",
]

FUNCTIONS: list[tuple[str, Callable[[str], Any], list[str], int]] = [
    ("a body, rendered", markdown.render, [*WORDS, *MARKUP], BODY),
    ("a body, rendered with names", rendered, [*WORDS, *MARKUP, "@", "@a ", "@a b", "@中", "#a", "#中 "], BODY),
    ("a body, seen", visible.is_anything_visible, WORDS, BODY),
    ("a nickname, cleaned", nicknames.clean, WORDS, BODY),
    ("a nickname's key", nicknames.key, WORDS, BODY),
    ("a nickname's skeleton", nicknames.skeleton, WORDS, BODY),
    ("a nickname's first 200 variants", lambda text: list(islice(nicknames.variants(text), 200)), WORDS, BODY),
    ("a title, cleaned", lines.clean, WORDS, BODY),
    ("a title's key", lines.key, WORDS, BODY),
    ("a frame", frame, JSON, FRAME),
    ("cursors", protocol.parse_cursors, JSON, FRAME),
    ("words on the simple wire", lambda text: simple.parse(text, 1), [*JSON, *WORDS], FRAME),
    ("cookies", cookies, LINE, HEAD),
    ("a content type", content_type, LINE, HEAD),
    ("languages", parse_accept_lang_header, LINE, HEAD),
    ("a forwarded address", lambda text: addresses.address("1.2.3.4", text), LINE, HEAD),
]


def worst(function: Callable[[str], Any], pieces: list[str], size: int, examples: int) -> tuple[float, str]:
    """The time of the worst text that was found, and that text: a beginning, and what repeats behind it."""
    found = (0.0, "")
    some = st.lists(st.tuples(st.sampled_from(pieces), st.integers(1, 40)), max_size=5)

    def told(text: str) -> None:
        with contextlib.suppress(Refusal, ValueError):
            function(text)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(some, some.filter(bool))
    def look(start: list[tuple[str, int]], unit: list[tuple[str, int]]) -> None:
        nonlocal found
        first, again = ("".join(piece * times for piece, times in part) for part in (start, unit))
        text = (first + again * size)[:size]
        taken = seconds(told, text)
        target(taken)
        found = max(found, (taken, f"{first!r}, then {again!r} again and again"))

    look()
    return found


@pytest.mark.parametrize(("name", "function", "pieces", "size"), FUNCTIONS, ids=[name for name, *_ in FUNCTIONS])
def test_look_for_the_worst(name, function, pieces, size, capsys):
    taken, text = worst(function, pieces, size, EXAMPLES)
    with capsys.disabled():
        print(f"\n{1000 * taken:8.2f} ms  {name}, {size:,} characters: {text[:200]}", flush=True)
