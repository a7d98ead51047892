"""Bans, locked nicknames, and everything stored about one person."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from django.db.models import Q

from chat.models import (
    Ban,
    LastAddress,
    LockedNickname,
    Membership,
    Mention,
    Message,
    Pin,
    Profile,
    Reaction,
    Revision,
    Room,
    Saved,
)
from chat.queries.sql import adapted, rows_in, table
from chat.text import nicknames


def is_locked(nickname: str) -> bool:
    """Returns True if nobody may take that nickname."""
    return LockedNickname.objects.filter(skeleton__in=nicknames.looks(nickname)).exists()


def banned(who: Sequence[tuple[int, str]], now: datetime) -> set[tuple[int, str]]:
    """Returns those of these (person, address) pairs that are banned now."""
    rows = rows_in(_BANS, (person for person, _ in who), adapted(now))
    people_out = {person for person, _ in rows}
    networks = [network for _, network in rows if network]
    return {one for one in who if one[0] in people_out or any(is_within(one[1], network) for network in networks)}


def ban_on(profile_id: int | None, address: str, now: datetime) -> Ban | None:
    """Returns the ban on a person or an address, the longest-lasting if there are several."""
    if not banned([(profile_id or 0, address)], now):  # Nearly always, at a tenth of the cost.
        return None
    bans = Ban.objects.filter(Q(until=None) | Q(until__gt=now)).filter(Q(profile_id=profile_id) | ~Q(network=""))
    found = [ban for ban in bans if (profile_id and ban.profile_id == profile_id) or is_within(address, ban.network)]
    return max(found, key=lambda ban: (ban.until is None, ban.until), default=None)


def is_within(address: str, network: str) -> bool:
    """Returns whether an address, or the network stored in its place, lies within a network."""
    inner, outer = _parsed(address), _parsed(network)
    return inner is not None and outer is not None and inner.version == outer.version and inner.subnet_of(outer)


@lru_cache(maxsize=10_000)
def _parsed(network: str) -> Any:
    try:
        return ip_network(network)
    except ValueError:
        return None


def all_about(profile: Profile) -> dict[str, Any]:
    """Returns everything stored about a person: their profile, rooms, messages, and all that hangs on these.

    For direct rooms this includes the other person's messages, all of which the person can read.
    """
    address = LastAddress.objects.filter(profile=profile).values("address", "seen_at").first()
    own = Membership.objects.filter(profile=profile).order_by("room")
    direct = own.filter(room__kind=Room.Kind.DIRECT).values("room")
    said = Message.objects.filter(Q(sender=profile) | Q(room__in=direct)).order_by("room", "number")
    return {
        "profile": {
            "id": profile.pk,
            "nickname": profile.nickname,
            "kind": profile.kind,
            "language": profile.language,
            "created_at": profile.created_at,
            "last_address": address,
            "bans": list(profile.bans.values("network", "reason", "until", "created_at")),
        },
        "rooms": list(
            own.values("room", "room__kind", "room__slug", "room__title", "role", "read_number", "created_at")
        ),
        "messages": list(said.values(*_EXPORTED)),
        "reactions": list(
            Reaction.objects.filter(profile=profile)
            .order_by("message__room", "message__number", "pk")
            .values("message__room", "message__number", "emoji")
        ),
        "mentions": list(
            Mention.objects.filter(profile=profile)
            .order_by("room", "number")
            .values("room", "number", "message__sender__nickname")
        ),
        "pins": list(
            Pin.objects.filter(profile=profile)
            .order_by("message__room", "message__number")
            .values("message__room", "message__number", "pinned_at")
        ),
        "saved": list(
            Saved.objects.filter(profile=profile).order_by("pk").values("message__room", "message__number", "saved_at")
        ),
        "earlier_versions": list(
            Revision.objects.filter(message__in=said)
            .order_by("message__room", "message__number", "pk")
            .values("message__room", "message__number", "body", "written_at")
        ),
    }


_EXPORTED = [
    "room", "number", "sender__nickname", "body", "reply_to", "sent_at", "edited_at", "deleted_at", "client_id",
]  # fmt: skip


_BANS = (
    f"SELECT profile_id, network FROM {table(Ban)} WHERE (until IS NULL OR until > %s)"  # noqa: S608
    " AND (network <> '' OR profile_id IN ({}))"
)
