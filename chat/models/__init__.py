from chat.models.invitation import Departure, Invitation
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.presence import Lease
from chat.models.profile import Profile
from chat.models.room import LOBBY, Room

__all__ = ["LOBBY", "Departure", "Invitation", "Lease", "Membership", "Message", "Profile", "Room"]
