"""Finds texts that people would see and that are not marked for translation."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

_TAGS = re.compile(
    r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}|\{% block \w+_class %\}.*?\{% endblock %\}"
    r"|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOWN = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}

_NAMES = re.compile("chatsite|简体中文|English|WebSocket")
"""Texts that every language writes alike."""


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag == "code"
        self.found += [value for name, value in attrs if name in _SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.found.append(data)


def in_template(source: str) -> list[str]:
    """Text nodes and the attributes that are shown or read out; not what stands in `<code>`."""
    reader = _Texts()
    reader.feed(_TAGS.sub("", source))
    texts = (" ".join(text.split()).strip(" ·") for text in reader.found)
    return [text for text in texts if _WORD.search(_NAMES.sub("", text))]


_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
_COMMENT = re.compile(r"^\s*//.*$|\s//\s.*$", re.MULTILINE)
_MARKED = re.compile(r"\b(?:(?:t|parts)\(\s*|plural\(\s*(?:\"(?:[^\"\\\n]|\\.)*\",\s*)?)$")
_SENTENCE = re.compile(r"^\W*[A-Z][a-z]+\b(?!-)|[a-z]{2,} [a-z]{2,}|[\u4e00-\u9fff]")
_NO_TEXT = re.compile(
    r"\b(?:from|import|querySelector\w*\(|matches\(|closest\(|matchMedia\(|key [!=]==|keys:|isHeld\() ?$"
)


def in_module(source: str) -> list[str]:
    """Strings that begin with a capital or have several words. What stands before tells selectors and imports apart."""
    source = _COMMENT.sub("", source)
    return [
        text
        for match in _LITERAL.finditer(source)
        if _SENTENCE.search(_NAMES.sub("", text := re.sub(r"\$\{[^}]*\}", "", match[1] or match[2] or "")))
        and not _MARKED.search(source[: match.start()])
        and not _NO_TEXT.search(source[: match.start()])
    ]


_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "Http404", "compile", "fullmatch"}


def in_python(source: str) -> list[str]:
    """Strings with several words and a capital, but docstrings, and what is logged or raised for programs."""
    return list(_strings(ast.parse(source)))


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        is_logged = "logger" in ast.dump(node.func)
        if name in _CALLS or is_logged:
            return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"^\W*[A-Z][\w'’]* \w", node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _strings(child)
