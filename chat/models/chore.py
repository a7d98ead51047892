from django.db import models


class Chore(models.Model):
    """Work that is done from time to time, by one process at a time: whichever moves `due_at` first."""

    name = models.CharField(max_length=32, primary_key=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
