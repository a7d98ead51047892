"""A forwarder between a browser and the site: it passes bytes on, keeps a copy, and can hinder some of them."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

PIECE = 65536


class Crossing:
    """The bytes of one TCP connection, both ways."""

    def __init__(self) -> None:
        self.up = bytearray()
        self.down = bytearray()

    def exchanges(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Requests of HTTP/1.1 with their answers, each as it went over the line, and the target before them."""
        up, down = bytes(self.up), bytes(self.down)
        while up and down:
            request, up = _message(up)
            answer, down = _message(down)
            yield request.split(b" ", 2)[1], request, answer


class Forwarder(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = ("127.0.0.1", port)
        self.crossings: list[Crossing] = []
        self.refuses: Callable[[bytes], bool] = lambda request: False
        self.holds_back: Callable[[bytes], bool] = lambda request: False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def exchanges(self, door: bytes) -> list[tuple[bytes, bytes]]:
        """Requests to a door, and their answers."""
        found = (exchange for crossing in self.crossings for exchange in crossing.exchanges())
        return [(request, answer) for target, request, answer in found if target.split(b"?")[0] == door]


class _Handler(BaseRequestHandler):
    server: Forwarder

    def handle(self) -> None:
        self.crossing = Crossing()
        self.server.crossings.append(self.crossing)
        self.is_held_back = False
        with socket.create_connection(self.server.site) as site:
            Thread(target=self._bring_down, args=[site], daemon=True).start()
            with contextlib.suppress(OSError):
                while piece := self.request.recv(PIECE):
                    if self.server.refuses(piece):
                        return
                    self.is_held_back = self.server.holds_back(piece)
                    self.crossing.up += piece
                    site.sendall(piece)

    def _bring_down(self, site: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := site.recv(PIECE):
                self.crossing.down += piece
                if not self.is_held_back:
                    self.request.sendall(piece)
            self.request.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def forwarding(port: int) -> Iterator[Forwarder]:
    with Forwarder(port) as forwarder:
        thread = Thread(target=forwarder.serve_forever)
        thread.start()
        try:
            yield forwarder
        finally:
            forwarder.shutdown()
            thread.join()


def _message(data: bytes) -> tuple[bytes, bytes]:
    """The first message in `data`, as far as it has come, and what is behind it."""
    head, end, rest = data.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if b"transfer-encoding" in lines:
        last = b"0\r\n\r\n"
        length = len(rest) if last not in rest else rest.index(last) + len(last)
    else:
        length = int(lines.get(b"content-length", 0))
    return head + end + rest[:length], rest[length:]
