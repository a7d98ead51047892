"""The plot beside the table, as SVG: what a delivery costs on each server, and how that grows."""

import math
from typing import Any

from tests.bench import drawing
from tests.bench.drawing import LEFT, RIGHT, decades, legend, line, logarithmic, rectangle, short, text
from tests.bench.servers import NAMES
from tests.bench.statistics import median

WIDTH, HEIGHT = 860, 770
LABELS = 218

Measures = dict[str, dict[str, Any]]


def picture(measures: Measures) -> str:
    parts = _bars(measures.get("saturated", {}), measures.get("one_in_flight", {}), top=36)
    half = (WIDTH - LEFT - RIGHT - 40) / 2
    for measure, title, left in (
        ("room_size", "… as one room grows (sockets)", LEFT),
        ("room_count", "… as rooms of ten grow in number", LEFT + half + 40),
    ):
        parts += _curves(measures.get(measure, {}), title, left, top=476, width=half, height=210)
    return drawing.picture("CPU per delivered message", WIDTH, HEIGHT, parts)


# Bars.


def _bars(saturated: dict[str, Any], single: dict[str, Any], top: float) -> list[str]:
    """A pair of bars for each server, the cheapest first, on a logarithmic scale."""
    costs = {name: (_cost(saturated, name), _cost(single, name)) for name in {**saturated, **single}}
    known = {name: pair for name, pair in costs.items() if any(pair)}
    parts = [text(LEFT, top, "CPU of the server per delivered message", "title")]
    parts.append(text(LEFT, top + 20, "200 sockets in one room; µs, logarithmic; shorter is better", "soft"))
    if not known:
        return parts
    left, right, y = LEFT + LABELS, WIDTH - RIGHT - 60, top + 66
    values = [value for pair in known.values() for value in pair if value]
    low, high = 10 ** math.floor(math.log10(min(values))), max(values)
    place = logarithmic(low, high, left, right)
    bottom = y + 40 * len(known)
    parts += legend(left, top + 44, {"theirs": "50 people talking", "theirs-light": "one message in flight"})
    for tick in decades(low, high):
        parts.append(line(place(tick), y - 6, place(tick), bottom, "grid"))
        parts.append(text(place(tick), bottom + 16, f"{tick:g}", "soft middle"))
    for name, pair in sorted(known.items(), key=lambda item: item[1][0] or item[1][1]):
        kind = _kind(name)
        parts.append(text(left - 12, y + 19, NAMES[name], "end"))
        for value, shade, offset in ((pair[0], kind, 0), (pair[1], f"{kind}-light", 15)):
            if value:
                width = max(1.0, place(value) - left)
                parts.append(rectangle(left, y + offset, width, 13, shade))
                parts.append(text(left + width + 6, y + offset + 11, short(value), "soft"))
        y += 40
    return parts


# Curves.


def _curves(servers: dict[str, Any], title: str, left: float, top: float, width: float, height: float) -> list[str]:
    """The cost over a number that grows, one curve for each server; both axes are logarithmic."""
    parts = [text(left, top, title, "title"), text(left, top + 20, "µs of CPU per delivery", "soft")]
    known = {name: own for name, own in servers.items() if len(own["at"]) > 1}
    if not known:
        return parts
    costs = [cost for own in known.values() for cost in own["cost_us"]]
    places = [at for own in known.values() for at in own["at"]]
    low, high = 10 ** math.floor(math.log10(min(costs) / 1.6)), 10 ** math.ceil(math.log10(max(costs) * 1.3))
    begin, end, floor, ceiling = left + 40, left + width - 16, top + height + 24, top + 64
    across = logarithmic(min(places), max(places), begin, end)
    up = logarithmic(low, high, floor, ceiling)
    for tick in decades(low, high):
        parts.append(line(begin, up(tick), end, up(tick), "grid"))
        parts.append(text(begin - 8, up(tick) + 4, f"{tick:g}", "soft end"))
    parts += [text(across(at), floor + 18, f"{at:,}", "soft middle") for at in next(iter(known.values()))["at"]]
    parts += legend(left, top + 44, {_kind(name): NAMES[name] for name in known})
    for name, own in known.items():
        kind = _kind(name)
        points = [(across(at), up(cost)) for at, cost in zip(own["at"], own["cost_us"], strict=True)]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="curve {kind}" points="{joined}"/>')
        parts += [f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        for place, side in ((0, "soft"), (-1, "soft end")):
            x, y = points[place]
            is_lower = own["cost_us"][place] < max(other["cost_us"][place] for other in known.values())
            parts.append(text(x, y + (18 if is_lower else -9), short(own["cost_us"][place]), side))
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
