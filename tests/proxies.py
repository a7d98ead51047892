"""Proxies before a real server: reverse proxies that are set up badly, and one that speaks TLS for a Redis."""

import asyncio
import contextlib
import http.client
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.patience import PATIENCE
from tests.servers import Redis, Site

_OWN = {"connection", "upgrade", "transfer-encoding", "content-length", "keep-alive"}


class _Door(BaseHTTPRequestHandler):
    """Passes a request on without its `Upgrade`, and the whole answer when all of it is there."""

    port = 0
    sets: dict[str, str] = {}

    def do_GET(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        upstream.request("GET", self.path, headers={**headers, **self.sets})
        answer = upstream.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def bad_proxy(site: Site, **sets: str) -> Iterator[str]:
    """The address of one that buffers, passes no WebSocket on, and sets headers (`X_Forwarded_For="…"`)."""
    named = {name.replace("_", "-"): value for name, value in sets.items()}
    door = type("Door", (_Door,), {"port": site.port, "sets": named})
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TlsDoor:
    """A TLS proxy before a Redis that speaks no TLS itself."""

    def __init__(self, certificate: Path, redis: Redis) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        self._redis = redis

    async def __aenter__(self) -> "TlsDoor":
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._redis.port)
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()
