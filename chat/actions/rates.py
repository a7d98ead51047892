"""Rate limits on actions that show up in other people's lists, and caps on the results.

Each person has a limit, and all people of one address share `CLASS` times as much, because a new person costs nothing.
Being added to rooms or written to by strangers is also limited per recipient, across all senders.
"""

from chat import conf
from chat.addresses import CLASS
from chat.limits import Buckets, Limit, count
from chat.models import Profile

ROOMS_IN = 500
"""Maximum number of public and private rooms a person may be in. Telegram's number for groups and channels."""

ROOMS_OWNED = 100
"""Maximum number of those rooms a person may own. Discord's number for servers."""

INVITATIONS = 50
"""Maximum number of open invitations for one person."""


def _limit(times: float, times_an_hour: float, name: str) -> Limit:
    return Limit(Buckets(times * conf.ROOM_RATE, times_an_hour * conf.ROOM_RATE / 3600), f"too_fast.{name}")


class _Pace:
    """Limits per person and per address, in multiples of `ROOM_RATE`: `times` at once, then `times_an_hour` an hour.

    An address gets `CLASS` times as much.
    """

    def __init__(self, times: float, times_an_hour: float, name: str) -> None:
        self.people = _limit(times, times_an_hour, name)
        self.addresses = _limit(CLASS * times, CLASS * times_an_hour, f"{name}_here")

    def count(self, profile: Profile, address: str, *more: tuple[Limit, int]) -> None:
        """Counts one use, for the person and for the address (skipped if ""). Raises `Refusal`: `too_fast`."""
        count((self.people, profile.pk), *([(self.addresses, address)] if address else []), *more)


rooms = _Pace(1, 1, "rooms")
edits = _Pace(1, 3, "edits")
moves = _Pace(5, 30, "moves")
_adds = _Pace(5, 5, "adds")
_added = _limit(1, 1, "added")
_begins = _Pace(3, 3, "begins")
_begun = _limit(15, 15, "begun")

_ALL = [
    *(limit for pace in (rooms, edits, moves, _adds, _begins) for limit in (pace.people, pace.addresses)),
    _added,
    _begun,
]


def count_adding(profile: Profile, other: Profile, address: str) -> None:
    """Counts adding a person to a room or inviting them. Raises `Refusal`: `too_fast`."""
    _adds.count(profile, address, (_added, other.pk))


def count_beginning(profile: Profile, other: Profile, address: str) -> None:
    """Counts writing to a person for the first time. Raises `Refusal`: `too_fast`."""
    _begins.count(profile, address, (_begun, other.pk))


def forget() -> None:
    """Resets all limits."""
    for limit in _ALL:
        limit.buckets.forget()
