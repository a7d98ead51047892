"""Base of the owner's commands, each of which reports in a sentence what it did or why it didn't."""

import re
from datetime import datetime, timedelta
from typing import Any

from channels.layers import get_channel_layer
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from chat.refusals import Refusal

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class OwnerCommand(BaseCommand):
    """An action for anyone who can run `manage.py`. `act` carries it out and returns a sentence that reports it."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = self.act(options)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        self.stdout.write(done)
        if not getattr(get_channel_layer(), "reaches_other_processes", True):
            self.stdout.write("Without Redis, open pages learn of it with their next heartbeat: after 50 s at most.")

    def act(self, options: dict[str, Any]) -> str:
        raise NotImplementedError


def moment(length: str) -> datetime | None:
    """Returns the end of a period that starts now, written as `90m`, `12h`, `7d` or `2w`; None for `ever`."""
    if length == "ever":
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,3})([mhdw])", length)
    if not found:
        raise CommandError(f"“{length}” is no length of time: write 90m, 12h, 7d, 2w or ever.")
    return timezone.now() + timedelta(**{_UNITS[found[2]]: int(found[1])})
