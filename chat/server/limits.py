"""Bounds that an application sets for the server before it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    message_bytes: int = 1024 * 1024
    """The longest message of a WebSocket; a longer one ends its connection with 1009."""

    opening_bytes: int = 64 * 1024
    """What a client may send before the application has accepted it."""

    body_bytes: int = 1024 * 1024
    """The largest body of a request; a larger one is refused with 413 before it is read."""

    ends_slow_readers: bool = True
    """Whether a client is sent away for whose messages the application has had no time for long.

    False where the application takes as many as anybody sends.
    """

    flood_code: int = 1008
    """The close code for who sends more than is taken, for a while."""

    late_code: int = 1008
    """The close code for a message that does not come to an end."""


in_force = Limits()


def put_in_force(limits: Limits) -> None:
    global in_force
    in_force = limits
