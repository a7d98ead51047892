from django.db import models

from chat.models.profile import Profile


class Ban(models.Model):
    """Bans a person, or anyone on a network, from the chat: until a given time, or for good."""

    profile = models.ForeignKey(Profile, models.CASCADE, null=True, related_name="bans")
    # In the format of `chat.addresses`: one IPv4 address, or a network.
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
    """A nickname that nobody may take, nor any look-alike of it. A current holder keeps it."""

    nickname = models.CharField(max_length=32)
    # Shared by its look-alikes (`chat.text.nicknames.skeleton`), which are locked with it.
    skeleton = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.nickname


class LastAddress(models.Model):
    """A person's last known address, for bans. Kept for a limited time."""

    profile = models.OneToOneField(Profile, models.CASCADE, primary_key=True, related_name="last_address")
    address = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.address
