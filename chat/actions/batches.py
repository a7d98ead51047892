"""Many people's requests in one transaction, of which none can make the others fail."""

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from django.db import DataError, IntegrityError, InternalError, OperationalError

from chat.actions.mentions import Rendered, Told
from chat.models import Message, Room
from chat.refusals import Refusal
from chat.wire.events import Announcement

logger = logging.getLogger(__name__)

R = TypeVar("R")


class Stored(NamedTuple):
    """A change that is on disk. `fresh` is False if it was already stored, and there is nothing to announce.

    `sequence` is that of the version it has led to, or 0 if that is the message's last. `text` is that of a post or an
    edit, and `told` are those who are told that it names them. `announcements` are those that go out beside the room's.
    """

    room: Room
    message: Message
    fresh: bool
    sequence: int = 0
    text: Rendered = Rendered("")
    told: Told = Told()
    announcements: tuple[Announcement, ...] = ()


Outcome = Stored | Refusal

DATABASE_FAILS = (OperationalError, InternalError)
"""Errors that would hit every request. `InternalError` is raised, among other cases, in a read-only session."""


def store(act: Callable[[Sequence[R]], list[Outcome]], requests: Sequence[R]) -> list[Outcome]:
    """Returns the outcomes of `act`, a transaction; if that fails, those of one transaction for each request.

    Raises the database's error if nothing could be stored at all.
    """
    try:
        return act(requests)
    except DATABASE_FAILS:
        raise
    except Exception as error:
        if len(requests) == 1:
            if isinstance(error, DataError):
                return [Refusal("bad_body")]
            if not isinstance(error, IntegrityError):
                raise
            # The same client_id arrived twice at once, and the other one was stored first. It is found now.
            return act(requests)
    return _one_by_one(act, requests)


def unavailable() -> Refusal:
    """The refusal for a request that may or may not have been stored. Resending it under its client_id settles that."""
    return Refusal("unavailable.unsent", retry_after=2)


def _one_by_one(act: Callable[[Sequence[R]], list[Outcome]], requests: Sequence[R]) -> list[Outcome]:
    """Stores each request by itself, so that a failing one affects neither the others nor what is already stored."""
    outcomes: list[Outcome] = []
    for request in requests:
        try:
            outcomes += store(act, [request])
        except Exception as error:
            logger.exception("A message could not be stored.")
            outcomes.append(unavailable())
            if isinstance(error, DATABASE_FAILS):
                break
    return outcomes + [unavailable() for _ in requests[len(outcomes) :]]
