import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.serializers.json import DjangoJSONEncoder

from chat import queries
from chat.actions import moderation
from chat.management.owner import OwnerCommand


class Command(OwnerCommand):
    help = "Writes all that is stored about a person into a JSON file that only you can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("nickname")
        parser.add_argument("file", type=Path, help="must not exist yet")

    def act(self, options: dict[str, Any]) -> str:
        person, path = moderation.person_called(options["nickname"]), options["file"]
        try:
            path.touch(0o600, exist_ok=False)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        found = queries.all_about(person)
        path.write_text(json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n")
        return f"{person}: {len(found['messages'])} messages in {len(found['rooms'])} rooms are in {path}."
