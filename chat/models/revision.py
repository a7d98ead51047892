from django.db import models

from chat.models.message import Message
from chat.models.profile import Profile


class Revision(models.Model):
    """An earlier version of a message's text, and the edit that replaced it."""

    # No index of its own: the constraint starts with it.
    message = models.ForeignKey(Message, models.CASCADE, related_name="revisions", db_index=False)
    body = models.TextField()
    written_at = models.DateTimeField()
    # The edit: the client's id for it, and the room's sequence at that change.
    client_id = models.CharField(max_length=64)
    sequence = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "client_id"], name="one_edit_per_client_id")]

    def __str__(self) -> str:
        return f"{self.message} before {self.sequence}"


class Deletion(models.Model):
    """A deleted message whose text is kept for a moment, so that the person who deleted it can undo that."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="deletion")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="deletions")
    body = models.TextField()
    html = models.TextField(blank=True)
    mentions = models.TextField(blank=True, default="", db_default="")
    deleted_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.message} deleted by {self.profile}"
