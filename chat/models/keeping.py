from django.db import models

from chat.models.message import Message
from chat.models.profile import Profile
from chat.models.room import Room


class Pin(models.Model):
    """A pinned message of a room. `Message.pinned_at` has the same, in the form in which readers get it.

    The row outlives a deletion of the message as long as that can be undone.
    """

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="pin")
    # No index of its own: that of the room's list starts with it.
    room = models.ForeignKey(Room, models.CASCADE, related_name="pins", db_index=False)
    # None once the person is gone: what they have pinned stays.
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="pins")
    pinned_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["room", "pinned_at"], name="pins_by_room")]

    def __str__(self) -> str:
        return f"{self.message} pinned by {self.profile}"


class Saved(models.Model):
    """A message that a person has saved for later. Nobody else learns of it."""

    # No index of its own: the constraint starts with it.
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="saved", db_index=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="saved_by")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "message"], name="one_saved_per_message")]
        # The person's list, in its order.
        indexes = [models.Index(fields=["profile", "id"], name="saved_by_person")]

    def __str__(self) -> str:
        return f"{self.message} saved by {self.profile}"
