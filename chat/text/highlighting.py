"""Marks the parts of code by what they are: keywords, strings and so on, as Pygments finds them."""

import time
from functools import cache
from html import escape
from typing import Any

SECONDS = 0.01
"""CPU time for one piece of code. Some of Pygments' lexers need time by the square of a text made for it; what is left
then is shown without colours."""

LANGUAGES = {
    "bash", "c", "c#", "c++", "cpp", "cs", "csharp", "css", "diff", "docker", "dockerfile", "go", "html", "ini", "java",
    "javascript", "js", "json", "kotlin", "lua", "php", "py", "python", "rb", "rs", "ruby", "rust", "sh", "shell",
    "sql", "swift", "toml", "ts", "typescript", "xml", "yaml", "yml",
}  # fmt: skip

# The first that a part belongs to. Classes of their own, so that the style sheet names few.
_CLASSES = (
    ("Comment", "c-comment"),
    ("Keyword", "c-keyword"),
    ("Literal.String", "c-string"),
    ("Literal.Number", "c-number"),
    ("Name.Function", "c-name"),
    ("Name.Class", "c-name"),
    ("Name.Tag", "c-keyword"),
    ("Name.Attribute", "c-name"),
    ("Name.Builtin", "c-name"),
    ("Generic.Deleted", "c-deleted"),
    ("Generic.Inserted", "c-inserted"),
)


def highlight(code: str, language: str) -> str:
    """Returns the code as HTML, without marks if the language is not known here."""
    if language.lower() not in LANGUAGES:
        return escape(code)
    lexer = _lexer(language.lower())
    end = time.thread_time() + SECONDS
    parts, marked = [], 0
    for _, kind, text in lexer.get_tokens_unprocessed(code):
        name = _class(kind)
        parts.append(f'<span class="{name}">{escape(text)}</span>' if name and text.strip() else escape(text))
        marked += len(text)
        if time.thread_time() > end:
            break
    return "".join(parts) + escape(code[marked:])


@cache
def _lexer(language: str) -> Any:
    """Loaded when it is first needed."""
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@cache
def _class(kind: Any) -> str:
    name = str(kind).removeprefix("Token.")
    return next((css for prefix, css in _CLASSES if f"{name}.".startswith(f"{prefix}.")), "")
