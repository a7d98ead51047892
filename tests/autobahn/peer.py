"""The client that the cases of the Autobahn testsuite speak through, in the place of their own, with its names."""

import asyncio
import base64
import os
from collections import deque
from itertools import cycle
from types import SimpleNamespace
from typing import Any

from autobahn.websocket.protocol import WebSocketProtocol

PATIENCE = 20.0
"""How long the other end may take to close, on a busy machine."""

PAUSE = 0.02


class Peer(asyncio.Protocol):
    CLOSE_STATUS_CODE_NORMAL = 1000
    CLOSE_STATUS_CODE_PROTOCOL_ERROR = 1002
    CLOSE_STATUS_CODE_INVALID_PAYLOAD = 1007

    factory = SimpleNamespace(isServer=False)
    createWirelog = False  # noqa: N815
    autoFragmentSize = 0  # noqa: N815
    trafficStats = None  # noqa: N815

    def __init__(self, case: Any, port: int) -> None:
        self.state = WebSocketProtocol.STATE_CONNECTING
        self.closedByMe = self.failedByMe = self.droppedByMe = self.wasClean = self.connectionWasOpen = False
        self.remoteCloseCode: int | None = None
        self.localCloseReason: str | None = None
        self.txFrameStats: dict[int, int] = {}
        self.gone = asyncio.Event()
        self._port = port
        self._queue: deque[tuple[bytes, bool]] = deque()
        self._is_pausing = False
        self._received = bytearray()
        self._message = bytearray()
        self._kind = 0
        self._rest = b""
        self._opcode = 1
        self._loop = asyncio.get_running_loop()
        self.case = case(self)

    # The line.

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /ws HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self.state == WebSocketProtocol.STATE_CONNECTING:
            head, end, rest = bytes(self._received).partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head
            self._received = bytearray(rest)
            self.state, self.connectionWasOpen = WebSocketProtocol.STATE_OPEN, True
            self.case.onOpen()
        while self._read_frame():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        self.state = WebSocketProtocol.STATE_CLOSED
        self.case.onConnectionLost(self.failedByMe)
        self.gone.set()

    def _read_frame(self) -> bool:
        data = self._received
        if len(data) < 2:
            return False
        opcode, is_last, size, start = data[0] & 0x0F, data[0] & 0x80, data[1], 2
        assert not data[0] & 0x70, "reserved bits from the server"
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return False
        content = bytes(data[start : start + size])
        del data[: start + size]
        if opcode == 8:
            self._hear_close(content)
        elif opcode == 9:
            self.sendFrame(10, content.decode("latin-1"))
            self.case.onPing(content.decode("latin-1"))
        elif opcode == 10:
            self.case.onPong(content.decode("latin-1"))
        else:
            self._kind = opcode or self._kind
            self._message += content
            if is_last:
                whole, self._message = self._message.decode("latin-1"), bytearray()
                self.case.onMessage(whole, self._kind == 2)
        return True

    def _hear_close(self, content: bytes) -> None:
        self.remoteCloseCode = int.from_bytes(content[:2], "big") if content else None
        self.wasClean = True
        if self.state == WebSocketProtocol.STATE_OPEN:
            self.sendFrame(8, content[:2].decode("latin-1"))
            self.state = WebSocketProtocol.STATE_CLOSING
        self.case.onClose(True, self.remoteCloseCode, content[2:].decode("latin-1"))
        self._later(PATIENCE, self._drop)  # It is the server's to end the line.

    def _drop(self) -> None:
        self.droppedByMe = True
        self.transport.abort()

    # The calls that cases make.

    def sendFrame(  # noqa: N802
        self,
        opcode: int,
        payload: str = "",
        fin: bool = True,
        rsv: int = 0,
        mask: Any = None,
        payload_len: int | None = None,
        chopsize: int | None = None,
        sync: bool = False,
    ) -> None:
        content = payload.encode("latin-1")
        if payload_len is not None:
            content = (content * (payload_len // max(1, len(content)) + 1))[:payload_len]
        self.txFrameStats[opcode] = self.txFrameStats.get(opcode, 0) + 1
        head, key = self._head(opcode, len(content), fin, rsv)
        data = head + self._masked(content, key)
        for place in range(0, len(data), chopsize or len(data)):
            self._write(data[place : place + (chopsize or len(data))], alone=sync or bool(chopsize))

    def sendMessage(self, payload: str, isBinary: bool = False, fragmentSize: int | None = None) -> None:  # noqa: N802, N803
        size = fragmentSize or self.autoFragmentSize or max(1, len(payload))
        opcode, place = (2 if isBinary else 1), 0
        while True:
            is_last = place + size >= len(payload)
            self.sendFrame(opcode, payload[place : place + size], is_last)
            if is_last:
                return
            opcode, place = 0, place + size

    def beginMessage(self, opcode: int = 1) -> None:  # noqa: N802
        self._opcode = opcode

    def beginMessageFrame(self, length: int) -> None:  # noqa: N802
        head, key = self._head(self._opcode, length, fin=False)
        self._key = cycle(key)
        self._opcode = 0
        self._write(head)

    def sendMessageFrameData(self, payload: str) -> None:  # noqa: N802
        self._write(bytes(byte ^ next(self._key) for byte in payload.encode("latin-1")))

    def endMessage(self) -> None:  # noqa: N802
        self.sendFrame(0)

    def sendClose(self, code: int | None = None, reason: str | None = None) -> None:  # noqa: N802
        if self.state == WebSocketProtocol.STATE_OPEN:
            self.sendCloseFrame(code, reason)

    def sendCloseFrame(self, code: int | None = None, reasonUtf8: str | None = None) -> None:  # noqa: N802, N803
        self.localCloseReason = reasonUtf8
        content = "" if code is None else code.to_bytes(2, "big").decode("latin-1")
        self.sendFrame(8, content + (reasonUtf8 or ""))
        self.state, self.closedByMe = WebSocketProtocol.STATE_CLOSING, True
        self._later(PATIENCE, self._drop)

    def killAfter(self, delay: float) -> None:  # noqa: N802
        """The case's own time is for a quiet machine; whoever ends by themselves does so long before."""
        self._later(max(delay, PATIENCE / 2), self._kill)

    def _kill(self) -> None:
        self.failedByMe = True
        self._drop()

    def closeAfter(self, delay: float) -> None:  # noqa: N802
        self._later(delay, self.sendClose)

    def continueLater(self, delay: float, then: Any, tag: str = "") -> None:  # noqa: N802
        self._later(delay, then)

    def enableWirelog(self, enable: bool) -> None:  # noqa: N802
        pass

    def _write(self, data: bytes, *, alone: bool = False) -> None:
        """A frame that goes alone has been sent, and has had its time to arrive, before the next."""
        self._queue.append((data, alone))
        if not self._is_pausing:
            self._write_on()

    def _write_on(self) -> None:
        self._is_pausing = False
        while self._queue and not self._is_pausing and not self.transport.is_closing():
            data, alone = self._queue.popleft()
            self.transport.write(data)
            if alone:
                self._is_pausing = True
                self._loop.call_later(PAUSE, self._write_on)

    def _later(self, delay: float, then: Any) -> None:
        self._loop.call_later(delay, lambda: None if self.gone.is_set() else then())

    def _head(self, opcode: int, size: int, fin: bool = True, rsv: int = 0) -> tuple[bytes, bytes]:
        if size < 126:
            length = bytes([0x80 | size])
        else:
            length = b"\xfe" + size.to_bytes(2, "big") if size < 65536 else b"\xff" + size.to_bytes(8, "big")
        key = os.urandom(4)
        return bytes([fin << 7 | rsv << 4 | opcode]) + length + key, key

    @staticmethod
    def _masked(content: bytes, key: bytes) -> bytes:
        whole = (key * (len(content) // 4 + 1))[: len(content)]
        return (int.from_bytes(content, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(content), "big")
