from django.db import models


class Chore(models.Model):
    """Periodic work, done by one process at a time: the one that moves `due_at` first."""

    name = models.CharField(max_length=32, primary_key=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
