r"""Finds web addresses in a text.

Each character is examined once or twice, whatever the text. The rules, in a table in `tests/text/test_links.py`:

- An address begins with `http://`, `https://` or `www.`, or is a host with one of `_PLAIN_ENDINGS`.
- It ends at white space, at `<>"|\`, at a backtick, at invisible characters, and at any mark or sign beyond ASCII
  except a dash or a middle dot: so at all Chinese punctuation, curly quotes, and emoji.
- A closing bracket belongs to it if the opening one does. Marks at its end do not (`_TRAILING`), nor does an underscore
  if there is another in front of the address.
- Chinese, Japanese, Korean and Thai put no space after an address. Their letters belong to it only where one begins a
  part of it (`/wiki/聊天`, `?q=聊天`). Directly after the first slash no such part begins, because most addresses of a
  whole site end there (`看https://example.com/吧`).
- With a user name in front of the host (`https://good.com@evil.com`) it is not an address: it leads elsewhere than it
  seems to.
"""

import re
import unicodedata
from ipaddress import IPv6Address
from typing import NamedTuple

from chat.text.visible import IGNORABLE


class Link(NamedTuple):
    """An address from `start` to `end`, and its target: always http or https."""

    start: int
    end: int
    href: str


_PLAIN_ENDINGS = (".com", ".org", ".net", ".edu", ".gov")
"""Without a scheme an address must be unmistakable: `setup.py` and `README.md` are files, not sites."""

_HOST_LENGTH = 253
_TRAILING = frozenset(".,:;!?'*~([{–—‐·")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_BEFORE_PARTS = frozenset("/=#&+")

# Repetitions are possessive or end the pattern, so no character is examined again when a match fails.
_ASCII = re.IGNORECASE | re.ASCII
_START = re.compile(r"https?://|(?<![0-9a-z-])(?:www\.|[0-9a-z-]++(?:\.(?!https?://)[0-9a-z-]++)++)", _ASCII)
_MAYBE = re.compile(r"://|www\.|" + "|".join(map(re.escape, _PLAIN_ENDINGS)), _ASCII)
_LABEL = re.compile(r"[0-9a-z_-]++", _ASCII)
_IPV6 = re.compile(r"\[([0-9a-f:.]{2,45})\]", _ASCII)
_USER = re.compile(r"[0-9a-z._~%!$&'*+=:-]{0,64}@", _ASCII)
_PORT = re.compile(r":([0-9]{1,5})(?![0-9])", _ASCII)
_ORDINARY = re.compile(r"[0-9a-z$%^.!:@'?#&=+/_-]++", _ASCII)
_NEXT = re.compile(r"[,;](?:https?://|www\.)", _ASCII)

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
"""Letters of scripts whose words follow an address without a space, Korean particles among them."""


def links(text: str) -> list[Link]:
    """Returns the web addresses in a text, in order."""
    found: list[Link] = []
    if not _MAYBE.search(text):
        return found
    position = 0
    while start := _START.search(text, position):
        link, position = _link(text, start)
        if link:
            found.append(link)
    return found


def _link(text: str, start: re.Match[str]) -> tuple[Link | None, int]:
    """Returns the address that begins there, or None; and where to continue the search."""
    begin, typed = start.start(), start[0].lower()
    prefix = typed if typed.endswith("://") else "http://"
    host_at = start.end() if typed == prefix else begin
    if typed == prefix or typed == "www.":
        host_end = _host_end(text, host_at)
        if host_end is None:
            return None, start.end()
        if host_end - host_at > _HOST_LENGTH:
            return None, host_end - len("https")
    else:
        host_end = start.end()
    if typed == prefix:
        is_good = begin == 0 or not (text[begin - 1].isascii() and text[begin - 1].isalnum())
    elif typed == "www.":
        is_good = _may_precede(text, begin) and _is_whole(text[begin:host_end])
    else:
        is_good = _may_precede(text, begin) and _may_follow(text, host_end) and _is_plain(typed)
    if not is_good:  # Continue after the host, whose end may be the next address's scheme: www.看https://
        return None, max(start.end(), host_end - len("https"))
    if user := _USER.match(text, host_end):
        return None, user.end()
    end = _end(text, host_at, host_end, text[max(0, begin - 2) : begin])
    return Link(begin, end, prefix + text[host_at:end]), end


# The host.


def _host_end(text: str, start: int) -> int | None:
    """Returns where the host that begins there ends, or None if there is none. It may be too long to be valid."""
    if address := _IPV6.match(text, start):
        return address.end() if _is_ipv6(address[1]) else None
    labels: list[tuple[int, int]] = []
    at = start
    while (end := _label_end(text, at)) > at and end - start <= _HOST_LENGTH:
        labels.append((at, end))
        if not text.startswith(".", end):
            break
        at = end + 1
    if end - start > _HOST_LENGTH:
        return end
    if len(labels) > 1 and UNSPACED.match(text, labels[-1][0]) and _has_plain_ending(text, labels[-2][1]):
        labels.pop()  # Not part of the host but the next sentence: example.com.谢谢
    if not labels or text[start] in "-_":
        return None
    at, end = labels[-1]
    if text[at].isascii() and (glued := UNSPACED.search(text, at, end)):
        end = glued.start()  # A last label never mixes these: what follows example.com is text.
    while text[end - 1] in "-_":
        end -= 1
    return end if end > at else at - 1


def _label_end(text: str, at: int) -> int:
    limit = at + _HOST_LENGTH + 1
    while at < min(len(text), limit):
        if ascii_part := _LABEL.match(text, at):
            at = ascii_part.end()
        elif _is_letter(text[at]):
            at += 1
        else:
            break
    return at


def _has_plain_ending(text: str, end: int) -> bool:
    return text[max(0, end - 4) : end].lower() in _PLAIN_ENDINGS


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _is_whole(host: str) -> bool:
    """Returns whether a host with `www.` in front can be a real one: www.example.org, not www.example."""
    labels = host.split(".")
    return len(labels) > 2 and len(labels[-1]) > 1 and not labels[-1].isdecimal()


def _is_plain(host: str) -> bool:
    if not host.endswith(_PLAIN_ENDINGS) or len(host) > _HOST_LENGTH:
        return False
    return not any(label.startswith("-") or label.endswith("-") for label in host.split("."))


def _may_precede(text: str, begin: int) -> bool:
    """Returns whether an address without a scheme may begin there: not in a word, a path, or an email address."""
    return begin == 0 or not (_continues_word(text, begin - 1) or text[begin - 1] in "@/.:-\\")


def _may_follow(text: str, end: int) -> bool:
    return end == len(text) or not _continues_word(text, end)


def _continues_word(text: str, at: int) -> bool:
    return (text[at].isalnum() or text[at] == "_") and not UNSPACED.match(text, at)


# After the host.


def _end(text: str, host_at: int, host_end: int, before: str) -> int:
    """Returns the end of an address whose host is there; `before` is the two characters in front of the address."""
    port = _PORT.match(text, host_end)
    first = port.end() if port and int(port[1]) < 2**16 else host_end
    if not text.startswith(("/", "?", "#"), first):
        return first
    opened: list[str] = []
    is_local = bool(UNSPACED.search(text, host_at, host_end))
    may_begin = is_local and text[first] == "/"  # Whether a part may begin here with an unspaced letter,
    has_begun = False  # and whether this part has begun with one.
    at = first + 1
    while at < len(text):
        if ordinary := _ORDINARY.match(text, at):
            at = ordinary.end()
            may_begin = text[at - 1] in _BEFORE_PARTS
            has_begun = has_begun and _BEFORE_PARTS.isdisjoint(ordinary[0]) and text[at - 1] not in _TRAILING
            continue
        character = text[at]
        if UNSPACED.match(character):
            if not (may_begin or has_begun):
                break
            has_begun = True
        elif character in _CLOSING:
            if not opened or opened.pop() != _CLOSING[character]:
                break
        elif character in "([{":
            opened.append(character)
        elif character in ",;":
            if _NEXT.match(text, at):
                break
            has_begun = False
        elif character in "*~":
            if before == character * 2 and text.startswith(before, at):
                break
        elif not _is_letter(character) and character not in "·‐–—\u200c":
            break
        may_begin = False
        at += 1
    least = first + 1 if text[first] == "/" else first
    while at > least and (text[at - 1] in _TRAILING or (text[at - 1] == "_" and before.endswith("_"))):
        at -= 1
    return at


def _is_letter(character: str) -> bool:
    """Returns whether a non-ASCII character is a letter, a combining mark, or a number."""
    return (
        character > "\x7f"
        and unicodedata.category(character) in ("Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "No")
        and character not in IGNORABLE
    )
