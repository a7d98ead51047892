"""Where people come from, whichever door they take, and how many may come in from one such place."""

import ipaddress
import math
import re

from chat import conf
from chat.limits import Buckets, Limit, count
from chat.refusals import Refusal

CLASS = 10
"""As many people may share one address, each as busy as one may be: a class, behind its school's router."""

UNKNOWN = "unknown"
"""All whose address nobody has told, or in words that name none: together they are one."""

joins = Buckets(conf.JOIN_RATE, conf.JOIN_RATE / 60)

returns = Buckets(CLASS * conf.JOIN_RATE, CLASS * conf.JOIN_RATE / 60)
"""How often people come back under an open name: a class does, all at once, when the site was restarted."""

strangers = Buckets(2 * CLASS * conf.FRAME_RATE, CLASS * conf.FRAME_RATE)
"""Work for requests without a person, by address: a token is about a millisecond (`live/metering.py`)."""

_BRACKETED = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def address(peer: str, forwarded: str) -> str:
    """Where a request comes from: one IPv4 address, or the network that an IPv6 household has, or `UNKNOWN`.

    `peer` is the other end of the line, `forwarded` what stands in X-Forwarded-For. Left of our own proxies' entries
    that is whatever the client wrote there.
    """
    known = ip(entry(peer, forwarded))
    if known is None:
        return UNKNOWN
    return str(ipaddress.ip_network(f"{known}/64", strict=False) if known.version == 6 else known)


def entry(peer: str, forwarded: str) -> str:
    """The client's address as our outermost proxy wrote it; without a proxy, as the system did."""
    entries = [part.strip() for part in forwarded.split(",") if part.strip()]
    if conf.TRUSTED_PROXIES and entries:
        return entries[-min(conf.TRUSTED_PROXIES, len(entries))]
    return peer


def ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that an entry names, as proxies write them: bare or quoted, in brackets, with a port or a zone.

    None for what names none, such as `unknown` or a word that hides the client (RFC 7239, 6.3).
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
    """Whether it is an address and nothing besides."""
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        return False
    return True


def count_visit(place: str, tokens: float) -> None:
    """Somebody at this address, whom nobody knows, is answered with work worth so many tokens.

    Raises `Refusal`: `too_fast`.
    """
    wait = math.ceil(strangers.take(place, tokens))
    if wait:
        raise Refusal("too_fast.address", retry_after=wait)


def count_joining(place: str) -> None:
    """Somebody at this address asks for a nickname. Raises `Refusal`: `too_fast`."""
    count((Limit(joins, "too_fast.joining"), place))


def count_return(place: str) -> None:
    """Somebody at this address comes back under an open name, which writes too. Raises `Refusal`: `too_fast`."""
    count((Limit(returns, "too_fast.returning"), place))
