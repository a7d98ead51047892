from django.db import models

from chat.models.profile import Profile
from chat.models.room import Room


class Departure(models.Model):
    """A person's departure from a private room: they are not put back without being asked.

    A person whom an owner removed can only be added by an owner. It is deleted when they are in the room again.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="departures", db_index=False)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="departures")
    was_removed = models.BooleanField(default=False, db_default=False)
    left_at = models.DateTimeField(auto_now_add=True)
    # When they last declined an invitation.
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "profile"], name="one_departure_per_room")]

    def __str__(self) -> str:
        return f"{self.profile} was in {self.room}"


class Invitation(models.Model):
    """An open invitation for a person into a private room, sent by one of its members."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="invitations", db_index=False)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="invitations")
    by = models.ForeignKey(Profile, models.CASCADE, related_name="invitations_sent")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "profile"], name="one_invitation_per_room")]

    def __str__(self) -> str:
        return f"{self.profile} to {self.room}"
