"""Each colour can be told from what it lies on, in both themes: WCAG 2.2 AA, computed from the style sheets' tokens."""

import re

import pytest

from chat.views.appearance import THEME_COLORS
from tests.colors import STYLES, THEMES, color, contrast, hexadecimal, tokens

TEXT = 4.5
PARTS = 3.0

SURFACES = ["side", "ground", "raised", "hover", "pressed"]

# Colours that are read, and the colours behind them.
READ = [
    *(("text", surface) for surface in [*SURFACES, "accent-soft", "news-soft", "named", "danger-soft"]),
    *(("text-soft", surface) for surface in [*SURFACES, "news-soft", "named", "accent-soft"]),
    *(("accent", surface) for surface in ("side", "ground", "raised", "hover", "news-soft", "named", "accent-soft")),
    *(("accent-strong", surface) for surface in ("ground", "raised", "hover", "accent-soft", "news-soft", "named")),
    *(("danger", surface) for surface in ("ground", "raised", "hover", "named", "danger-soft")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-news", "news"),
]
# Marks that show where something is, or its state: rings, edges of fields, dots, bars.
SEEN = [
    *(("accent", surface) for surface in [*SURFACES, "accent-soft"]),
    *(("field", surface) for surface in ("ground", "raised", "side")),
    *(("here", surface) for surface in ("side", "ground", "raised", "hover", "accent-soft")),
    ("news-line", "ground"),
    ("news-line", "news-soft"),
    ("news-line", "named"),
    ("danger", "ground"),
    ("text-soft", "pressed"),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("above", "below", "least"), [(*pair, TEXT) for pair in READ] + [(*pair, PARTS) for pair in SEEN]
)
def test_a_colour_can_be_told_from_what_it_lies_on(above, below, least, theme):
    known = tokens()
    ratio = contrast(color(known[above], theme, known), color(known[below], theme, known))
    assert ratio >= least, f"{ratio:.2f}"


@pytest.mark.parametrize("theme", THEMES)
def test_an_initial_can_be_read_on_every_hue(theme):
    source = (STYLES / "components/avatar.css").read_text()
    hues = re.findall(r"\.hue-\d+ \{ --hue: (\d+); \}", source)
    below, above = re.search(
        r"\.avatar \{.*?background: (light-dark.*?);\n\s*color: (light-dark.*?);", source, re.DOTALL
    ).groups()
    assert len(hues) == 12
    for hue in hues:
        pair = [color(value.replace("var(--hue)", hue), theme, {}) for value in (above, below)]
        assert contrast(*pair) >= TEXT, hue


@pytest.mark.parametrize("theme", THEMES)
def test_browsers_draw_their_own_edge_in_the_colour_of_the_pages(theme):
    assert THEME_COLORS[theme] == hexadecimal(color(tokens()["ground"], theme, tokens()))


def test_black_and_white_contrast_most_and_a_colour_with_itself_not_at_all():
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((0.5, 0.2, 0.9), (0.5, 0.2, 0.9)) == 1
    assert hexadecimal(color("oklch(62.8% 0.2577 29.23)", "light", {})) == "#ff0000"
