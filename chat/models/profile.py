from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Profile(models.Model):
    """A person in the chat: one per user, with the user's id as primary key."""

    class Kind(models.TextChoices):
        GUEST = "guest"
        MEMBER = "member"
        BOT = "bot"
        # A name without a secret: any connection to its address speaks under it, one at a time.
        OPEN = "open"
        # The remains of an erased person: their place in rooms' histories, and no personal data.
        DELETED = "deleted"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="profile")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.GUEST)
    nickname = models.CharField(max_length=32)
    # Equal for all spellings of a nickname (`chat.text.nicknames.key`). Longer than a nickname: folding may lengthen
    # it.
    nickname_key = models.CharField(max_length=128, unique=True)
    # Equal for look-alikes (`chat.text.nicknames.skeleton`). Not unique: names from before it existed stay valid. The
    # database has a default for older code that runs beside this one during an upgrade.
    skeleton = models.CharField(max_length=255, blank=True, db_default="")
    # Number of trial messages sent on the connection page: each is stored but appears in no room. The database has a
    # default for the same reason as above.
    probe = models.PositiveIntegerField(default=0, db_default=0)
    # The connection that holds an open name: the last one that took it. Empty for everybody else.
    holder = models.CharField(max_length=32, blank=True, db_default="")
    # The language that they chose for pages (`chat.languages`). Empty for their browser's.
    language = models.CharField(max_length=16, blank=True, default="", db_default="")
    # Roughly the day of their last visit. People who cannot come back are deleted by cleaning.
    seen_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["skeleton"], name="profile_by_skeleton")]

    def __str__(self) -> str:
        return self.nickname

    @property
    def is_open(self) -> bool:
        return self.kind == self.Kind.OPEN
