"""What lies between a connection and its socket under Daphne: Twisted's transports, and how much waits in them."""

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
"""How much may wait for a client before who sends has to wait too."""

POLL_SECONDS = 0.02
"""How often it is looked whether there is room again. Twisted has no event for it that would not hold up closing."""

GOODBYE_SECONDS = 10.0
"""How long the other end has for the last that it is told, which may wait behind much else."""


WORK_RATE = 200.0
"""Pieces of work a second that a client may make without saying anything by it: parts that come in, each 16 KiB of
them, control frames, fragments. Each costs some microseconds, whatever is in it. Whole messages are not among them:
the application takes these, and counts them."""

WORK_BURST = 1000.0
WORK_TO_GO_ON = 100.0
"""How many there must be again before a client that has used them up is listened to again."""

_PIECE_SHIFT = 14


class Work:
    """A client's budget of work: what is left of it."""

    __slots__ = ("_left", "_since")

    def __init__(self, now: float) -> None:
        self._left = WORK_BURST
        self._since = now

    def spend(self, now: float, size: int = 0) -> bool:
        """Counts something that came, of this size; False where nothing is left."""
        self._left = min(WORK_BURST, self._left + (now - self._since) * WORK_RATE) - 1 - (size >> _PIECE_SHIFT)
        self._since = now
        return self._left > 0

    def wait(self, now: float) -> float:
        """The seconds until there is enough again to go on."""
        return (WORK_TO_GO_ON - self._left) / WORK_RATE - (now - self._since)


def close_at_once(transport: Any) -> None:
    """Closes a line now, where `abortConnection` does so in the reactor's next turn: its descriptor is needed."""
    if isinstance(transport, Connection):
        transport.connectionLost(Failure(ConnectionAborted()))
    else:
        transport.abortConnection()


def end_our_side(transport: Any) -> None:
    """Says no more, and listens on: closing both sides with bytes unread would take back what was written last.

    Whoever calls this must abort the transport in the end.
    """
    if is_plain(transport):
        transport.loseWriteConnection()
    else:
        transport.loseConnection()


def write_at_once(transport: Any, data: bytes) -> bool:
    """Hands the data to the system, if nothing waits before it; else it says False, and nothing has left.

    Twisted would register the socket for writing and write in its next turn: three more system calls.
    """
    return is_clear(transport) and hand_over(transport, transport.socket.send, data) >= 0


def hand_over(transport: Any, send: Callable[[bytes], int], data: bytes) -> int:
    """Writes to a transport that is clear, by its socket's `send`; what the system does not take waits with Twisted.

    Answers how many bytes it took, or -1 where it takes no more: Twisted finds that out by itself, and tells everybody.
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
    """Whether nothing waits there, and more may be written."""
    return bool(
        transport.connected and not transport.disconnecting and not transport._tempDataLen and not transport.dataBuffer
    )


def buffered(transport: Any) -> int:
    """The bytes that Twisted keeps because the client's socket is full."""
    transport = getattr(transport, "transport", transport)  # Under TLS, what it encrypts for.
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return waiting


def outstanding(transport: Any) -> int:
    """The bytes that wait here, with Twisted or the system, for the client to have them; only Twisted's off Linux."""
    waiting = buffered(transport)
    try:
        (kept,) = struct.unpack("i", fcntl.ioctl(transport.fileno(), termios.TIOCOUTQ, bytes(4)))
    except (OSError, AttributeError):
        return waiting
    return waiting + int(kept)


def is_encrypted(transport: Any) -> bool:
    return bool(ISSLTransport.providedBy(transport))


def is_plain(transport: Any) -> bool:
    """Whether what is written to the transport's socket is what the client gets. A wrapper would show it as its own."""
    return isinstance(transport, Connection) and not is_encrypted(transport)
