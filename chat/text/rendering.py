"""Renders a message's text: escaped, with its web addresses as links."""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import escape

from chat.text.links import Link, links

_ATTRIBUTES = 'rel="noopener noreferrer nofollow" target="_blank"'

_BACKTICKS = re.compile("`+|\n")


def render(body: str) -> str:
    """Returns the body as HTML if it has links, and "" if plain text is enough."""
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


def _outside(found: list[Link], spans: list[tuple[int, int]]) -> Iterator[Link]:
    """Yields the links that do not begin in any of these spans. Both are in order; no link reaches into a span."""
    remaining = iter(spans)
    span = next(remaining, None)
    for link in found:
        while span and span[1] <= link.start:
            span = next(remaining, None)
        if not span or link.start < span[0]:
            yield link
