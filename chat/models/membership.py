from django.db import models

from chat.models.profile import Profile
from chat.models.room import Room


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"

    # No index of its own: the constraint starts with it.
    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships", db_index=False)
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    # The last message this person has seen: one write per reader instead of one per message and member.
    read_number = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "profile"], name="one_membership_per_room")]
        # Finds out whether a room still has an owner, and its longest-standing other member.
        indexes = [models.Index(fields=["room", "role", "id"], name="members_by_role")]

    def __str__(self) -> str:
        return f"{self.profile} in {self.room}"
