"""Checks the running site from outside, through whatever is in front of it."""

import base64
import contextlib
import hashlib
import http.client
import json
import secrets
from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from chat import conf, paths
from chat.addresses import UNKNOWN, is_bare
from chat.doctor.findings import Finding, Level, ok, reason, warning, wrong
from chat.views.health import BETWEEN_SECONDS
from chat.wire import protocol

PATIENCE = 10.0

CLAIMED = ["192.0.2.1", "192.0.2.2"]
"""Addresses that nobody has (RFC 5737): if the site takes one of them for ours, a client can claim any address."""

_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3.


class Response(NamedTuple):
    response: http.client.HTTPResponse
    seconds: float


def check(url: str) -> Iterator[Finding]:
    site = urlsplit(url)
    if site.scheme not in ("http", "https") or not site.hostname:
        yield wrong("address", f"{url} is no address of a site. Expected one like https://chat.example.org/")
        return
    steps = [process, readiness, what_is_seen, websocket]
    for step in steps:
        try:
            findings = list(step(site))
        except (OSError, http.client.HTTPException) as error:
            yield wrong("site", f"{url} does not answer as it should: {reason(error)}.")
            return
        yield from findings
        if step is process and findings[0].level is Level.WRONG:
            return


def process(site: SplitResult) -> Iterator[Finding]:
    with _get(site, _path("healthz")) as (response, seconds):
        yield _healthy(site, response, seconds)


def _healthy(site: SplitResult, response: http.client.HTTPResponse, seconds: float) -> Finding:
    status = response.status
    if 300 <= status < 400:
        return wrong("site", f"It sends us on to {response.headers['Location']}. Give that address instead.")
    if status == 400:
        return wrong(
            "site", f"It refuses the name {site.hostname}: add it to ALLOWED_HOSTS. Is Host passed on as it came?"
        )
    if status != 200 or response.read(8) != b"ok\n":
        return wrong("site", f"/healthz is answered with {status}, and not by this site. Does the proxy lead here?")
    return ok("site", f"answers in {seconds * 1000:.0f} ms")


def readiness(site: SplitResult) -> Iterator[Finding]:
    with _get(site, _path("readyz")) as (response, _):
        said = response.read(200).decode("latin1").strip()
    yield ok("readiness", "ready") if response.status == 200 else wrong("readiness", f"It cannot serve: {said}.")


def what_is_seen(site: SplitResult) -> Iterator[Finding]:
    """Sends headers that no client may set, and checks what the site makes of them."""
    other_scheme = "http" if site.scheme == "https" else "https"
    claims = {"X-Forwarded-For": ", ".join(CLAIMED), "X-Forwarded-Proto": other_scheme}
    with _get(site, _path("seen"), claims) as (response, _):
        first = response.readline()
        began = perf_counter()
        response.read()
        between = perf_counter() - began
    if response.status != 200:
        yield wrong("streams", f"{_path('seen')} is answered with {response.status}. Does the proxy pass it on?")
        return
    yield streaming(between)
    seen = json.loads(first.removeprefix(b"data: "))
    yield origin(site, seen)
    yield address(seen)


def streaming(between: float) -> Finding:
    if between < BETWEEN_SECONDS / 2:
        return wrong(
            "streams",
            "Events come together, long after they were sent: the proxy must not buffer answers under /live/.",
        )
    return ok("streams", "events come when they are sent")


def origin(site: SplitResult, seen: dict[str, Any]) -> Finding:
    asked, taken = f"{site.scheme}://{_host(site)}", f"{seen['scheme']}://{seen['host'].lower()}"
    if asked != taken:
        return wrong(
            "origin",
            f"Asked for as {asked}, the site takes itself for {taken}: forms and WebSockets are refused. The proxy "
            "must pass Host as it came and set X-Forwarded-Proto, and TRUSTED_PROXIES must count it: it is "
            f"{conf.TRUSTED_PROXIES}.",
        )
    if site.scheme == "http" and settings.SESSION_COOKIE_SECURE:
        return wrong("origin", "HTTPS is on, so over plain http nobody stays signed in. Give the https address.")
    return ok("origin", f"the site knows that it is {asked}")


def address(seen: dict[str, Any]) -> Finding:
    """Checks that limits count people by their own addresses. Unchanged claims mean that no proxy is in between."""
    if seen["address"] in CLAIMED:
        return wrong(
            "client address",
            f"A client can claim any: the proxy must set X-Forwarded-For, or TRUSTED_PROXIES={conf.TRUSTED_PROXIES} "
            "counts more proxies than there are.",
        )
    if seen["forwarded"] != len(CLAIMED) and not conf.TRUSTED_PROXIES:
        return warning(
            "client address",
            "A proxy stands in front, and TRUSTED_PROXIES is 0: everybody has the proxy's address. Set it to 1.",
        )
    if seen["address"] == UNKNOWN:
        return wrong(
            "client address",
            f"The proxy names us as “{seen['entry']}”, which is no address: everybody counts as one. It must write the "
            "client's address into X-Forwarded-For.",
        )
    if not is_bare(seen["entry"]):
        return warning(
            "client address",
            f"The proxy names us as “{seen['entry']}”: the site leaves all but the address away, other programs may "
            "not. Let it write the address alone.",
        )
    return ok("client address", f"the site sees ours as {seen['address']}")


def websocket(site: SplitResult) -> Iterator[Finding]:
    """Performs a browser's handshake without signing in: it should be accepted, then closed with `NOT_SIGNED_IN`."""
    key = base64.b64encode(secrets.token_bytes(16))
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key.decode(),
        "Sec-WebSocket-Version": "13",
        "Origin": f"{site.scheme}://{_host(site)}",
    }
    with _get(site, _below(paths.live("socket")), headers) as (response, seconds):
        accept = base64.b64encode(hashlib.sha1(key + _WEBSOCKET_GUID).digest()).decode()  # noqa: S324  Per RFC 6455.
        if response.status != 101 or response.headers["Sec-WebSocket-Accept"] != accept:
            yield wrong(
                "WebSocket",
                f"The handshake is answered with {response.status}: the proxy must pass Upgrade and Connection on.",
            )
            return
        yield _closed(_close_code(response), seconds)


def _closed(code: int, seconds: float) -> Finding:
    if code == protocol.FORBIDDEN:
        return wrong("WebSocket", "The site refuses its own pages' origin. See above: origin.")
    if code != protocol.NOT_SIGNED_IN:
        return wrong("WebSocket", f"It was opened and then closed with {code}; expected {protocol.NOT_SIGNED_IN}.")
    return ok("WebSocket", f"passes, shaken hands in {seconds * 1000:.0f} ms")


def _close_code(response: http.client.HTTPResponse) -> int:
    """Returns the code in the first frame, or 0 if that is not a close frame (RFC 6455, 5.5.1)."""
    stream: Any = response.fp
    frame = stream.read(4)
    return int.from_bytes(frame[2:]) if frame[:1] == b"\x88" and len(frame) == 4 else 0


def _host(site: SplitResult) -> str:
    """Returns name and port as a browser sends them: without the scheme's default port."""
    usual = {"http": 80, "https": 443}[site.scheme]
    name = f"[{site.hostname}]" if ":" in (site.hostname or "") else str(site.hostname)
    return name if site.port in (None, usual) else f"{name}:{site.port}"


def _path(name: str) -> str:
    return _below(paths.reverse(f"chat:{name}"))


def _below(path: str) -> str:
    """Removes the site's path prefix, which is part of the given address."""
    return "/" + path.removeprefix(paths.prefix())


@contextlib.contextmanager
def _get(site: SplitResult, path: str, headers: dict[str, str] | None = None) -> Iterator[Response]:
    secure = site.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(str(site.hostname), site.port, timeout=PATIENCE)
    try:
        began = perf_counter()
        connection.request(
            "GET", site.path.rstrip("/") + path, headers={"User-Agent": "chatsite doctor", **(headers or {})}
        )
        response = connection.getresponse()
        with response:
            yield Response(response, perf_counter() - began)
    finally:
        connection.close()
