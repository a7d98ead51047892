from argparse import ArgumentParser
from typing import Any

from chat.actions import erasure, moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Deletes a room and all that was said in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", help="as its address has it: chess in /rooms/chess/")

    def act(self, options: dict[str, Any]) -> str:
        erasure.overwrite()
        room = moderation.room_called(options["room"])
        moderation.delete_room(room)
        return f"“{room}” is deleted. {erasure.settled()}"
