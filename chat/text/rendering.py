"""How a message's text is shown: escaped, with its web addresses as links."""

import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from linkify_it.main import LinkifyIt

_linkify = LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": False, "fuzzy_ip": False})
for _schema in ("ftp:", "//", "mailto:"):
    _linkify.add(_schema, None)

# Chinese and Japanese text puts no spaces around an address, and its punctuation would be taken for part of one. Both
# are told apart on a copy of the body in which they are spaces: the copy is as long, so places in it are places in
# the body.
_SEPARATORS = re.compile(r"[\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…]")
_LETTER_BEFORE = re.compile(r"[^\x00-\x7f](?=https?://|www\.)", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)

# An address typed without its scheme must be unmistakable: `setup.py` and `README.md` are files, not sites.
_PLAIN_ENDINGS = (".com", ".org", ".net", ".edu", ".gov")

# Without any of these there is no link that would stay one, and nothing to look for: 2 µs in place of 46.
_MAYBE = re.compile(r"https?://|www\.|" + "|".join(map(re.escape, _PLAIN_ENDINGS)), re.IGNORECASE)

_ATTRIBUTES = 'rel="noopener noreferrer nofollow" target="_blank"'


def render(body: str) -> str:
    """The body as HTML where it has links, and "" where its plain text says it all."""
    links = _links(body)
    if not links:
        return ""
    parts = []
    end = 0
    for start, stop, url in links:
        text = f'{escape(body[end:start])}<a href="{escape(url)}" {_ATTRIBUTES}>{escape(body[start:stop])}</a>'
        parts.append(text)
        end = stop
    return "".join(parts) + escape(body[end:])


def _links(body: str) -> list[tuple[int, int, str]]:
    """Where the addresses stand in the body, and what each leads to: http and https only."""
    if not _MAYBE.search(body):
        return []
    copy = _LETTER_BEFORE.sub(" ", _SEPARATORS.sub(" ", body))
    copy = _SCHEME.sub(lambda scheme: scheme[0].lower(), copy)
    return [(match.index, match.last_index, match.url) for match in _linkify.match(copy) or [] if _is_link(match)]


def _is_link(match: Any) -> bool:
    url, scheme, text = match.url, match.schema, match.text
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return bool(host) and (bool(scheme) or text.startswith("www.") or host.endswith(_PLAIN_ENDINGS))
