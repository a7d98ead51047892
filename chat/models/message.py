import json

from django.db import models

from chat.models.profile import Profile
from chat.models.room import Room


class Message(models.Model):
    # No indexes of their own: two of the constraints start with the room, one with the sender.
    room = models.ForeignKey(Room, models.CASCADE, related_name="messages", db_index=False)
    # The message's position in the room (1, 2, 3 …), and the room's sequence at its last change.
    number = models.PositiveBigIntegerField()
    changed = models.PositiveBigIntegerField()
    # Messages outlive their sender's departure: a person cannot be deleted while messages of theirs exist.
    sender = models.ForeignKey(Profile, models.PROTECT, related_name="messages", db_index=False)
    client_id = models.CharField(max_length=64)
    body = models.TextField()
    # Rendered once, at posting. Empty if the body needs no markup: it is plain text, which every reader escapes itself.
    html = models.TextField(blank=True)
    # The `Reaction` rows as readers get them: JSON with the ids of people by emoji, empty if nobody has reacted. Like
    # the next one, it has a default in the database, for older code that runs beside this one during an upgrade.
    reactions = models.TextField(blank=True, default="", db_default="")
    # The `Mention` rows, likewise: ids of people, `all` or `here`, with commas between them.
    mentions = models.TextField(blank=True, default="", db_default="")
    reply_to = models.PositiveBigIntegerField(null=True)
    # Of a reply: the number of the message with which its thread begins. That one is no reply itself, and has none.
    thread = models.PositiveBigIntegerField(null=True)
    # Of a forwarded message, the id of the original. No foreign key: the copy outlives it.
    origin = models.PositiveBigIntegerField(null=True)
    sent_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    # When it was pinned, unless it no longer is. `Pin` says by whom.
    pinned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The replies of a thread, in order. A message that replies to nothing is in neither of these.
            models.Index(
                fields=["room", "thread", "number"], condition=models.Q(thread__isnull=False), name="replies_by_thread"
            ),
            # Replies that older code has stored: none, once cleaning has been there.
            models.Index(
                fields=["id"],
                condition=models.Q(reply_to__isnull=False, thread__isnull=True),
                name="replies_without_thread",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="one_message_per_number"),
            # Also the index for replay: all changes in a room after a cursor, in order.
            models.UniqueConstraint(fields=["room", "changed"], name="one_change_per_sequence"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="one_message_per_client_id"),
        ]

    def __str__(self) -> str:
        return f"{self.room} #{self.number}"

    @property
    def people_by_emoji(self) -> dict[str, list[int]]:
        """The ids of the people who have reacted, by emoji; both in the order of their reactions."""
        return json.loads(self.reactions) if self.reactions else {}

    @people_by_emoji.setter
    def people_by_emoji(self, people: dict[str, list[int]]) -> None:
        left = {emoji: ids for emoji, ids in people.items() if ids}
        self.reactions = json.dumps(left, ensure_ascii=False, separators=(",", ":")) if left else ""

    @property
    def named(self) -> list[int]:
        """The ids of the people in the room whom the text names, its sender aside."""
        return [int(one) for one in self.mentions.split(",") if one.isdecimal()]

    @property
    def everyone(self) -> str:
        """`all` or `here` if the text names everybody in the room, and may."""
        return next((one for one in self.mentions.split(",") if one.isalpha()), "")

    @property
    def size(self) -> int:
        """Characters of what a frame carries of it."""
        return len(self.body) + len(self.html) + len(self.reactions) + len(self.mentions)
