"""Client addresses for every transport, and limits on visitors and their work per address."""

import ipaddress
import math
import re

from chat import conf
from chat.limits import Buckets, Limit, count
from chat.refusals import Refusal

CLASS = 10
"""How many people, each at a person's full rate, may share one address: a school class behind its router."""

UNKNOWN = "unknown"
"""Stands for all clients without an address, or with text that names none: together they count as one."""

joins = Buckets(conf.JOIN_RATE, conf.JOIN_RATE / 60)

returns = Buckets(CLASS * conf.JOIN_RATE, CLASS * conf.JOIN_RATE / 60)
"""How often people may return under an open name: a whole class does, all at once, after a restart."""

anonymous = Buckets(2 * CLASS * conf.FRAME_RATE, CLASS * conf.FRAME_RATE)
"""Work for requests without a person, by address: one token is about a millisecond (`live/metering.py`)."""

_BRACKETED = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def address(peer: str, forwarded: str) -> str:
    """Returns a request's client address: one IPv4 address, an IPv6 household's network, or `UNKNOWN`.

    `peer` is the other end of the connection, `forwarded` the content of X-Forwarded-For. Everything left of our own
    proxies' entries is whatever the client wrote there.
    """
    known = ip(entry(peer, forwarded))
    if known is None:
        return UNKNOWN
    return str(ipaddress.ip_network(f"{known}/64", strict=False) if known.version == 6 else known)


def entry(peer: str, forwarded: str) -> str:
    """Returns the client's address as our outermost proxy wrote it, or without a proxy, as the system reports it."""
    entries = [part.strip() for part in forwarded.split(",") if part.strip()]
    if conf.TRUSTED_PROXIES and entries:
        return entries[-min(conf.TRUSTED_PROXIES, len(entries))]
    return peer


def ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Parses an entry in the forms that proxies write: bare or quoted, in brackets, with a port or a zone.

    Returns None if it names no address, such as `unknown` or a token that hides the client (RFC 7239, 6.3).
    """
    text = text.strip().strip('"')
    if match := _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text):
        text = match[1]
    try:
        known = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known


def is_bare(entry: str) -> bool:
    """Returns whether it is an address and nothing else."""
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        return False
    return True


def count_visit(address: str, tokens: float) -> None:
    """Charges this address for a request without a person, as work worth so many tokens.

    Raises `Refusal`: `too_fast`.
    """
    wait = math.ceil(anonymous.consume(address, tokens))
    if wait:
        raise Refusal("too_fast.address", retry_after=wait)


def count_joining(address: str) -> None:
    """Counts a request for a nickname from this address. Raises `Refusal`: `too_fast`."""
    count((Limit(joins, "too_fast.joining"), address))


def count_return(address: str) -> None:
    """Counts a return under an open name from this address, which writes too. Raises `Refusal`: `too_fast`."""
    count((Limit(returns, "too_fast.returning"), address))
