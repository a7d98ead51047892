"""The plot beside the table, as SVG: what a delivery costs on each server, and how that grows."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from tests.bench.servers import NAMES
from tests.bench.statistics import median

WIDTH, HEIGHT = 860, 770
LEFT, RIGHT, LABELS = 28, 28, 218

# Its own background, so that it can be read on a page of either colour.
STYLE = """
  svg { --card: #ffffff; --edge: #d6dae0; --ink: #1c2430; --soft: #5b6675; --grid: #e6e9ee;
        --ours: #0f766e; --ours-light: #7cc5bd; --theirs: #8a93a1; --theirs-light: #c9cfd8; }
  @media (prefers-color-scheme: dark) {
    svg { --card: #171c24; --edge: #333c49; --ink: #e8ecf1; --soft: #a3adba; --grid: #2a323d;
          --ours: #2dd4bf; --ours-light: #1b7f75; --theirs: #8d97a6; --theirs-light: #4d5663; }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
  .title { font-size: 16px; font-weight: 600; }
  .soft { fill: var(--soft); font-size: 12px; }
  .end { text-anchor: end; } .middle { text-anchor: middle; }
  .card { fill: var(--card); stroke: var(--edge); }
  .grid { stroke: var(--grid); stroke-width: 1; }
  .ours { fill: var(--ours); } .ours-light { fill: var(--ours-light); }
  .theirs { fill: var(--theirs); } .theirs-light { fill: var(--theirs-light); }
  .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .curve.ours { fill: none; stroke: var(--ours); } .curve.theirs { fill: none; stroke: var(--theirs); }
"""

Measures = dict[str, dict[str, Any]]
Scale = Callable[[float], float]


def picture(measures: Measures) -> str:
    parts = [f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>']
    parts += _bars(measures.get("saturated", {}), measures.get("one_in_flight", {}), top=36)
    half = (WIDTH - LEFT - RIGHT - 40) / 2
    for measure, title, left in (
        ("room_size", "… as one room grows (sockets)", LEFT),
        ("room_count", "… as rooms of ten grow in number", LEFT + half + 40),
    ):
        parts += _curves(measures.get(measure, {}), title, left, top=476, width=half, height=210)
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    title = "CPU per delivered message"
    return f'{head} role="img" aria-label="{title}">\n<title>{title}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n'


# Bars.


def _bars(saturated: dict[str, Any], single: dict[str, Any], top: float) -> list[str]:
    """A pair of bars for each server, the cheapest first, on a logarithmic scale."""
    costs = {name: (_cost(saturated, name), _cost(single, name)) for name in {**saturated, **single}}
    known = {name: pair for name, pair in costs.items() if any(pair)}
    parts = [_text(LEFT, top, "CPU of the server per delivered message", "title")]
    parts.append(_text(LEFT, top + 20, "200 sockets in one room; µs, logarithmic; shorter is better", "soft"))
    if not known:
        return parts
    left, right, y = LEFT + LABELS, WIDTH - RIGHT - 60, top + 66
    values = [value for pair in known.values() for value in pair if value]
    low, high = 10 ** math.floor(math.log10(min(values))), max(values)
    place = _logarithmic(low, high, left, right)
    bottom = y + 40 * len(known)
    parts += _legend(left, top + 44, {"theirs": "50 people talking", "theirs-light": "one message in flight"})
    for tick in _decades(low, high):
        parts.append(_line(place(tick), y - 6, place(tick), bottom, "grid"))
        parts.append(_text(place(tick), bottom + 16, f"{tick:g}", "soft middle"))
    for name, pair in sorted(known.items(), key=lambda item: item[1][0] or item[1][1]):
        kind = _kind(name)
        parts.append(_text(left - 12, y + 19, NAMES[name], "end"))
        for value, shade, offset in ((pair[0], kind, 0), (pair[1], f"{kind}-light", 15)):
            if value:
                width = max(1.0, place(value) - left)
                parts.append(_rectangle(left, y + offset, width, 13, shade))
                parts.append(_text(left + width + 6, y + offset + 11, _short(value), "soft"))
        y += 40
    return parts


def _legend(x: float, y: float, entries: dict[str, str]) -> list[str]:
    parts = []
    for shade, words in entries.items():
        parts += [_rectangle(x, y - 10, 12, 12, shade), _text(x + 18, y, words, "soft")]
        x += 160
    return parts


# Curves.


def _curves(servers: dict[str, Any], title: str, left: float, top: float, width: float, height: float) -> list[str]:
    """The cost over a number that grows, one curve for each server; both axes are logarithmic."""
    parts = [_text(left, top, title, "title"), _text(left, top + 20, "µs of CPU per delivery", "soft")]
    known = {name: own for name, own in servers.items() if len(own["at"]) > 1}
    if not known:
        return parts
    costs = [cost for own in known.values() for cost in own["cost_us"]]
    places = [at for own in known.values() for at in own["at"]]
    low, high = 10 ** math.floor(math.log10(min(costs) / 1.6)), 10 ** math.ceil(math.log10(max(costs) * 1.3))
    begin, end, floor, ceiling = left + 40, left + width - 16, top + height + 24, top + 64
    across = _logarithmic(min(places), max(places), begin, end)
    up = _logarithmic(low, high, floor, ceiling)
    for tick in _decades(low, high):
        parts.append(_line(begin, up(tick), end, up(tick), "grid"))
        parts.append(_text(begin - 8, up(tick) + 4, f"{tick:g}", "soft end"))
    parts += [_text(across(at), floor + 18, f"{at:,}", "soft middle") for at in next(iter(known.values()))["at"]]
    parts += _legend(left, top + 44, {_kind(name): NAMES[name] for name in known})
    for name, own in known.items():
        kind = _kind(name)
        points = [(across(at), up(cost)) for at, cost in zip(own["at"], own["cost_us"], strict=True)]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="curve {kind}" points="{joined}"/>')
        parts += [f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        for place, side in ((0, "soft"), (-1, "soft end")):
            x, y = points[place]
            is_lower = own["cost_us"][place] < max(other["cost_us"][place] for other in known.values())
            parts.append(_text(x, y + (18 if is_lower else -9), _short(own["cost_us"][place]), side))
    return parts


# Pieces.


def _cost(figures: dict[str, Any], name: str) -> float:
    """0 where there is none."""
    samples = figures.get(name, [])
    if not samples or any(sample["flaws"] for sample in samples):
        return 0.0
    return median(sample["cost_us"] for sample in samples)


def _kind(name: str) -> str:
    return "ours" if NAMES[name].startswith("chatsite") else "theirs"


def _logarithmic(low: float, high: float, begin: float, end: float) -> Scale:
    span = math.log10(high / low) or 1.0
    return lambda value: begin + (end - begin) * math.log10(value / low) / span


def _decades(low: float, high: float) -> Sequence[float]:
    return [10.0**power for power in range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)]


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'


def _rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2"/>'


def _line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'
