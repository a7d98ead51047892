"""The page's modules as the browser loads them. What they do without one is tried in `tests/js/`."""

import re
from pathlib import Path

MODULES = Path(__file__).parents[2] / "chat" / "static" / "chat"
_IMPORT = re.compile(r'^import (?:[^"()]*? from )?"(\.[^"]+)"', re.MULTILINE)


def needed(path: Path, found: set[Path]) -> set[Path]:
    """The module, and all that it can't begin without."""
    if path not in found:
        found.add(path)
        for other in _IMPORT.findall(path.read_text()):
            needed((path.parent / other).resolve(), found)
    return found


def test_a_room_page_asks_at_once_for_all_modules_that_it_needs_and_for_no_others(visit):
    alice = visit("alice")
    alice.go("/rooms/lobby/")
    links = alice.page.locator("link[rel=modulepreload], script[type=module]")
    addresses = links.evaluate_all("links => links.map((link) => link.href || link.src)")
    asked = [re.split("/static/[0-9a-f]+/chat/", address)[-1] for address in addresses]
    found = needed(MODULES / "pages" / "support.js", set()) | needed(MODULES / "pages" / "room.js", set())
    assert len(found) > 30
    assert sorted(asked) == sorted(str(path.relative_to(MODULES)) for path in found)
