from argparse import ArgumentParser
from typing import Any

from chat.actions import erasure, moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Takes the words of one message away, on everybody's screen too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", help="as its address has it: lobby in /rooms/lobby/")
        parser.add_argument("number", type=int, help="of the message: 17 in /rooms/lobby/17/")

    def act(self, options: dict[str, Any]) -> str:
        erasure.overwrite()
        message = moderation.take_down(moderation.room_called(options["room"]), options["number"])
        return f"Message {message.number} in “{message.room}” has no words any more. {erasure.settled()}"
