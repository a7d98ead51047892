"""Helpers for Twisted's transports, between a connection and its socket under Daphne, and what they buffer."""

import fcntl
import struct
import termios
from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure

OUTGOING_BYTES = 256 * 1024
"""How much may be buffered for a client before the sender has to wait."""

POLL_SECONDS = 0.02
"""How often to check for room. Twisted has no event for it that would not delay closing."""

GOODBYE_SECONDS = 10.0
"""How long the other end has to receive the last data sent, which may be queued behind much else."""


WORK_RATE = 200.0
"""Pieces of work a second that a client may cause without sending a message: chunks of data received, each 16 KiB of
them, control frames, fragments. Each costs some microseconds, whatever it contains. Whole messages are not included:
the application receives and counts those."""

WORK_BURST = 1000.0
WORK_TO_GO_ON = 100.0
"""How many must be available again before a client that has used them up is read again."""

_PIECE_SHIFT = 14


class Work:
    """A rate limiter for the work that a client causes."""

    __slots__ = ("_left", "_since")

    def __init__(self, now: float) -> None:
        self._left = WORK_BURST
        self._since = now

    def spend(self, now: float, size: int = 0) -> bool:
        """Charges for a piece of this size. Returns False if the budget is used up."""
        self._left = min(WORK_BURST, self._left + (now - self._since) * WORK_RATE) - 1 - (size >> _PIECE_SHIFT)
        self._since = now
        return self._left > 0

    def wait(self, now: float) -> float:
        """Returns the seconds until there is enough budget to go on."""
        return (WORK_TO_GO_ON - self._left) / WORK_RATE - (now - self._since)


def close_at_once(transport: Any) -> None:
    """Closes a connection now, since its descriptor is needed; `abortConnection` does so in the reactor's next turn."""
    if isinstance(transport, Connection):
        transport.connectionLost(Failure(ConnectionAborted()))
    else:
        transport.abortConnection()


def end_our_side(transport: Any) -> None:
    """Half-closes: sends no more but still reads. Closing fully with bytes unread would discard what was written last.

    The caller must abort the transport eventually.
    """
    if is_plain(transport):
        transport.loseWriteConnection()
    else:
        transport.loseConnection()


def write_at_once(transport: Any, data: bytes) -> bool:
    """Hands the data to the system if nothing is buffered before it; otherwise returns False and sends nothing.

    Twisted would register the socket for writing and write in its next turn: three more system calls.
    """
    return is_clear(transport) and hand_over(transport, transport.socket.send, data) >= 0


def hand_over(transport: Any, send: Callable[[bytes], int], data: bytes) -> int:
    """Writes to a clear transport with its socket's `send`; Twisted buffers what the system does not accept.

    Returns how many bytes the system accepted, or -1 if the socket has failed. Twisted detects the failure by itself
    and notifies everyone.
    """
    try:
        sent = send(data)
    except BlockingIOError:
        sent = 0
    except OSError:
        return -1
    if sent < len(data):
        transport.write(data[sent:])
    return sent


def is_clear(transport: Any) -> bool:
    """Returns whether nothing is buffered and more may be written."""
    return bool(
        transport.connected and not transport.disconnecting and not transport._tempDataLen and not transport.dataBuffer
    )


def buffered(transport: Any) -> int:
    """Returns the number of bytes that Twisted buffers because the client's socket is full."""
    transport = getattr(transport, "transport", transport)  # Under TLS, the transport that carries the encrypted data.
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return waiting


def outstanding(transport: Any) -> int:
    """Returns the bytes that Twisted and the system still hold for the client; off Linux, only Twisted's."""
    waiting = buffered(transport)
    try:
        (kept,) = struct.unpack("i", fcntl.ioctl(transport.fileno(), termios.TIOCOUTQ, bytes(4)))
    except (OSError, AttributeError):
        return waiting
    return waiting + int(kept)


def is_encrypted(transport: Any) -> bool:
    return bool(ISSLTransport.providedBy(transport))


def is_plain(transport: Any) -> bool:
    """Returns whether the client gets what is written to the socket. A wrapper would expose the socket as its own."""
    return isinstance(transport, Connection) and not is_encrypted(transport)
