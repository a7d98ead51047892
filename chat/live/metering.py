"""The cost of a client's frames, who is charged for them, and how many connections one may have open.

A token is about a millisecond of this process's time. A person has one bucket for all their sockets, streams, polls and
posts; where there is no person, an address has one, of `CLASS` times the size.
"""

import asyncio
import math
from collections.abc import Hashable, Sequence

from chat import conf
from chat.addresses import CLASS, strangers
from chat.limits import Buckets, Held
from chat.refusals import Refusal
from chat.wire import protocol

people = Buckets(2 * conf.FRAME_RATE, conf.FRAME_RATE)
addresses = strangers

connections = Held(conf.CONNECTIONS)
"""WebSockets, streams and waiting polls, by person."""

nameless_connections = Held(CLASS * conf.CONNECTIONS)
"""Those of which only the address is known, and those under open names, which cost nothing."""

OPENING = 3
"""A connection is opened: its person's rooms are read."""

REFUSED = 2
"""Somebody is looked for in vain."""

REPLAY_PAGE = 2
"""The next changes of a room are read for one client."""

_BYTES = 4096
"""The bytes of a frame that cost a token to read, whatever is in them."""

Account = tuple[Buckets, Hashable]
"""A bucket, and whose."""


class Flood(Exception):  # noqa: N818  No fault of the code's.
    """The client sends faster than it may, and has been closed."""


def cost(size: int, frame: protocol.ClientFrame | None = None) -> float:
    """The tokens that a frame of so many characters takes; None stands for one that was not understood."""
    work = 0.0
    match frame:
        case protocol.Sync():
            work = 1 + len(frame.rooms) / 50
        case protocol.History():
            work = frame.limit / 10
        case protocol.Read() | protocol.Typing():
            work = 1
        case protocol.Post(to=str()):
            work = 2
        case protocol.Join() | protocol.Leave():
            work = 9
        case protocol.Probe():
            work = 4
    return 1 + size / _BYTES + work


def take(accounts: Sequence[Account], tokens: float) -> float:
    """Takes tokens of each account and returns 0.0; where one has too few, takes none and returns the seconds."""
    wait = max(buckets.wait(key, tokens) for buckets, key in accounts)
    if not wait:
        for buckets, key in accounts:
            buckets.take(key, tokens)
    return wait


def spend(accounts: Sequence[Account], tokens: float) -> None:
    """The same; raises `Refusal`: `too_fast`."""
    wait = take(accounts, tokens)
    if wait:
        raise too_fast(wait)


async def paid(account: Account, tokens: float) -> None:
    """Returns when there are so many tokens, and has taken them."""
    while wait := take([account], tokens):  # noqa: ASYNC110  Tokens come with time alone.
        await asyncio.sleep(wait)


def too_fast(wait: float) -> Refusal:
    return Refusal("too_fast", retry_after=math.ceil(wait * 100) / 100)


def too_many_connections() -> Refusal:
    return Refusal("too_many_connections", most=connections.most, retry_after=10)
