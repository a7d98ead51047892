from django.db import models

from chat.models.message import Message
from chat.models.profile import Profile


class Reaction(models.Model):
    """A person's emoji on a message. `Message.reactions` has the same, in the form in which readers get it."""

    # No index of its own: the constraint starts with it.
    message = models.ForeignKey(Message, models.CASCADE, related_name="reaction_rows", db_index=False)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="reactions")
    emoji = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "profile", "emoji"], name="one_reaction_per_emoji"),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} by {self.profile} on {self.message}"
