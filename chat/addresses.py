"""Where people come from, whichever door they take, and how many may come in from one such place."""

import ipaddress
import math

from chat import conf
from chat.limits import Buckets
from chat.refusals import Refusal

joins = Buckets(conf.JOIN_RATE, conf.JOIN_RATE / 60)

RETURNS = 10
"""How many times as many may come back under an open name: a class does, all at once, when the site was restarted."""

returns = Buckets(RETURNS * conf.JOIN_RATE, RETURNS * conf.JOIN_RATE / 60)


def address(peer: str, forwarded: str) -> str:
    """Where a request comes from: one IPv4 address, or the network that an IPv6 household has.

    `peer` is the other end of the line, `forwarded` what stands in X-Forwarded-For. Left of our own proxies' entries
    that is whatever the client wrote there.
    """
    entries = [part.strip() for part in forwarded.split(",") if part.strip()]
    if conf.TRUSTED_PROXIES and entries:
        peer = entries[-min(conf.TRUSTED_PROXIES, len(entries))]
    try:
        known = ipaddress.ip_address(peer)
        known = getattr(known, "ipv4_mapped", None) or known
    except ValueError:
        return peer[:64]
    return str(ipaddress.ip_network(f"{known}/64", strict=False) if known.version == 6 else known)


def count_joining(place: str) -> None:
    """Somebody at this address asks for a nickname. Raises `Refusal`: `too_fast`."""
    _count(joins, place, "Too many people are joining from your address.")


def count_return(place: str) -> None:
    """Somebody at this address comes back under an open name, which writes too. Raises `Refusal`: `too_fast`."""
    _count(returns, place, "Too many connections are being opened from your address.")


def _count(buckets: Buckets, place: str, detail: str) -> None:
    wait = math.ceil(buckets.take(place))
    if wait:
        raise Refusal("too_fast", f"{detail} Wait {wait} seconds and try again.", retry_after=wait)
