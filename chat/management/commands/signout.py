from argparse import ArgumentParser
from typing import Any

from chat.actions import moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Signs somebody out everywhere. A guest cannot come back under their nickname."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname")

    def act(self, options: dict[str, Any]) -> str:
        person = moderation.person_called(options["nickname"])
        moderation.end_sessions(person)
        return f"{person} is signed out everywhere."
