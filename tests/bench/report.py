"""The figures in Markdown, and where they go."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bench import plot
from tests.bench.results import Results
from tests.bench.rows import ROWS, Row
from tests.bench.servers import NAMES
from tests.bench.statistics import median
from tests.servers import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

Figures = dict[str, Any]


def write(results: Results) -> None:
    insert(DOCUMENT, "\n\n".join(filter(None, (aims(results, ROWS), *_tables(results), machine(results)))))
    PICTURE.write_text(plot.picture(results.measures))


def insert(document: Path, figures: str) -> None:
    """Puts figures where a document has its place for them."""
    head, _, rest = document.read_text().partition(BEGIN)
    document.write_text(f"{head}{BEGIN}\n{figures}\n{END}{rest.partition(END)[2]}")


def aims(results: Results, rows: Iterable[Row]) -> str:
    """The table of aims."""
    return table([row.verdict(results.measures.get(row.measure)) for row in rows])


def table(rows: list[dict[str, str]]) -> str:
    """Cells under headings, in Markdown, and legible as it is."""
    if not rows:
        return ""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * max(3, width) for width in widths])
    cells = ([cell.ljust(max(3, width)) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _tables(results: Results) -> Iterable[str]:
    for measure, title in TITLES.items():
        figures = results.measures.get(measure)
        if figures:
            yield f"**{title}**"
            yield table(TABLES[measure](figures))


def _talk(figures: Figures) -> list[dict[str, str]]:
    return [_server(name, samples) for name, samples in figures.items()]


def _server(name: str, samples: list[Figures]) -> dict[str, str]:
    flaws = next((sample["flaws"] for sample in samples if sample["flaws"]), "")
    cells = {
        "server": NAMES[name],
        "µs of CPU per delivery": _middle(samples, "cost_us", "{:.2f}"),
        "deliveries a second": f"{median(one['deliveries'] / one['seconds'] for one in samples):,.0f}",
        "delivered after (p50 / p99 / p99.9)": _delays(samples, "delivery_ms"),
        "acknowledged after": _delays(samples, "ack_ms"),
        "Redis, database": f"{median(one['stores_cpu'] / one['deliveries'] * 1e6 for one in samples):.2f} µs",
        "server, client busy": " , ".join(
            f"{median(values):.0%}"
            for values in ([one["cpu"] / one["seconds"] for one in samples], [one["client_share"] for one in samples])
        ).replace(" ,", ","),
        "checked": f"{sum(one['checked'] for one in samples):,}",
    }
    return dict.fromkeys(cells, "") | {"server": NAMES[name], "checked": f"failed: {flaws}"} if flaws else cells


def _posts(figures: Figures) -> list[dict[str, str]]:
    return [
        {
            "server": NAMES[name],
            "load": "as fast as acks come" if load == "full" else "half of that, by the clock",
            "posts a second": _middle(samples, "posts_per_second", "{:,.0f}"),
            "acknowledged after (p50 / p99 / p99.9)": _delays(samples, "ack_ms"),
            "µs of CPU per post": f"{median(one['cpu'] / one['messages'] * 1e6 for one in samples):,.0f}",
            "Redis, database": f"{median(one['stores_cpu'] / one['messages'] * 1e6 for one in samples):,.0f} µs",
        }
        for load, servers in figures.items()
        for name, samples in servers.items()
    ]


def _changes(figures: Figures) -> list[dict[str, str]]:
    return [
        {
            "server": NAMES[name],
            "changes a second": _middle(samples, "posts_per_second", "{:,.0f}"),
            "acknowledged after (p50 / p99 / p99.9)": _delays(samples, "ack_ms"),
            "µs of CPU per change": f"{median(one['cpu'] / one['messages'] * 1e6 for one in samples):,.0f}",
            "Redis, database": f"{median(one['stores_cpu'] / one['messages'] * 1e6 for one in samples):,.0f} µs",
        }
        for name, samples in figures.items()
    ]


def _rendering(figures: Figures) -> list[dict[str, str]]:
    said = {
        "plain": "plain text",
        "address": "with a web address",
        "markdown": "with three kinds of Markdown",
        "code": "with four lines of code in colours",
        "parsed plain": "plain text, parsed as CommonMark and cleaned all the same",
        "parsed markdown": "the Markdown, parsed as CommonMark and cleaned",
    }
    return [
        {"a message of 15 to 110 characters": said[what], "CPU": f"{median(costs):.1f} µs"}
        for what, costs in figures["cost_us"].items()
    ]


def _arrivals(figures: Figures) -> list[dict[str, str]]:
    return [
        {
            "server": NAMES[name],
            "rooms": rooms,
            "µs of CPU per connection": f"{median(own['cost_us']):,.0f}",
            "connections a second": f"{median(own['per_second']):,.0f}",
        }
        for rooms, servers in figures.items()
        for name, own in servers.items()
    ]


def _memory(figures: Figures) -> list[dict[str, str]]:
    return [
        {"server": NAMES[name], "KiB per idle connection": own["flaws"] or f"{own['kib']:.1f}"}
        for name, own in figures.items()
    ]


def _histories(figures: Figures) -> list[dict[str, str]]:
    said = {"page": "opening the room's page", "history": "a page of 50 older messages", "sync": "sync of 100 missed"}
    return [
        {"what": said[what], "short": f"{median(own['short']):.2f} ms", "long": f"{median(own['long']):.2f} ms"}
        for what, own in figures.items()
        if what in said
    ]


def _joined(figures: Figures) -> list[dict[str, str]]:
    said = {
        "picture": "who is here: a picture of the room",
        "home": "the page on which one joins",
        "page": "opening the room's page",
        "directory": "the list of rooms",
        "handshake": "a connection, until it has all",
        "join": "joining",
    }
    return [
        {"what": said[what], "few": f"{median(own['few']):.2f} ms", "many": f"{median(own['many']):.2f} ms"}
        for what, own in figures.items()
        if what in said
    ]


def _growth(figures: Figures) -> list[dict[str, str]]:
    return [
        {
            "server": NAMES[name],
            **{f"{at:,}": f"{cost:.2f} µs" for at, cost in zip(own["at"], own["cost_us"], strict=True)},
        }
        for name, own in figures.items()
    ]


def _crowd(figures: Figures) -> list[dict[str, str]]:
    sample = figures["sample"]
    return [
        {
            "sockets": f"{figures['sockets']:,}",
            "deliveries": sample["flaws"] or f"{sample['checked']:,}, none missing",
            "delivered after (p50 / p99 / p99.9)": _delays([sample], "delivery_ms"),
            "server busy, heartbeats included": f"{sample['cpu'] / sample['seconds']:.0%}",
            "memory of the process": f"{figures['memory_mib']:,.0f} MiB",
            "connections a second before": f"{figures['connections_per_second']:,.0f}",
        }
    ]


TITLES = {
    "saturated": "200 sockets in one room, 50 senders",
    "one_in_flight": "200 sockets in one room, one message in flight",
    "two_processes": "The same room on one process and on two",
    "posts": "100 senders in 100 rooms",
    "changes": "100 people who change messages, each in a room of their own, beside 100 who post",
    "rendering": "Rendering one message",
    "arrivals": "Connections made",
    "memory": "Idle connections",
    "histories": "Rooms with a long past",
    "joined": "Rooms that few and many have joined, 20 of them here",
    "room_size": "Cost per delivery as one room grows",
    "room_count": "Cost per delivery as rooms of ten grow in number",
    "crowd": "A crowd on one process",
}
TABLES = {
    "saturated": _talk,
    "one_in_flight": _talk,
    "two_processes": _talk,
    "posts": _posts,
    "changes": _changes,
    "rendering": _rendering,
    "arrivals": _arrivals,
    "memory": _memory,
    "histories": _histories,
    "joined": _joined,
    "room_size": _growth,
    "room_count": _growth,
    "crowd": _crowd,
}


def _middle(samples: list[Figures], key: str, form: str) -> str:
    return form.format(median(sample[key] for sample in samples))


def _delays(samples: list[Figures], key: str) -> str:
    if not samples[0][key]:
        return ""
    return " / ".join(f"{median(sample[key][share] for sample in samples):.1f}" for share in samples[0][key]) + " ms"


def machine(results: Results) -> str:
    """The machine that all this ran on, and what else ran there."""
    said = results.machine
    return (
        f"Measured on {said['processor']}; {said['system']}, Python {said['python']}, Node {said['node']}. "
        f"Pinned: {said['pinned']}. An fsync of 4 KiB takes {said['fsync']} here. {_disturbance(results)}"
    )


def _disturbance(results: Results) -> str:
    shares = [sample["strangers_share"] for sample in _samples(results.measures)]
    if not shares:
        return ""
    return f"Meanwhile other processes took {median(shares):.0%} of a core, {max(shares):.0%} at the most."


def _samples(figures: Any) -> Iterable[Figures]:
    """All samples, wherever in the figures they are."""
    if isinstance(figures, dict) and "strangers_share" in figures:
        yield figures
    elif isinstance(figures, dict | list):
        for inner in figures.values() if isinstance(figures, dict) else figures:
            yield from _samples(inner)
