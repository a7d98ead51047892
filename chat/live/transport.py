"""What lies between a connection and its socket under Daphne: Twisted's transports, and how much waits in them."""

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
    if not transport.connected or transport.disconnecting or transport._tempDataLen or transport.dataBuffer:
        return False
    try:
        sent = transport.socket.send(data)
    except BlockingIOError:
        sent = 0
    except OSError:
        return False  # Twisted finds out by itself, and says so to everybody who must know.
    if sent < len(data):
        transport.write(data[sent:])
    return True


def buffered(transport: Any) -> int:
    """The bytes that Twisted keeps because the client's socket is full."""
    transport = getattr(transport, "transport", transport)  # Under TLS, what it encrypts for.
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return waiting


def is_encrypted(transport: Any) -> bool:
    return bool(ISSLTransport.providedBy(transport))


def is_plain(transport: Any) -> bool:
    """Whether what is written to the transport's socket is what the client gets. A wrapper would show it as its own."""
    return isinstance(transport, Connection) and not is_encrypted(transport)
