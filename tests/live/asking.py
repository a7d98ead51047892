"""Asking the database by the live side's threads, also while it is away or answers slowly."""

import pytest
from django.db import OperationalError, connections

from chat.live import threads
from chat.models import Room


class Unreachable:
    """The database refuses connections, and each attempt is counted, until it is back."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.attempts = 0
        self.come_back = patch.undo
        patch.setattr(type(connections["default"]), "get_new_connection", self._refuse)

    def _refuse(self, parameters):
        self.attempts += 1
        raise OperationalError("connection refused")


async def ask(function=Room.objects.count):
    """The answer to a query, or to what is given instead."""
    return await threads.query(function)


class Asked(threads.Batched[int, int]):
    """Doubles numbers, and notes how many it was asked together. Of an odd one it wants to know nothing."""

    def __init__(self) -> None:
        super().__init__(self._double)
        self.batches: list[list[int]] = []
        self.error: type[Exception] = ValueError

    def _double(self, numbers):
        self.batches.append(list(numbers))
        if any(number % 2 for number in numbers):
            raise self.error("odd")
        return [2 * number for number in numbers]
