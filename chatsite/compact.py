"""Takes comments and indents out of modules and style sheets: browsers would load them and never read them.

Every line keeps its number, so a stack trace names lines of the source. A text that is not understood stays as it is.
"""

import re
from collections.abc import Iterator

_STRING = r""" "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' """

_TOKEN = re.compile(
    rf"""
      (?P<comment> [ \t]* (?: //[^\n]* | /\*.*?\*/ ) )
    | (?P<indent> \n [^\S\n]* )
    | (?P<space> [^\S\n]+ )
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
    rf"""
      {_STRING} | url\([^)]*\)
    | (?P<comment> [ \t]* (?<!\S) /\*.*?\*/ | /\*.*?\*/ (?=\s) )
    | (?P<indent> \n [ \t]+ )
    | /\*.*?\*/
    """,
    re.DOTALL | re.VERBOSE,
)


def compact(path: str, text: str) -> str:
    if path.endswith(".css"):
        return _STYLE_TOKEN.sub(lambda match: _short(match.lastgroup, match), text)
    if path.endswith(".js"):
        try:
            return "".join(_short(kind, match) for kind, match in _pieces(text))
        except ValueError:
            return text
    return text


def _pieces(source: str) -> Iterator[tuple[str | None, re.Match[str]]]:
    """Yields each part of a module, with its kind. Raises `ValueError` if it is not understood."""
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
            yield None, token
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
        yield kind, piece
        at = piece.end()


def _short(kind: str | None, match: re.Match[str]) -> str:
    """Returns what takes the place of a part. Of comments the line ends stay, or else a space before what follows."""
    if kind == "indent":
        return "\n"
    if kind == "comment":
        following = match.string[match.end() : match.end() + 1]
        return "\n" * match[0].count("\n") or (" " if following.strip() else "")
    return match[0]
