"""The table of aims: what each row compares, and whether it is met."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.statistics import median, steepest_rise

Figures = dict[str, Any]


class FlawedError(Exception):
    """A server lost a message, or showed a wrong one: there is no figure."""


@dataclass(frozen=True)
class Row:
    """One line. `values` gives a value for each round; the median counts."""

    measure: str
    title: str
    aim: float
    least: float
    form: str
    values: Callable[[Figures], list[float]]
    more_is_better: bool = False

    def verdict(self, figures: Figures | None) -> dict[str, str]:
        """The cells of this row."""
        sign = "≥" if self.more_is_better else "≤"
        cells = {
            "measure": self.title,
            "aim": f"{sign} {self.form.format(self.aim)}",
            "at least": f"{sign} {self.form.format(self.least)}",
        }
        try:
            values = self.values(figures or {})
            middle = median(values)
        except FlawedError as flawed:
            return {**cells, "measured": "failed", "rounds": str(flawed), "": "**not met**"}
        except (KeyError, ValueError):
            return {**cells, "measured": "", "rounds": "", "": "not measured"}
        spread = f"{self.form.format(min(values))} to {self.form.format(max(values))}" if len(values) > 1 else ""
        return {**cells, "measured": self.form.format(middle), "rounds": spread, "": self._met(middle)}

    def _met(self, value: float) -> str:
        sign = -1 if self.more_is_better else 1
        if sign * value <= sign * self.aim:
            return "aim met"
        return "least met" if sign * value <= sign * self.least else "**not met**"


def sound(figures: Figures) -> Figures:
    if figures["flaws"]:
        raise FlawedError(figures["flaws"])
    return figures


def costs(figures: Figures, name: str) -> list[float]:
    return [sound(sample)["cost_us"] for sample in figures[name]]


def against(other: str) -> Callable[[Figures], list[float]]:
    """The cost of a delivery in chatsite, as a share of the cost there."""
    return lambda figures: shares(costs(figures, "chatsite"), costs(figures, other))


def shares(ours: list[float], theirs: list[float]) -> list[float]:
    """Round by round; where one took part in fewer rounds, in those."""
    return [one / other for one, other in zip(ours, theirs, strict=False)]


def posts_per_second(name: str) -> Callable[[Figures], list[float]]:
    return lambda figures: [sound(sample)["posts_per_second"] for sample in figures["full"][name]]


def changes_against_posts(change: str, post: str) -> Callable[[Figures], list[float]]:
    """How many of these a second there are, as a share of posts in the same run."""

    def values(figures: Figures) -> list[float]:
        ours, theirs = ([sound(sample)["posts_per_second"] for sample in figures[name]] for name in (change, post))
        return shares(ours, theirs)

    return values


def rendered_against(other: str, what: str) -> Callable[[Figures], list[float]]:
    return lambda figures: shares(sound(figures)["cost_us"][what], figures["cost_us"][other])


def ack_p99(name: str) -> Callable[[Figures], list[float]]:
    return lambda figures: [sound(sample)["ack_ms"]["p99"] for sample in figures["half"][name]]


def arrival_costs(rooms: str, other: str) -> Callable[[Figures], list[float]]:
    def values(figures: Figures) -> list[float]:
        ours, theirs = (sound(figures[rooms][name])["cost_us"] for name in ("chatsite", other))
        return shares(ours, theirs)

    return values


def long_against_short(what: str) -> Callable[[Figures], list[float]]:
    return lambda figures: shares(sound(figures)[what]["long"], figures[what]["short"])


def many_against_few(what: str) -> Callable[[Figures], list[float]]:
    return lambda figures: shares(sound(figures)[what]["many"], figures[what]["few"])


def one_against(two: str) -> Callable[[Figures], list[float]]:
    return lambda figures: shares(costs(figures, "chatsite"), costs(figures, two))


def rise(figures: Figures) -> list[float]:
    return [steepest_rise(sound(figures["chatsite"])["cost_us"])]


def delivered_share(figures: Figures) -> list[float]:
    """Of the sockets that were wanted, those that were there and missed nothing."""
    sound(figures["sample"])
    return [figures["sockets"] / figures["wanted"]]


TIMES, THOUSANDTHS, NUMBER, SHARE = "{:.2f} ×", "{:.3f} ×", "{:,.0f}", "{:.0%}"
MILLISECONDS, KIB = "{:.1f} ms", "{:.1f} KiB"

ROWS = [
    Row("saturated", "CPU per delivered message, 50 senders, against Socket.IO", 0.15, 0.4, TIMES, against("socketio")),
    Row("one_in_flight", "the same with one message in flight", 1.0, 1.4, TIMES, against("socketio")),
    Row("saturated", "50 senders, against the Channels tutorial", 0.01, 0.025, THOUSANDTHS, against("tutorial_pubsub")),
    Row("saturated", "50 senders, against the bare picows loop", 0.4, 0.9, TIMES, against("picows")),
    Row("posts", "durable posts per second, SQLite", 3000, 1500, NUMBER, posts_per_second("chatsite"), True),
    Row("posts", "durable posts per second, PostgreSQL", 3000, 1500, NUMBER, posts_per_second("postgresql"), True),
    Row("posts", "ack p99 at half of that load, SQLite", 25, 60, MILLISECONDS, ack_p99("chatsite")),
    Row("posts", "ack p99 at half of that load, PostgreSQL", 25, 60, MILLISECONDS, ack_p99("postgresql")),
    *(
        Row("changes", f"durable {what} per second, {where}, against posts", 0.5, 0.3, TIMES, values, True)
        for what, where, values in (
            ("edits", "SQLite", changes_against_posts("editing", "chatsite")),
            ("edits", "PostgreSQL", changes_against_posts("editing_postgresql", "postgresql")),
            ("reactions", "SQLite", changes_against_posts("reacting", "chatsite")),
            ("reactions", "PostgreSQL", changes_against_posts("reacting_postgresql", "postgresql")),
        )
    ),
    Row(
        "rendering",
        "rendering a plain message, against parsing it",
        0.1,
        0.2,
        THOUSANDTHS,
        rendered_against("parsed plain", "plain"),
    ),
    Row(
        "rendering",
        "rendering one with Markdown, against parsing it as CommonMark",
        1.5,
        2,
        TIMES,
        rendered_against("parsed markdown", "markdown"),
    ),
    Row("memory", "memory per idle connection", 16, 28, KIB, lambda found: [sound(found["chatsite"])["kib"]]),
    *(
        Row("arrivals", f"CPU per connection made, {rooms}, against {what}", 1, 2, TIMES, arrival_costs(rooms[0], name))
        for name, what in (
            ("socketio_signed", "Socket.IO with sign-in and presence"),
            ("socketio", "Socket.IO without"),
        )
        for rooms in ("1 room", "5 rooms")
    ),
    Row("crowd", "10,000 sockets on one process, in 5 rooms each: all deliver", 1, 1, SHARE, delivered_share, True),
    Row(
        "histories", "opening a room of 1,000,000 messages, against 1,000", 1.1, 1.3, TIMES, long_against_short("page")
    ),
    Row("histories", "a page of its history", 1.1, 1.3, TIMES, long_against_short("history")),
    Row("histories", "sync of 100 missed there", 1.1, 1.3, TIMES, long_against_short("sync")),
    *(
        Row("joined", title, 1.2, 1.3, TIMES, many_against_few(what))
        for what, title in (
            ("picture", "who is here, 200,000 who once joined against 2,000"),
            ("home", "the page on which one joins"),
            ("page", "opening the room's page there"),
            ("directory", "the list of rooms"),
            ("handshake", "a connection made"),
            ("join", "joining"),
        )
    ),
    *(
        Row(
            "two_processes",
            f"deliveries per CPU second, two processes {how}",
            0.95,
            0.85,
            TIMES,
            one_against(two),
            True,
        )
        for two, how in (
            ("two_processes", "against one, the same 50 senders"),
            ("two_laden", "with 50 senders each against one with 50"),
        )
    ),
    Row("room_size", "steepest rise of the cost per delivery, rooms of 10 to 5,000", 1.1, 1.3, TIMES, rise),
    Row("room_count", "steepest rise of the cost per delivery, 1 to 5,000 rooms", 1.1, 1.3, TIMES, rise),
]

FIRST = [row for row in ROWS if row.measure in ("saturated", "one_in_flight")][:3]
