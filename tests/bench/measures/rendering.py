"""The cost of rendering one message: plain, with an address, with Markdown; and if each were parsed."""

from pathlib import Path
from time import process_time
from typing import Any

import nh3
from markdown_it import MarkdownIt

from chat.text.markdown import render
from tests.bench import machine
from tests.bench.checker import body
from tests.bench.scale import Scale

TIMES = 20

_PLAIN = [body(1, turn) for turn in range(100)]
_CODE = "```python\ndef greet(name):\n    return f'Hello, {name}!'\n```"
TEXTS = {
    "plain": _PLAIN,
    "address": [f"{text} https://example.org/page?of={turn}" for turn, text in enumerate(_PLAIN)],
    "markdown": [f"**{text[:12]}** {text[12:]} `code` and _more_" for text in _PLAIN],
    "code": [f"{text}\n{_CODE}" for text in _PLAIN],
}

PARSED = ("plain", "markdown")
"""Those that are rendered the other way as well."""

_peer = MarkdownIt("commonmark", {"html": False, "linkify": False})


def parsed(text: str) -> str:
    """The way of a site that takes every message for Markdown."""
    return nh3.clean(_peer.render(text))


async def rendering(folder: Path, scale: Scale) -> Any:
    print("rendering: one message, in this process")
    texts = TEXTS | {f"parsed {name}": TEXTS[name] for name in PARSED}
    figures: dict[str, list[float]] = {name: [] for name in texts}
    with machine.pinned(machine.SERVERS):
        for _ in range(scale.rounds):
            for name, own in texts.items():
                figures[name].append(_cost(parsed if name.startswith("parsed ") else render, own))
    for name, costs in figures.items():
        print(f"  {name:16} {min(costs):8.2f} to {max(costs):.2f} µs")
    return {"cost_us": figures, "flaws": ""}


def _cost(make: Any, texts: list[str]) -> float:
    """CPU for one text, in µs."""
    for text in texts:
        make(text)
    began = process_time()
    for text in texts * TIMES:
        make(text)
    return (process_time() - began) / (len(texts) * TIMES) * 1e6
