"""Finds the texts of the site that are marked for translation: in Python, in templates, and in the page's modules."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "chat/static/chat"

Text = str | tuple[str, str]
"""A text, or one with its plural."""

_ONE = {"_", "gettext", "gettext_lazy"}
_STRING = r'"(?:[^"\\\n]|\\.)*"'
_CALL = re.compile(rf"\b(?:t|parts)\(\s*({_STRING})|\bplural\(\s*({_STRING}),\s*({_STRING})")


def found() -> dict[Text, list[str]]:
    """All texts, each with the files it is in."""
    texts: dict[Text, list[str]] = {}
    for path in sources():
        for text in _in(path):
            places = texts.setdefault(text, [])
            if (place := str(path.relative_to(ROOT))) not in places:
                places.append(place)
    return texts


def of_modules() -> set[Text]:
    return {text for path in sources() if path.suffix == ".js" for text in in_module(path.read_text())}


def sources() -> list[Path]:
    """The files with texts. Commands, checks, the doctor and the style guide speak to owners, in English."""
    python = [
        ROOT / "chat/sentences.py",
        ROOT / "chat/admin.py",
        *(path for path in ROOT.glob("chat/views/*.py") if path.name != "styleguide.py"),
        ROOT / "chatsite/signing_in.py",
    ]
    modules = [path for path in MODULES.rglob("*.js") if path.parent.name != "locale"]
    templates = [path for path in ROOT.glob("templates/**/*.html") if "styleguide" not in str(path)]
    return sorted([*python, *templates, *modules])


def _in(path: Path) -> Iterator[Text]:
    read = {".py": in_python, ".html": in_template, ".js": in_module}[path.suffix]
    return read(path.read_text())


def in_python(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        strings = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        name = getattr(node.func, "id", "")
        if name in _ONE and strings:
            yield strings[0]
        elif name == "ngettext":
            yield strings[0], strings[1]


def in_template(source: str) -> Iterator[Text]:
    """Read as Django reads it when the page is made."""
    nodes = engines["django"].engine.from_string(source).nodelist
    for node in nodes.get_nodes_by_type((TranslateNode, BlockTranslateNode)):
        if isinstance(node, TranslateNode):
            yield str(node.filter_expression.var.literal)
        else:
            one = node.render_token_list(node.singular)[0]
            yield (one, node.render_token_list(node.plural)[0]) if node.plural else one


def in_module(source: str) -> Iterator[Text]:
    for text, one, other in _CALL.findall(source):
        yield json.loads(text) if text else (json.loads(one), json.loads(other))
