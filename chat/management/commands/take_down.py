from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from chat.actions import erasure, moderation
from chat.management.owner import OwnerCommand
from chat.models import Room


class Command(OwnerCommand):
    help = "Takes the words of one message away, on everybody's screen too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", nargs="?", help="as its address has it: lobby in /rooms/lobby/")
        parser.add_argument("number", type=int, help="of the message: 17 in /rooms/lobby/17/")
        parser.add_argument("--between", nargs=2, metavar="NICKNAME", help="the private room of these two people")

    def act(self, options: dict[str, Any]) -> str:
        room = self.one_room(options["room"], options["between"])
        erasure.overwrite()
        message = moderation.take_down(room, options["number"])
        named = " and ".join(options["between"] or []) or message.room
        return f"Message {message.number} in “{named}” has no words any more. {erasure.settled()}"

    def one_room(self, slug: str | None, between: list[str] | None) -> Room:
        if bool(slug) == bool(between):
            raise CommandError("Name either a room or, with --between, the two people of a private one.")
        return moderation.direct_room_of(*between) if between else moderation.room_called(slug or "")
