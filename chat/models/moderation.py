from django.db import models

from chat.models.profile import Profile


class Ban(models.Model):
    """A person, or everybody at a network, may not use the chat: until a moment, or for good."""

    profile = models.ForeignKey(Profile, models.CASCADE, null=True, related_name="bans")
    # As addresses are kept (chat.addresses): one IPv4 address, or a network.
    network = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(profile=None, network=""), name="a_ban_is_of_somebody")
        ]

    def __str__(self) -> str:
        return " and ".join(str(one) for one in (self.profile, self.network) if one)


class LockedNickname(models.Model):
    """A nickname that nobody may take, nor one that looks like it. Whoever has it already keeps it."""

    nickname = models.CharField(max_length=32)
    # Shared by its look-alikes (chat.text.nicknames.skeleton): they are locked with it.
    skeleton = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.nickname


class LastAddress(models.Model):
    """Where a person was seen last, for those who have to shut them out. Kept for a bounded time."""

    profile = models.OneToOneField(Profile, models.CASCADE, primary_key=True, related_name="last_address")
    address = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.address
