"""The style sheets keep to the tokens, and pages load the ones they need."""

import re
import textwrap
from pathlib import Path

import pytest

from tests.colors import STYLES
from tests.languages.texts import MODULES

TEMPLATES = Path(__file__).parents[1] / "templates"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINKED = re.compile(r"chat/styles/([\w/-]+\.css)")

SHEETS = {str(path.relative_to(STYLES)): _COMMENT.sub("", path.read_text()) for path in STYLES.rglob("*.css")}
JOINED = {"common.css", "pages/room.css", "pages/page.css"}
"""The sheets of whole pages, and what they share: they import the others, and are served as one file."""
OTHERS = {name: sheet for name, sheet in SHEETS.items() if name not in {"tokens.css", "outdated.css", *JOINED}}
"""Without the sheet for browsers that may not know layers and tokens."""

# Values that only a token says, and the patterns that say them otherwise.
RULES = {
    "font sizes": r"font-size: (?!var\(--|inherit|0\.875em|calc\(var\(--avatar-size)",
    "font weights": r"font-weight: (?!var\(--)",
    "radii": r"border-radius: (?!var\(--|inherit|30%)",
    "shadows": r"box-shadow: (?!var\(--|none|0 0 0 1px var\(--)",
    "layers": r"z-index: (?!var\(--)",
    "palette": r"var\(--(paper|ink|petrol|apricot|red|green)-",
    "imports": r"@import",
}


@pytest.mark.parametrize("rule", RULES)
def test_what_a_token_says_is_said_nowhere_else(rule):
    assert [(name, found[0]) for name, sheet in OTHERS.items() for found in re.finditer(RULES[rule], sheet)] == []


def test_there_are_at_most_seven_sizes_of_type():
    sizes = re.findall(r"--size-[\w]+: [\d.]+rem;", SHEETS["tokens.css"])
    assert 4 <= len(sizes) <= 7


def test_every_sheet_is_of_one_layer_so_that_order_does_not_matter():
    for name, sheet in OTHERS.items():
        content = textwrap.dedent(re.sub(r"@media print \{\n(.*)\n\}", r"\1", sheet, flags=re.DOTALL))
        outside = re.sub(r"@layer \w+ \{.*?\n\}", "", content, flags=re.DOTALL).strip()
        assert outside == "", name


def test_every_sheet_is_loaded_by_some_page_and_every_page_begins_with_the_tokens():
    linked = {name for path in TEMPLATES.rglob("*.html") for name in _LINKED.findall(path.read_text())}
    imported = {name: re.findall(r'@import "(?:[.][.]/)?([^"]+)";', SHEETS[name]) for name in JOINED}
    scripts = [path.read_text() for path in MODULES.rglob("*.js")]
    by_scripts = {name for script in scripts for name in re.findall(r'new URL\("[./]+styles/([^"]+)"', script)}
    assert linked.union(by_scripts, *imported.values()) == set(SHEETS)
    assert {name: names[0] for name, names in imported.items()} == {
        "common.css": "tokens.css",
        "pages/room.css": "common.css",
        "pages/page.css": "common.css",
    }


@pytest.mark.parametrize("name", sorted(path.name for path in (TEMPLATES / "chat/icons").iterdir()))
def test_icons_are_drawn_on_one_grid_and_with_one_pen(name):
    if name == "mark.svg":
        return
    icon = (TEMPLATES / "chat/icons" / name).read_text()
    assert icon.startswith('<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">')
    assert re.findall("stroke-width", icon) == (["stroke-width"] if name == "more.svg" else [])
