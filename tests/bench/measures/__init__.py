"""The measures. A measure is given a folder and a scale, prints as it goes, and answers figures, fit for JSON."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.bench.measures import arrivals, changes, crowd, growth, histories, joined, memory, posts, rendering, talk
from tests.bench.scale import Scale

Figures = dict[str, Any]

MEASURES: dict[str, Callable[[Path, Scale], Awaitable[Figures]]] = {
    "saturated": talk.saturated,
    "one_in_flight": talk.one_in_flight,
    "two_processes": talk.two_processes,
    "posts": posts.posts,
    "changes": changes.changes,
    "rendering": rendering.rendering,
    "arrivals": arrivals.arrivals,
    "memory": memory.memory,
    "histories": histories.histories,
    "joined": joined.joined,
    "room_size": growth.room_size,
    "room_count": growth.room_count,
    "crowd": crowd.crowd,
}
