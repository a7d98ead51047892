from argparse import ArgumentParser
from typing import Any

from chat.actions import bans, moderation
from chat.management.owner import OwnerCommand, moment


class Command(OwnerCommand):
    help = "Shuts a person, a network, or both out of the chat for a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname", nargs="?", help="whom to shut out")
        parser.add_argument("--network", default="", help="an address or a network, such as 192.0.2.0/24")
        parser.add_argument("--address", action="store_true", help="also the address where the person was seen last")
        parser.add_argument("--for", dest="length", default="7d", help="90m, 12h, 7d (the default), 2w, or ever")
        parser.add_argument("--reason", default="", help="shown to whoever is banned")

    def act(self, options: dict[str, Any]) -> str:
        person = moderation.person_called(options["nickname"]) if options["nickname"] else None
        network = options["network"]
        if options["address"] and person:
            network = network or bans.address_of(person)
        made = bans.ban(person, network, moment(options["length"]), options["reason"])
        until = f"until {made.until:%Y-%m-%d %H:%M} UTC" if made.until else "for good"
        return f"{made} may not use the chat {until}."
