"""Reverse proxies that are set up badly, in front of a real site."""

import contextlib
import http.client
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.servers import Site

_OWN = {"connection", "upgrade", "transfer-encoding", "content-length", "keep-alive"}


class _Door(BaseHTTPRequestHandler):
    """Passes a request on without its `Upgrade`, and the whole answer when all of it is there."""

    port = 0
    sets: dict[str, str] = {}

    def do_GET(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
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
