"""How a message's text is shown: escaped, with its web addresses as links."""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import escape

from chat.text.links import Link, links

_ATTRIBUTES = 'rel="noopener noreferrer nofollow" target="_blank"'

_BACKTICKS = re.compile("`+|\n")


def render(body: str) -> str:
    """The body as HTML where it has links, and "" where its plain text says it all."""
    found = links(body)
    if found and "`" in body:
        found = list(_outside(found, _code(body)))
    if not found:
        return ""
    parts = []
    end = 0
    for start, stop, href in found:
        text = f'{escape(body[end:start])}<a href="{escape(href)}" {_ATTRIBUTES}>{escape(body[start:stop])}</a>'
        parts.append(text)
        end = stop
    return "".join(parts) + escape(body[end:])


def _code(body: str) -> list[tuple[int, int]]:
    """What stands in backticks: from some of them to the next as many; in one line where they are fewer than three."""
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
        ends.pop()  # Its own.
        if start >= end and ends:
            end = ends[-1]
            spans.append((start, end))
    return spans


def _outside(found: list[Link], spans: list[tuple[int, int]]) -> Iterator[Link]:
    """The links that do not begin in any of these spans. Both are in their order; no link reaches into a span."""
    places = iter(spans)
    span = next(places, None)
    for link in found:
        while span and span[1] <= link.start:
            span = next(places, None)
        if not span or link.start < span[0]:
            yield link
