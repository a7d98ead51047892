from chat.models.chore import Chore
from chat.models.invitation import Departure, Invitation
from chat.models.keeping import Pin, Saved
from chat.models.membership import Membership
from chat.models.mention import Mention
from chat.models.message import Message
from chat.models.moderation import Ban, LastAddress, LockedNickname
from chat.models.presence import Lease
from chat.models.profile import Profile
from chat.models.reaction import Reaction
from chat.models.reading import Reading
from chat.models.revision import Deletion, Revision
from chat.models.room import LOBBY, Room

__all__ = [
    "LOBBY", "Ban", "Chore", "Deletion", "Departure", "Invitation", "LastAddress", "Lease", "LockedNickname",
    "Membership", "Mention", "Message", "Pin", "Profile", "Reaction", "Reading", "Revision", "Room", "Saved",
]  # fmt: skip
