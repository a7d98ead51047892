from functools import lru_cache

from django.db import models
from django.urls import reverse

from chat import paths

LOBBY = "lobby"
"""The slug of the room that exists from the start and that everybody joins."""


class Room(models.Model):
    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"

    TITLE_LENGTH = 60
    TOPIC_LENGTH = 250

    kind = models.CharField(max_length=8, choices=Kind)
    slug = models.CharField(max_length=80, unique=True, null=True)  # noqa: DJ001  A direct room has none.
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    # Equal for titles that read the same (`chat.text.lines.key`). The database has a default here and for
    # `member_count`, for older code that runs beside this one during an upgrade; cleaning corrects both.
    title_key = models.CharField(max_length=255, blank=True, default="", db_default="")
    topic = models.CharField(max_length=TOPIC_LENGTH, blank=True)
    # The two people's ids, smaller first: one room per pair. None for other rooms.
    direct_key = models.CharField(max_length=41, unique=True, null=True)  # noqa: DJ001
    sequence = models.PositiveBigIntegerField(default=0)
    message_count = models.PositiveBigIntegerField(default=0)
    # Number of memberships: whatever starts or ends one updates it in the same transaction.
    member_count = models.PositiveBigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    # Time of the last message. None before the first, and where only code older than this column has written.
    last_message_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The list of public rooms, in its order.
            models.Index(fields=["kind", "-member_count", "title_key", "id"], name="rooms_by_size"),
            models.Index(fields=["kind", "title_key"], name="rooms_by_title", opclasses=["varchar_pattern_ops"] * 2),
        ]

    def __str__(self) -> str:
        return self.title or f"direct {self.direct_key}"

    def get_absolute_url(self) -> str:
        """Returns the URL of a public or private room. A direct room's depends on the viewer: the other's page."""
        return _address(self.slug, paths.prefix())

    @property
    def is_direct(self) -> bool:
        return self.kind == self.Kind.DIRECT

    @property
    def is_lobby(self) -> bool:
        return self.slug == LOBBY


@lru_cache(maxsize=10_000)
def _address(slug: str, prefix: str) -> str:
    """Cached, because every handshake needs it for all of a person's rooms, at 14 µs each."""
    return reverse("chat:room", args=[slug])


def direct_key(one: int, other: int) -> str:
    """Returns the unique key of two people's direct room, the same in either order."""
    return f"{min(one, other)}:{max(one, other)}"


def people_of(room: Room) -> tuple[int, int]:
    """Returns the ids of a direct room's two people; in a person's notes both are the same."""
    one, other = (room.direct_key or "").split(":")
    return int(one), int(other)


def other_of(room: Room, one: int) -> int:
    """Returns the id of the other person in a direct room."""
    first, second = people_of(room)
    return second if first == one else first
