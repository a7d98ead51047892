"""The page's modules as the browser loads them. What they do without one is tried in `tests/js/`."""

import re
from pathlib import Path

MODULES = Path(__file__).parents[2] / "chat" / "static" / "chat"
# Loaded when they are needed: other transports (`transports/later.js`), and what some people use at some time.
LATER = {f"net/transports/{name}.js" for name in ("poll", "sending", "sse", "stream")} | {
    "app/keeping.js",
    "store/emoji.js",
    "store/forgetting.js",
    "views/emoji/picker.js",
    "views/forward/forward.js",
    "views/shell/key_sheet.js",
    "views/shell/sheets.js",
    "views/shell/tips.js",
    "views/timeline/absent.js",
    "views/timeline/details.js",
    "views/timeline/pins.js",
}


def test_a_room_page_asks_at_once_for_all_modules_that_it_needs(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    links = alice.page.locator("link[rel=modulepreload], script[type=module]")
    addresses = links.evaluate_all("links => links.map((link) => link.href || link.src)")
    asked = [re.split("/static/[0-9a-f]+/chat/", address)[-1] for address in addresses]
    paths = [path.relative_to(MODULES) for path in MODULES.rglob("*.js")]
    of_this_page = [
        str(path)
        for path in paths
        if path.parts[0] not in {"pages", "locale"} or path.name in {"room.js", "support.js"}
    ]
    assert sorted(asked) == sorted(set(of_this_page) - LATER)
