"""Rules that the page's style sheets keep.

Colours and sizes of type are named once, as tokens; directions follow the text; `!important` is for what nothing may
override.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tinycss2 import ast

from tests.stylesheets import Declaration, declarations, of_the_page

ROOT = Path(__file__).parents[1]

IMPORTANT = {"display: none", "transition-duration: 0s", "animation-duration: 0s", "scroll-behavior: auto"}
"""A hidden element stays hidden, and who wants no motion gets none, whatever else a style sheet says."""

READS_FROM_THE_LEFT = {':is(h1, h2, .name, .topic)[dir="auto"]'}
"""Rules that mean the left: a name in another script still stands where the page begins."""

_SIDES = re.compile(r"(?:^|-)(?:left|right)(?:-|$)")
_COLOUR_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color"}
_NAMED_COLOURS = re.compile(
    "aqua|black|blue|brown|coral|crimson|cyan|fuchsia|gold|gray|green|grey|indigo|ivory|khaki|lavender|lime|magenta|"
    "maroon|navy|olive|orange|orchid|pink|plum|purple|red|salmon|silver|snow|tan|teal|tomato|turquoise|violet|wheat|white"
)
_SET_BY_SCRIPTS = re.compile(r"""setProperty\(\s*["'](--[\w-]+)["']""")


def physical_direction(declaration: Declaration) -> bool:
    """Whether it names left or right where the text's direction should decide. The insets of a screen have sides."""
    if "safe-area-inset-" in declaration.text or READS_FROM_THE_LEFT.intersection(declaration.rules):
        return False
    is_aligned = declaration.name in {"text-align", "float", "clear", "justify-content", "justify-self"}
    return bool(_SIDES.search(declaration.name)) or (is_aligned and declaration.text in {"left", "right"})


def colour(declaration: Declaration) -> bool:
    """Whether it names a colour that is no token. An avatar's is computed from its hue."""
    is_of_a_hue = "var(--hue)" in declaration.text
    return not declaration.is_token and not is_of_a_hue and any(map(_is_colour, declaration.tokens()))


def font_size(declaration: Declaration) -> bool:
    """Whether it says a size of type, and not which one. A share of the size around it is none."""
    if declaration.name not in {"font", "font-size"}:
        return False
    sizes = declaration.value
    if declaration.name == "font":
        before_line_height = [i for i, token in enumerate(sizes) if token == "/"]
        sizes = sizes[: before_line_height[0]] if before_line_height else sizes
    return any(isinstance(token, ast.DimensionToken) and token.unit != "em" for token in sizes)


def important(declaration: Declaration) -> bool:
    return declaration.important and f"{declaration.name}: {declaration.text}" not in IMPORTANT


def container(declaration: Declaration) -> bool:
    """Whether it makes a container, or uses its width.

    With such units in each message, Chromium worked out the styles of all rows anew when one came: 5 ms for each row.
    """
    units = {token.lower_unit for token in declaration.tokens() if isinstance(token, ast.DimensionToken)}
    return declaration.name.startswith("container") or any(unit.startswith("cq") for unit in units)


def _is_colour(token: ast.Node) -> bool:
    if isinstance(token, ast.FunctionBlock):
        return token.lower_name in _COLOUR_FUNCTIONS
    if isinstance(token, ast.IdentToken):
        return bool(_NAMED_COLOURS.fullmatch(token.lower_value))
    return isinstance(token, ast.HashToken)


RULES: dict[str, Callable[[Declaration], bool]] = {
    "physical direction": physical_direction,
    "colour": colour,
    "font size": font_size,
    "important": important,
    "container": container,
}


@pytest.fixture(scope="module")
def page() -> list[Declaration]:
    return of_the_page()


@pytest.fixture(scope="module")
def defined(page) -> set[str]:
    scripts = "".join(path.read_text() for path in (ROOT / "chat/static/chat").rglob("*.js"))
    return {each.name for each in page if each.name.startswith("--")} | set(_SET_BY_SCRIPTS.findall(scripts))


def used(declaration: Declaration) -> set[str]:
    """The custom properties that a value takes."""
    calls = [each for each in declaration.tokens() if isinstance(each, ast.FunctionBlock) and each.lower_name == "var"]
    return {each.value for call in calls for each in call.arguments[:2] if isinstance(each, ast.IdentToken)}


@pytest.mark.parametrize("rule", RULES)
def test_no_style_sheet_breaks_a_rule(rule, page):
    assert [f"{each.place}: {each.name}: {each.text}" for each in page if RULES[rule](each)] == []


def test_each_custom_property_that_is_used_is_defined(page, defined):
    assert [f"{each.place}: {name}" for each in page for name in used(each) - defined] == []


def test_each_custom_property_is_used(page, defined):
    assert sorted(defined - {name for each in page for name in used(each)}) == []


@pytest.mark.parametrize(
    ("rule", "css"),
    [
        ("physical direction", "a { margin-left: 1rem }"),
        ("physical direction", "a { b & { border-top-right-radius: 1px } }"),
        ("physical direction", "@media print { a { text-align: right } }"),
        ("colour", "a { color: #fff }"),
        ("colour", "a { border: 1px solid oklch(50% 0 0) }"),
        ("colour", "a { background: color-mix(in srgb, var(--x), Red 10%) }"),
        ("colour", "@layer parts { a { --own: white } }"),
        ("font size", "a { font-size: 13px }"),
        ("font size", "a { font: 600 1rem/1.5 var(--font) }"),
        ("important", "a { color: inherit !important }"),
        ("container", "a { container-type: inline-size }"),
        ("container", "a { --gutter: calc((100cqi - 40rem) / 2) }"),
    ],
)
def test_a_broken_rule_is_found(rule, css):
    assert [RULES[rule](each) for each in declarations(css)] == [True]


@pytest.mark.parametrize(
    "css",
    [
        "a { margin-inline-start: 1rem; text-align: end; padding-right: env(safe-area-inset-right) }",
        "a { color: var(--text); background: Canvas; border-color: currentcolor; fill: transparent }",
        "@layer tokens { :root { --text: #123; --ink: oklch(20% 0 0) } }",
        "a { font: var(--small) / 1.5 var(--font); font-size: inherit; letter-spacing: 0.1em }",
        "[hidden] { display: none !important }",
    ],
)
def test_what_keeps_the_rules_is_let_be(css):
    assert [name for name, rule in RULES.items() for each in declarations(css) if rule(each)] == []


def test_a_broken_style_sheet_is_found():
    with pytest.raises(ValueError, match=r"given\.css:1"):
        declarations("a { color red }")
