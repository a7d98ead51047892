from argparse import ArgumentParser
from typing import Any

from chat.actions import bans, moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Ends the bans of a person, or of a network."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname", nargs="?")
        parser.add_argument("--network", default="", help="as it was banned")

    def act(self, options: dict[str, Any]) -> str:
        person = moderation.person_called(options["nickname"]) if options["nickname"] else None
        count = bans.lift(person, options["network"])
        return f"{person or options['network']}: {count} {'ban' if count == 1 else 'bans'} ended."
