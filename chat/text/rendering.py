"""Renders a message's text: escaped, with its web addresses and names as links."""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from operator import attrgetter

from chat.text.links import Link, links
from chat.text.mentions import Name, Naming

_ATTRIBUTES = 'rel="noopener noreferrer nofollow" target="_blank"'

_BACKTICKS = re.compile("`+|\n")


def render(body: str, naming: Naming | None = None) -> str:
    """Returns the body as HTML if it has links, and "" if plain text is enough."""
    found = marked(body, naming)
    if found and "`" in body:
        found = list(_outside(found, _code(body)))
    parts = []
    end = 0
    for one in found:
        parts += [escape(body[end : one.start]), html_of(one, body[one.start : one.end], naming)]
        end = one.end
    return "".join([*parts, escape(body[end:])]) if any("<" in part for part in parts) else ""


def marked(text: str, naming: Naming | None) -> list[Link | Name]:
    """Returns the addresses and names in a text, in order. What begins within another is part of it."""
    both: list[Link | Name] = [*links(text), *(naming.names(text) if naming else ())]
    found: list[Link | Name] = []
    for one in sorted(both, key=attrgetter("start")):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def html_of(one: Link | Name, typed: str, naming: Naming | None, *, is_quoted: bool = False) -> str:
    """Quoted words were somebody else's: their names are plain text, and tell nobody. Rooms are links all the same."""
    if isinstance(one, Link):
        return f'<a href="{escape(one.href)}" {_ATTRIBUTES}>{escape(typed)}</a>'
    if is_quoted and one.kind != "room":
        return escape(typed)
    return naming.html(one, typed) if naming else escape(typed)


def _code(body: str) -> list[tuple[int, int]]:
    """Returns the spans in backticks: from a run to the next run of the same length, within one line if under three."""
    closing: dict[tuple[int, int], list[int]] = defaultdict(list)
    opening = []
    line = 0
    for run in _BACKTICKS.finditer(body):
        if run[0] == "\n":
            line += 1
            continue
        size = len(run[0])
        kind = (size, line if size < 3 else 0)
        opening.append((run.start(), kind))
        closing[kind].append(run.end())
    spans = []
    end = 0
    for ends in closing.values():
        ends.reverse()
    for start, kind in opening:
        ends = closing[kind]
        ends.pop()  # The run's own end.
        if start >= end and ends:
            end = ends[-1]
            spans.append((start, end))
    return spans


def _outside(found: list[Link | Name], spans: list[tuple[int, int]]) -> Iterator[Link | Name]:
    """Yields the links that do not begin in any of these spans. Both are in order; no link reaches into a span."""
    remaining = iter(spans)
    span = next(remaining, None)
    for one in found:
        while span and span[1] <= one.start:
            span = next(remaining, None)
        if not span or one.start < span[0]:
            yield one
