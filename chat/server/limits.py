"""Limits that an application sets for its server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    message_bytes: int = 1024 * 1024
    """The maximum size of a WebSocket message; a larger one closes its connection with 1009."""

    opening_bytes: int = 64 * 1024
    """How much a client may send before the application has accepted it."""

    body_bytes: int = 1024 * 1024
    """The maximum size of a request body; a larger one is refused with 413 before it is read."""

    ends_slow_readers: bool = True
    """Whether to disconnect a client whose messages the application has been too busy to receive for long.

    False for an application that accepts as many as anyone sends.
    """

    flood_code: int = 1008
    """The close code for a client that has sent more than is accepted for a while."""

    late_code: int = 1008
    """The close code for a message that is not completed in time."""


in_force = Limits()


def put_in_force(limits: Limits) -> None:
    global in_force
    in_force = limits
