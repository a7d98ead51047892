"""The opening handshake of RFC 6455, section 4.2, on the server side. Pure: bytes in, bytes out."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

HEAD_BYTES = 16 * 1024
VERSION = b"13"

Headers = list[tuple[bytes, bytes]]


class BadHandshakeError(Exception):
    """Raised for a request that cannot be upgraded, with the HTTP status and a sentence that gives the reason."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Opening(NamedTuple):
    """A WebSocket handshake request. Header names are in lower case; `size` is its length in bytes."""

    path: bytes
    query: bytes
    headers: Headers
    key: bytes
    size: int


def is_opening(data: bytes) -> bool:
    """Returns whether this is the complete head of a plain WebSocket handshake that needs no HTTP server."""
    head, end, _ = data[:HEAD_BYTES].partition(b"\r\n\r\n")
    return bool(end and head.startswith(b"GET ") and _UPGRADE.search(head) and not _BODY.search(head))


def opening(data: bytes) -> Opening:
    """Parses the request at the start of the data. Raises `BadHandshakeError`."""
    found = _HEAD.match(data)
    if not found:
        raise BadHandshakeError(400, "This is not the head of an HTTP/1.1 request to upgrade.")
    headers: Headers = []
    one: dict[bytes, bytes] = {}
    for line in found[2].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        headers.append((name, value))
        if name in _ONCE and name in one:
            raise BadHandshakeError(400, f"The header {name.decode()} stands there twice.")
        one[name] = one[name] + b"," + value if name in one else value
    if b"host" not in one:
        raise BadHandshakeError(400, "The header Host is missing.")
    if not (_has(one, b"upgrade", b"websocket") and _has(one, b"connection", b"upgrade")):
        raise BadHandshakeError(400, "The headers Upgrade and Connection must ask for a WebSocket.")
    if one.get(b"sec-websocket-version") != VERSION:
        raise BadHandshakeError(426, f"Version {VERSION.decode()} of the protocol is spoken here.")
    key = one.get(b"sec-websocket-key", b"")
    if not _is_key(key):
        raise BadHandshakeError(400, "The header Sec-WebSocket-Key must be 16 bytes in base64.")
    return Opening(*_target(found[1]), headers, key, found.end())


def accepted(key: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """Returns the response that opens a WebSocket, with additional headers."""
    proof = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    more = b"".join(b"%b: %b\r\n" % header for header in headers)
    return _ACCEPTED % (more, proof)


def refused(status: int, detail: str) -> bytes:
    """Returns the response that rejects a handshake."""
    body = f"{detail}\n".encode()
    # The rejection of a version must name those that are supported (section 4.4).
    version = b"Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n" if status == HTTPStatus.UPGRADE_REQUIRED else b""
    return _REFUSED % (status, HTTPStatus(status).phrase.encode(), version, len(body), body)


def _has(headers: dict[bytes, bytes], name: bytes, token: bytes) -> bool:
    return token in [one.strip(b" \t") for one in headers.get(name, b"").lower().split(b",")]


def _is_key(key: bytes) -> bool:
    try:
        return len(key) == 24 and len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False


def _target(target: bytes) -> tuple[bytes, bytes]:
    """Returns path and query. A target may be an absolute URL (RFC 9112, 3.2.2)."""
    if not target.startswith(b"/"):
        try:
            address = urlsplit(target)
        except ValueError:
            address = None
        if not (address and address.netloc):
            raise BadHandshakeError(400, "The address is not understood.")
        target = (address.path or b"/") + (b"?" + address.query if address.query else b"")
    path, _, query = target.partition(b"?")
    return path, query


# No two parts compete for the same byte, so no input takes long to match.
_HEAD = re.compile(
    rb"GET ([\x21-\x22\x24-\x7e]+) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*)\r\n"
)
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*(?:\r\n|$)", re.IGNORECASE)
_BODY = re.compile(rb"\r\n(?:content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_ONCE = {b"host", b"origin", b"sec-websocket-key", b"sec-websocket-version"}
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"%bSec-WebSocket-Accept: %b\r\n\r\n"
)
_REFUSED = (
    b"HTTP/1.1 %d %b\r\nConnection: close\r\n%bContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b"
)
