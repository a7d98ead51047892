from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Profile(models.Model):
    """A person as chat sees them: one per user, under the user's own id."""

    class Kind(models.TextChoices):
        GUEST = "guest"
        MEMBER = "member"
        BOT = "bot"
        # A name without a secret: whoever connects to its address speaks under it, one connection at a time.
        OPEN = "open"
        # What is left of somebody who was erased: their place in rooms' histories, and nothing of theirs.
        DELETED = "deleted"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="profile")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.GUEST)
    nickname = models.CharField(max_length=32)
    # What makes two nicknames one (chat.text.nicknames.key). Longer than a nickname: folding may lengthen it.
    nickname_key = models.CharField(max_length=128, unique=True)
    # What look-alikes share (chat.text.nicknames.skeleton). Not unique: names of before there was one stay valid. The
    # database knows a default, for code from before, which runs beside this one while a site is upgraded.
    skeleton = models.CharField(max_length=255, blank=True, db_default="")
    # How many trial messages the person has sent on the connection page: each is stored, and shown in no room. The
    # database knows the default too, as above.
    probe = models.PositiveIntegerField(default=0, db_default=0)
    # The connection that speaks under an open name: the last one that took it. Empty for everybody else.
    holder = models.CharField(max_length=32, blank=True, db_default="")
    # On which day they came last, about: what nobody can come back to is cleaned away.
    seen_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["skeleton"], name="profile_by_skeleton")]

    def __str__(self) -> str:
        return self.nickname

    @property
    def is_open(self) -> bool:
        return self.kind == self.Kind.OPEN
