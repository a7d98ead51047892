"""Takes the comments out of modules and style sheets: browsers would load them and never read them.

Every line keeps its number, so a stack trace names lines of the source. A text that is not understood stays as it is.
"""

import re
from collections.abc import Iterator

_STRING = r""" "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' """

_TOKEN = re.compile(
    rf"""
      (?P<comment> [ \t]* (?: //[^\n]* | /\*.*?\*/ ) )
    | (?P<space> \n | [^\S\n]+ )
    | (?P<string> {_STRING} )
    | (?P<word> \.?[\w$\#]+ )
    | (?P<sign> . )
    """,
    re.DOTALL | re.VERBOSE,
)
_PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\[\\\n])+/\w*")
_TEMPLATE = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{)", re.DOTALL)
"""The rest of a template literal, up to its end or to an expression in it."""

_BEFORE_PATTERNS = {
    "await", "case", "delete", "do", "else", "in", "instanceof", "new", "of", "return", "throw", "typeof", "void",
    "yield",
}  # fmt: skip

# A comment without a space beside it may hold two words of a selector apart, and stays.
_STYLE_TOKEN = re.compile(
    rf" {_STRING} | url\([^)]*\) | (?P<comment> (?:[ \t]+|^) /\*.*?\*/ | /\*.*?\*/ (?=\s) ) | /\*.*?\*/ ",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def without_comments(path: str, text: str) -> str:
    if path.endswith(".css"):
        return _STYLE_TOKEN.sub(lambda match: _blank(match) if match["comment"] else match[0], text)
    if path.endswith(".js"):
        try:
            return "".join(_blank(match) if is_comment else match[0] for is_comment, match in _pieces(text))
        except ValueError:
            return text
    return text


def _pieces(source: str) -> Iterator[tuple[bool, re.Match[str]]]:
    """Yields each part of a module, and whether it is a comment. Raises `ValueError` if it is not understood."""
    at = 0
    divides = False  # Whether a slash would; elsewhere it begins a regular expression.
    braces = [0]  # How many are open: in the module, and in each expression of a template literal within it.
    while token := _TOKEN.match(source, at):
        kind, text = token.lastgroup, token[0]
        piece: re.Match[str] | None = token
        braces[-1] += (text == "{") - (text == "}")
        if text == "`" or braces[-1] < 0:
            if text == "}":
                braces.pop()
            yield False, token
            piece = _TEMPLATE.match(source, token.end())
            divides = bool(piece and piece[0].endswith("`"))
            if not divides:
                braces.append(0)
        elif text == "/" and not divides:
            piece = _PATTERN.match(source, at)
            divides = True
        elif kind == "sign":
            divides = text in ")]}"
        elif kind in {"string", "word"}:
            divides = text not in _BEFORE_PATTERNS
        if piece is None or not braces or text in {'"', "'"}:
            raise ValueError("This is no module.")
        yield kind == "comment", piece
        at = piece.end()


def _blank(comment: re.Match[str]) -> str:
    """Returns what takes the place of a comment: its line ends, else a space before what follows on the same line."""
    following = comment.string[comment.end() : comment.end() + 1]
    return "\n" * comment[0].count("\n") or (" " if following.strip() else "")
