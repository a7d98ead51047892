"""Bans: a banned person, or anyone on a banned network, may not use the chat."""

import ipaddress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat import queries
from chat.models import Ban, LastAddress, Profile
from chat.refusals import Refusal
from chat.wire import events

ADDRESSES_KEPT = timedelta(days=30)
_FORGOTTEN_AT_ONCE = 100


def ban(profile: Profile | None, network: str = "", until: datetime | None = None, reason: str = "") -> Ban:
    """Bans a person, a network, or both. Their connections end, and they can neither join nor post.

    Raises `Refusal`: `bad_network`, `bad_ban`.
    """
    network = _network(network) if network else ""
    if profile is None and not network:
        raise Refusal("bad_ban.whom")
    if until and until <= timezone.now():
        raise Refusal("bad_ban.past")
    with transaction.atomic():
        made = Ban.objects.create(profile=profile, network=network, until=until, reason=reason[:200])
        people = {profile.pk} if profile else set()
        if network:
            people |= _here_from(network)
        events.announce_on_commit([events.user_group(person) for person in sorted(people)], events.PersonChanged())
    return made


def lift(profile: Profile | None, network: str = "") -> int:
    """Ends all bans of a person or a network and returns their number. Raises `Refusal`: `bad_network`, `bad_ban`."""
    wanted = Q(profile=profile) if profile else Q(profile=None, network=_network(network))
    count, _ = Ban.objects.filter(wanted).delete()
    if not count:
        raise Refusal("bad_ban.none", whom=profile.nickname if profile else network)
    return count


def end(made: Ban) -> None:
    """Ends one ban."""
    Ban.objects.filter(pk=made.pk).delete()


def check(profile_id: int | None, address: str) -> None:
    """Raises `Refusal`: `banned` if a ban covers the person or the address."""
    found = queries.ban_on(profile_id, address, timezone.now())
    if found:
        raise refusal(found)


def refusal(found: Ban) -> Refusal:
    """Returns the refusal shown to a person under this ban."""
    about = "_".join(["until"] * bool(found.until) + ["for"] * bool(found.reason))
    name = f"banned.{about}" if about else "banned"
    return Refusal(name, until=found.until, reason=found.reason.removesuffix("."))


def remember_address(profile_id: int, address: str) -> None:
    """Records a person's address, and deletes some that have passed the retention time."""
    now = timezone.now()
    if address:
        LastAddress.objects.update_or_create(profile_id=profile_id, defaults={"address": address[:64], "seen_at": now})
    forget_addresses(now - ADDRESSES_KEPT, _FORGOTTEN_AT_ONCE)


def address_of(profile: Profile) -> str:
    """Returns a person's last known address. Raises `Refusal`: `bad_network` if it is no longer stored."""
    address = LastAddress.objects.filter(profile=profile).values_list("address", flat=True).first()
    if not address:
        raise Refusal("bad_network.forgotten", nickname=profile.nickname)
    return address


def forget_addresses(before: datetime, limit: int = 1000) -> int:
    """Deletes up to `limit` addresses last seen before the given time and returns their number."""
    old = list(LastAddress.objects.filter(seen_at__lt=before).values_list("pk", flat=True)[:limit])
    count, _ = LastAddress.objects.filter(pk__in=old, seen_at__lt=before).delete() if old else (0, {})
    return count


def _network(typed: str) -> str:
    try:
        network = ipaddress.ip_network(typed.strip(), strict=False)
    except ValueError:
        raise Refusal("bad_network", network=typed[:64]) from None
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _here_from(network: str) -> set[int]:
    """Returns the connected people whose last known address is in that network."""
    here = LastAddress.objects.filter(profile__leases__isnull=False).values_list("profile_id", "address").distinct()
    return {person for person, address in here if queries.is_within(address, network)}
