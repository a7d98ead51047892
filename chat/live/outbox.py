"""The buffer between one client's connection and its transport: joined, in order, and bounded."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

OUTBOX_BYTES = 1024 * 1024
BURST_BYTES = 4 * OUTBOX_BYTES
STALL_SECONDS = 1.0
MESSAGE_BYTES = 256 * 1024

Send = Callable[[str], Awaitable[None]]
Write = Callable[[bytes], bool]


class Outbox:
    """Buffers frames for one client, one per line, and sends them as one message at the end of the event loop's turn.

    A transport has a normal path and may have a fast path. The fast path, `write`, sends at once if nothing waits in
    the transport, and returns False if it could not. `send` returns when the transport has room again; until then,
    frames gather here.

    A client that does not read cannot make this grow: over `OUTBOX_BYTES` it is too slow, is cut, reconnects, and
    syncs. How much arrives at once is beyond the client's control: it has `STALL_SECONDS` to take what the transport is
    sending it, and until then the limit is `BURST_BYTES`.
    """

    __slots__ = (
        "_bytes",
        "_closed",
        "_cut",
        "_due",
        "_frames",
        "_is_due",
        "_send",
        "_sending",
        "_sending_since",
        "_write",
    )

    def __init__(self, send: Send, write: Write | None, cut: Callable[[], None]) -> None:
        self._send = send
        self._write = write
        self._cut = cut
        self._due = _due_in_this_loop()
        self._frames: list[bytes] = []
        self._bytes = 0
        self._is_due = False
        self._sending: asyncio.Task[None] | None = None
        self._sending_since = 0.0
        self._closed = False

    def put(self, frames: bytes) -> None:
        if self._closed:
            return
        self._frames.append(frames)
        self._bytes += len(frames)
        if self._bytes > OUTBOX_BYTES and self._is_behind():
            self._cut()
        elif not self._is_due:
            self._is_due = True
            self._due.add(self)

    @property
    def is_empty(self) -> bool:
        """Whether all that was put has been sent, or is in the message that the transport is sending right now."""
        return not self._frames

    def close(self) -> None:
        """Drops what waits; nothing is sent from now on."""
        self._closed = True
        self._frames.clear()
        self._bytes = 0

    def end(self) -> None:
        """Closes, cancels a send to a transport that has gone, and releases the references to it and to `cut`."""
        self.close()
        if self._sending:
            self._sending.cancel()
        self._write, self._cut = None, _nobody

    @property
    def is_flushed(self) -> bool:
        """Whether the transport has accepted all that was put."""
        return self._closed or not self._is_due

    async def flushed(self) -> None:
        """Returns when the transport has accepted all that was put."""
        while not self.is_flushed:
            if self._sending:
                await asyncio.wait([self._sending])
            else:
                await asyncio.sleep(0)

    def leave(self) -> None:
        """Sends at the end of the turn: over the fast path if it is free, otherwise in a task over the normal path."""
        try:
            if self._closed or (self._write and self._bytes <= MESSAGE_BYTES and self._write(_joined(self._frames))):
                self._frames.clear()
                self._bytes = 0
                self._is_due = False
                return
        except Exception:
            # One failure must not keep the other outboxes from sending; the normal path shows what is wrong here.
            logger.exception("The short way to a client has failed.")
        self._sending = self._due.loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._frames and not self._closed:
                self._sending_since = time.monotonic()
                await self._send(self._next_message())
                self._sending_since = 0.0
        except OSError:
            self._closed = True  # The client has gone; its disconnect is on the way.
        except Exception:
            logger.exception("What was due for a client could not be sent.")
            self._cut()
        finally:
            self._sending_since = 0.0
            self._sending = None
            self._is_due = False

    def _is_behind(self) -> bool:
        if not self._sending_since:
            return False
        return self._bytes > BURST_BYTES or time.monotonic() - self._sending_since > STALL_SECONDS

    def _next_message(self) -> str:
        """Returns the next frames in order: up to `MESSAGE_BYTES`, or a single larger one."""
        count, size = 0, 0
        for frames in self._frames:
            if count and size + len(frames) > MESSAGE_BYTES:
                break
            count, size = count + 1, size + len(frames)
        leaving, self._frames = self._frames[:count], self._frames[count:]
        self._bytes -= size
        return b"\n".join(leaving).decode()


def _nobody() -> None:
    pass


class _Due:
    """The outboxes with something to send at the end of this turn, which share one callback."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._outboxes: list[Outbox] = []

    def add(self, outbox: Outbox) -> None:
        if not self._outboxes:
            self.loop.call_soon(self._send_off)
        self._outboxes.append(outbox)

    def _send_off(self) -> None:
        leaving, self._outboxes = self._outboxes, []
        for outbox in leaving:
            outbox.leave()


_due: _Due | None = None


def _due_in_this_loop() -> _Due:
    global _due
    loop = asyncio.get_running_loop()
    if _due is None or _due.loop is not loop:
        _due = _Due(loop)
    return _due


_last_frames: list[bytes] = []
_last_joined = b""


def _joined(frames: list[bytes]) -> bytes:
    """Joins frames into one message. Clients in a room are sent the same frames, so the last result is cached."""
    global _last_frames, _last_joined
    if len(frames) == 1:
        return frames[0]
    if frames != _last_frames:
        _last_frames, _last_joined = frames.copy(), b"\n".join(frames)
    return _last_joined
