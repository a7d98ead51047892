from django.db import models

from chat.models.message import Message
from chat.models.profile import Profile
from chat.models.room import Room


class Mention(models.Model):
    """A person whom a message names, or everybody in its room. `Message.mentions` has the same, as readers get it."""

    # No index of its own: the constraint starts with it.
    message = models.ForeignKey(Message, models.CASCADE, related_name="mention_rows", db_index=False)
    # The message's, for the index that finds a person's last ones.
    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField()
    # None for everybody.
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="mentions", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "profile"], name="one_mention_per_person")]
        indexes = [models.Index(fields=["room", "profile", "number"], name="mentions_by_number")]

    def __str__(self) -> str:
        return f"{self.profile or 'everyone'} on {self.message}"
