"""`{% module "chat/pages/room.js" %}`: a page's script, and all modules that it imports, asked for at once."""

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_IMPORT = re.compile(r"""^(?:import\b[^"'();]*|export\b[^"'();=]*\bfrom\s*)["'](\.[^"']+)["']""", re.MULTILINE)


@register.simple_tag
def module(entry: str, **attributes: str) -> SafeString:
    """Without the list, a browser learns of each module from the one that imports it: a round trip for each level."""
    make = _tags if settings.DEBUG else _cached_tags
    return make(entry, static(entry), tuple(attributes.items()))


def _tags(entry: str, address: str, attributes: tuple[tuple[str, str], ...]) -> SafeString:
    imported = ((static(path),) for path in graph(entry))
    links = format_html_join("", '<link rel="modulepreload" href="{}">\n  ', imported)
    more = format_html_join("", ' {}="{}"', attributes)
    return format_html('{}<script type="module"{} src="{}"></script>', links, more, address)


_cached_tags = lru_cache(maxsize=50)(_tags)
"""The address has the release and the path prefix."""


def graph(entry: str) -> list[str]:
    """Returns the modules that a module imports, and those that they import, as paths below the static files.

    The nearest come first. What a module imports later, by `import()`, is not among them.
    """
    found = [entry]
    for path in found:
        found += [imported for imported in _imports(path) if imported not in found]
    return found[1:]


def _imports(path: str) -> list[str]:
    source = finders.find(path)
    if source is None:
        raise ValueError(f"There is no static file {path}.")
    below = [posixpath.join(posixpath.dirname(path), name) for name in _IMPORT.findall(Path(source).read_text())]
    return list(dict.fromkeys(map(posixpath.normpath, below)))
