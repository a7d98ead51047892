from django.db import models

from chat.models.profile import Profile


class Reading(models.Model):
    """How a Chinese nickname is typed in Latin letters (`chat.text.pinyin`): by this, too, people are found."""

    # No index of its own: the constraint starts with it.
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="readings", db_index=False)
    text = models.CharField(max_length=255, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "text"], name="one_reading_per_text")]

    def __str__(self) -> str:
        return f"{self.text} for {self.profile}"
