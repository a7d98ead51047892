"""The figures of the transports: two tables and a plot, into docs/transports.md."""

from typing import Any

from tests.bench import drawing, report
from tests.bench.drawing import LEFT, RIGHT, Scale, linear, logarithmic, rectangle, short, text
from tests.bench.results import Results
from tests.bench.transports.ways import NAMES
from tests.servers import ROOT

DOCUMENT = ROOT / "docs" / "transports.md"
PICTURE = ROOT / "docs" / "transports.svg"

WIDTH, LABELS, ROW, TOP = 860, 146, 44, 36

Figures = dict[str, Any]


def write(results: Results) -> None:
    figures = results.measures["transports"]
    parts = ["**One message a second**", talk(figures), "**Nobody says anything**", idle(figures)]
    report.insert(DOCUMENT, "\n\n".join([*parts, report.machine(results)]))
    PICTURE.write_text(picture(figures))


def talk(figures: Figures) -> str:
    return report.table([_talk(NAMES[name], own["talk"]) for name, own in figures.items()])


def idle(figures: Figures) -> str:
    return report.table([_idle(NAMES[name], own["idle"]) for name, own in figures.items()])


def _talk(name: str, sample: Figures) -> dict[str, str]:
    cells = {
        "each client": name,
        "server busy": f"{sample['cpu'] / sample['seconds']:.1%}",
        "CPU per delivery": f"{sample['cost_us']:,.0f} µs",
        **_traffic(sample["each_minute"]),
        "delivered after (p50 / p99)": f"{_delay(sample, 'p50')} / {_delay(sample, 'p99')}",
        "deliveries": f"{sample['checked']:,}, none missing",
    }
    if sample["flaws"]:
        return dict.fromkeys(cells, "") | {"each client": name, "deliveries": f"failed: {sample['flaws']}"}
    return cells


def _idle(name: str, sample: Figures) -> dict[str, str]:
    return {
        "each client": name,
        "server busy": sample["flaws"] or f"{sample['cpu'] / sample['seconds']:.1%}",
        **_traffic(sample["each_minute"]),
    }


def _traffic(each_minute: Figures) -> dict[str, str]:
    return {
        "requests a minute": f"{each_minute['requests']:.1f}",
        "bytes to the server a minute": f"{each_minute['sent']:,.0f}",
        "bytes to the client a minute": f"{each_minute['received']:,.0f}",
    }


def _delay(sample: Figures, share: str) -> str:
    value = sample["delivery_ms"][share]
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"


# The plot.


def picture(figures: Figures) -> str:
    """Three columns of bars, a row for each way."""
    ways = {name: own for name, own in figures.items() if not own["talk"]["flaws"]}
    height = TOP + 90 + ROW * len(ways)
    parts = [text(LEFT, TOP, "One message a second, heard by each transport", "title")]
    for row, name in enumerate(ways):
        parts.append(text(LEFT, TOP + 90 + ROW * row + 13, NAMES[name]))
    width = (WIDTH - LEFT - RIGHT - LABELS) / 3
    talks = [own["talk"] for own in ways.values()]
    minutes = [sample["each_minute"] for sample in talks]
    columns = [
        (
            "Server busy, % of a core",
            {"ours": "talk", "ours-light": "silence"},
            [(_busy(own["talk"]), _busy(own["idle"])) for own in ways.values()],
        ),
        (
            "KiB per client and minute",
            {"theirs": "to the server", "theirs-light": "to the client"},
            [(each["sent"] / 1024, each["received"] / 1024) for each in minutes],
        ),
        (
            "Delivered after, ms (logarithmic)",
            {"ours": "p50", "ours-light": "p99"},
            [(sample["delivery_ms"]["p50"], sample["delivery_ms"]["p99"]) for sample in talks],
        ),
    ]
    for column, (title, shades, pairs) in enumerate(columns):
        left = LEFT + LABELS + width * column
        values = [value for pair in pairs for value in pair]
        right = left + width - 56
        is_delay = column == len(columns) - 1
        place = (
            logarithmic(1, max(values, default=10), left, right)
            if is_delay
            else linear(max(values, default=1), left, right)
        )
        parts += _column(left, title, shades, pairs, place)
    return drawing.picture("What each transport costs, and how late it is", WIDTH, height, parts)


def _busy(sample: Figures) -> float:
    return 100 * sample["cpu"] / sample["seconds"]


def _column(
    left: float, title: str, shades: dict[str, str], pairs: list[tuple[float, float]], place: Scale
) -> list[str]:
    parts = [text(left, TOP + 32, title), *drawing.legend(left, TOP + 58, shades, width=104)]
    for row, pair in enumerate(pairs):
        for value, shade, offset in zip(pair, shades, (0, 15), strict=True):
            y = TOP + 90 - 6 + ROW * row + offset
            width = max(1.0, place(value) - left)
            parts += [rectangle(left, y, width, 13, shade), text(left + width + 6, y + 11, short(value), "soft")]
    return parts
