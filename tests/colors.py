"""Colours of the style sheets: what a token stands for in each theme, and how far two of them contrast."""

import math
import re
from pathlib import Path

STYLES = Path(__file__).parents[1] / "chat/static/chat/styles"
THEMES = ("light", "dark")

Rgb = tuple[float, float, float]

_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_OKLCH = re.compile(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")


def tokens() -> dict[str, str]:
    return dict(_TOKEN.findall((STYLES / "tokens.css").read_text()))


def color(value: str, theme: str, known: dict[str, str]) -> Rgb:
    """The sRGB colour that a browser draws: `value` is `oklch()`, a token, or a pair of these in `light-dark()`."""
    if value.startswith("light-dark("):
        parts = re.findall(r"var\([^)]+\)|oklch\([^)]+\)", value)
        return color(parts[THEMES.index(theme)], theme, known)
    if value.startswith("var("):
        return color(known[value.removeprefix("var(--").removesuffix(")")], theme, known)
    found = _OKLCH.fullmatch(value)
    assert found, f"{value} is no colour that this test can read"
    return srgb(float(found[1]) / 100, float(found[2]), float(found[3]))


def srgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """OKLCH as linear light is cut to what sRGB can show, as browsers do, and encoded."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (_encoded(min(1.0, max(0.0, part))) for part in linear)
    return red, green, blue


def hexadecimal(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


def contrast(one: Rgb, other: Rgb) -> float:
    """By WCAG 2: from 1, which is none, to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = ((part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _encoded(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
