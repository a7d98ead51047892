from argparse import ArgumentParser
from typing import Any

from chat.actions import erasure, moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Takes away all that a person has written, their name, their address, and their sessions. For good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname")

    def act(self, options: dict[str, Any]) -> str:
        person = moderation.person_called(options["nickname"])
        name = str(person)
        return f"{name} is erased, and called “{erasure.erase(person)}” now. {erasure.settled()}"
