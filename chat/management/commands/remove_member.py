from argparse import ArgumentParser
from typing import Any

from chat.actions import moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Shows somebody out of a room. Into a private one only its owners can bring them back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", help="as its address has it: lobby in /rooms/lobby/")
        parser.add_argument("nickname")

    def act(self, options: dict[str, Any]) -> str:
        room = moderation.room_called(options["room"])
        profile = moderation.person_called(options["nickname"])
        moderation.remove_member(profile, room)
        return f"{profile} is no longer in “{room}”."
