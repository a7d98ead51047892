"""The page's style sheets as lists of declarations, read by a CSS parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tinycss2
from tinycss2 import ast

STYLES = Path(__file__).parents[1] / "chat/static/chat/styles"


@dataclass(frozen=True)
class Declaration:
    place: str
    """The file and the line."""
    rules: tuple[str, ...]
    """The preludes of the rules that it stands in, from the outside: `("@layer tokens", ":root")`."""
    name: str
    value: tuple[ast.Node, ...]
    important: bool

    @property
    def text(self) -> str:
        return tinycss2.serialize(self.value).strip()

    @property
    def is_token(self) -> bool:
        return self.name.startswith("--") and self.rules[:1] == ("@layer tokens",)

    def tokens(self) -> Iterator[ast.Node]:
        """All parts of the value, those inside functions and brackets too."""
        waiting = list(reversed(self.value))
        while waiting:
            token = waiting.pop()
            yield token
            inside = getattr(token, "arguments", None) or getattr(token, "content", None)
            if isinstance(inside, list):
                waiting.extend(reversed(inside))


def declarations(css: str, file: str = "given.css") -> list[Declaration]:
    """Raises `ValueError` where the parser finds an error."""
    return list(_walk(file, tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), ()))


def of_the_page() -> list[Declaration]:
    files = sorted(STYLES.rglob("*.css"))
    return [each for file in files for each in declarations(file.read_text(), str(file.relative_to(STYLES)))]


def _walk(file: str, nodes: list[ast.Node], rules: tuple[str, ...]) -> Iterator[Declaration]:
    for node in nodes:
        if isinstance(node, ast.ParseError):
            raise ValueError(f"{file}:{node.source_line}: {node.message}")
        if isinstance(node, ast.Declaration):
            place = f"{file}:{node.source_line}"
            yield Declaration(place, rules, node.name, tuple(node.value), node.important)
        elif isinstance(node, ast.QualifiedRule | ast.AtRule) and node.content is not None:
            prelude = " ".join(tinycss2.serialize(node.prelude).split())
            title = f"@{node.at_keyword} {prelude}".rstrip() if isinstance(node, ast.AtRule) else prelude
            inside = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            yield from _walk(file, inside, (*rules, title))
