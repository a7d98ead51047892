"""A client's WebSocket, on a line whose bytes are counted."""

import base64
import os

from tests.bench.checker import Flaws
from tests.bench.dialects import Dialect
from tests.bench.servers import Seat
from tests.bench.transports.lines import Line

_HANDSHAKE = (
    "Connection: Upgrade",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    "Upgrade: websocket",
    "Origin: http://{host}",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
)
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA


class SocketLine(Line):
    """A WebSocket, as a browser has it, without compression."""

    def __init__(self, seat: Seat, dialect: Dialect, flaws: Flaws) -> None:
        super().__init__(seat, dialect, flaws)
        self._open = False

    def shake_hands(self, path: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        self.ask(path, *_HANDSHAKE, f"Sec-WebSocket-Key: {key}")

    def send(self, payload: bytes) -> None:
        self._write(_TEXT, payload)

    async def close(self) -> None:
        self._write(_CLOSE, (1000).to_bytes(2, "big"))
        await super().close()

    def read(self) -> None:
        if not self._open:
            head = self.head(101)
            if head is None:
                return
            self._open = True
            if self.dialect.begin:
                self.send(self.dialect.begin)
            if b"permessage-deflate" in head:
                self.flaws.add("compressed", head.decode())
        while (frame := self._frame()) is not None:
            kind, payload = frame
            if kind == _TEXT:
                self.note(payload)
            elif kind == _PING:
                self._write(_PONG, payload)
            elif kind == _CLOSE:
                if not self.closing:
                    self.flaws.add("closed", f"{self.seat.name} was closed with {int.from_bytes(payload[:2], 'big')}")
                self._transport.close()
            else:
                self.flaws.add("not text", f"{self.seat.name} was sent a frame of kind {kind}")

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, begin = buffer[1], 2
        if length >= 126:
            begin = 4 if length == 126 else 10
            length = int.from_bytes(buffer[2:begin], "big")
        if len(buffer) < begin + length:
            return None
        self._buffer = buffer[begin + length :]
        return buffer[0] & 0x0F, buffer[begin : begin + length]

    def _write(self, kind: int, payload: bytes) -> None:
        """Masked with zeros, which is as long as any other mask. Payloads are short here."""
        self.write(bytes((0x80 | kind, 0x80 | len(payload))) + bytes(4) + payload)
