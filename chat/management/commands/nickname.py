from argparse import ArgumentParser
from typing import Any

from chat.actions import moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Frees the nickname of a guest who is away, or sees to it that nobody can take one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["free", "lock", "unlock"])
        parser.add_argument("nickname")

    def act(self, options: dict[str, Any]) -> str:
        nickname = options["nickname"]
        match options["what"]:
            case "free":
                person = moderation.person_called(nickname)
                return f"“{person}” is free; who had it is called “{moderation.free_nickname(person)}” now."
            case "lock":
                return f"Nobody can take “{moderation.lock_nickname(nickname)}” from now on."
        moderation.unlock_nickname(nickname)
        return f"“{nickname}” can be taken again."
