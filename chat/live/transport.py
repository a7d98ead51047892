"""What lies between a connection and its socket under Daphne: Twisted's transports, and how much waits in them."""

import fcntl
import struct
import termios
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.tcp import Connection

OUTGOING_BYTES = 256 * 1024
"""How much may wait for a client before who sends has to wait too."""

POLL_SECONDS = 0.02
"""How often it is looked whether there is room again. Twisted has no event for it that would not hold up closing."""

GOODBYE_SECONDS = 10.0
"""How long the other end has for the last that it is told, which may wait behind much else."""


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
