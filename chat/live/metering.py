"""The rate limiter's costs of frames, the accounts charged for them, and the limits on open connections.

A token is about a millisecond of this process's time. A person has one bucket for all their sockets, streams, polls and
posts; without a person, the client IP has one, of `CLASS` times the size.
"""

import asyncio
import math
from collections.abc import Hashable, Sequence

from chat import conf
from chat.addresses import CLASS, anonymous
from chat.limits import Buckets, Slots
from chat.refusals import Refusal
from chat.wire import protocol

people = Buckets(2 * conf.FRAME_RATE, conf.FRAME_RATE)
addresses = anonymous

connections = Slots(conf.CONNECTIONS)
"""WebSockets, streams and waiting polls, per person."""

nameless_connections = Slots(CLASS * conf.CONNECTIONS)
"""Connections of which only the client IP is known, and those under open names, which cost nothing."""

OPENING = 3
"""Cost of opening a connection, which reads its person's rooms."""

REFUSED = 2
"""Cost of a failed lookup of a person."""

REPLAY_PAGE = 2
"""Cost of reading the next changes of a room for one client."""

_BYTES = 4096
"""Bytes of a frame that cost one token to read, whatever they contain."""

Account = tuple[Buckets, Hashable]
"""Buckets, and the key of the one to charge."""


class Flood(Exception):  # noqa: N818  No fault of the code's.
    """The client sends faster than it may, and has been closed."""


def cost(size: int, frame: protocol.ClientFrame | None = None) -> float:
    """Returns the cost in tokens of a frame of `size` characters; None stands for one that could not be parsed."""
    work = 0.0
    match frame:
        case protocol.Sync():
            work = 1 + len(frame.rooms) / 50
        case protocol.History():
            work = frame.limit / 10
        case protocol.Read() | protocol.Typing():
            work = 1
        case protocol.Edit() | protocol.Delete() | protocol.Restore() | protocol.React():
            work = 1
        case protocol.Pin() | protocol.Save():
            work = 1
        case protocol.Post():
            work = 2 * (frame.to is not None) + (frame.forward is not None)
        case protocol.Join() | protocol.Leave():
            work = 9
        case protocol.Probe():
            work = 4
    return 1 + size / _BYTES + work


def consume(accounts: Sequence[Account], tokens: float) -> float:
    """Takes tokens from each account and returns 0.0; if one has too few, takes none and returns the seconds needed."""
    wait = max(buckets.wait(key, tokens) for buckets, key in accounts)
    if not wait:
        for buckets, key in accounts:
            buckets.consume(key, tokens)
    return wait


def spend(accounts: Sequence[Account], tokens: float) -> None:
    """Like `consume`, but raises `Refusal`: `too_fast`."""
    wait = consume(accounts, tokens)
    if wait:
        raise too_fast(wait)


async def paid(account: Account, tokens: float) -> None:
    """Waits until there are enough tokens, and takes them."""
    while wait := consume([account], tokens):  # noqa: ASYNC110  Tokens come only with time.
        await asyncio.sleep(wait)


def too_fast(wait: float) -> Refusal:
    return Refusal("too_fast", retry_after=math.ceil(wait * 100) / 100)


def too_many_connections() -> Refusal:
    return Refusal("too_many_connections", most=connections.most, retry_after=10)
