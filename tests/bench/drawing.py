"""The parts of plots: SVG that is legible on a page of either colour."""

import math
from collections.abc import Callable, Sequence
from html import escape

LEFT, RIGHT = 28, 28

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

Scale = Callable[[float], float]
"""Where on the page a value is."""


def picture(title: str, width: int, height: int, parts: list[str]) -> str:
    """A card with these parts on it."""
    card = f'<rect class="card" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    body = "\n".join([card, *parts])
    return f'{head} role="img" aria-label="{title}">\n<title>{title}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n'


def linear(high: float, begin: float, end: float) -> Scale:
    """From 0 on."""
    return lambda value: begin + (end - begin) * value / (high or 1.0)


def logarithmic(low: float, high: float, begin: float, end: float) -> Scale:
    span = math.log10(high / low) or 1.0
    return lambda value: begin + (end - begin) * math.log10(value / low) / span


def decades(low: float, high: float) -> Sequence[float]:
    return [10.0**power for power in range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)]


def legend(x: float, y: float, entries: dict[str, str], width: float = 160) -> list[str]:
    """The meaning of each shade."""
    parts = []
    for shade, words in entries.items():
        parts += [rectangle(x, y - 10, 12, 12, shade), text(x + 18, y, words, "soft")]
        x += width
    return parts


def short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def text(x: float, y: float, words: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" rx="2"/>'


def line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'
