from django.db import models

from chat.models.profile import Profile


class Lease(models.Model):
    """States that a person is here, according to one process, until it expires. A dead process's leases soon expire."""

    process = models.CharField(max_length=32)
    # No index of its own: the constraint starts with it.
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="leases", db_index=False)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "process"], name="one_lease_per_process")]

    def __str__(self) -> str:
        return f"{self.profile} until {self.expires_at}"
