"""Messages that people save for later. No change of a room: nobody but the person is told."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from chat import refusals, rules
from chat.actions import batches
from chat.actions.batches import Outcome, Stored
from chat.actions.ledger import Ledger, Writer
from chat.models import Message, Profile, Saved
from chat.refusals import Refusal
from chat.wire import events


class Save(NamedTuple):
    """Saves a message for its reader, or removes it from what they have saved."""

    profile_id: int
    client_id: str
    room_id: int
    number: int
    is_on: bool


def save_messages(saves: Sequence[Save]) -> list[Outcome]:
    """Carries them out in order, in one transaction; returns one outcome for each, in the same order.

    As in posting, a refused or failed one doesn't affect the others, and the caller announces what was stored.
    """
    return batches.store(_store, saves)


def remove(profile: Profile, saved_id: int) -> None:
    """Removes one from what the person has saved. Where it is gone already, nothing changes."""
    with transaction.atomic():
        saved = Saved.objects.filter(profile=profile, pk=saved_id).select_related("message").first()
        if saved is None:
            return
        saved.delete()
        event = events.saved(saved.message.room_id, saved.message.number, is_on=False)
        events.announce_on_commit([events.user_group(profile.pk)], event)


def _store(saves: Sequence[Save]) -> list[Outcome]:
    with transaction.atomic():
        # A person's are counted under their lock.
        people = {save.profile_id for save in saves}
        list(Profile.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
        writers = Ledger().writers({(save.room_id, save.profile_id) for save in saves}, timezone.now())
        return [_outcome(save, writers.get((save.room_id, save.profile_id))) for save in saves]


def _outcome(save: Save, writer: Writer | None) -> Outcome:
    if writer is None:
        return refusals.not_a_member()
    if refusal := rules.change(writer.profile, is_banned=writer.is_banned):
        return refusal
    message = Message.objects.filter(room=save.room_id, number=save.number).select_related("room").first()
    if message is None:
        return Refusal("no_such_message.change", number=save.number)
    own = Saved.objects.filter(profile=save.profile_id)
    known = own.filter(message=message)
    if known.exists() == save.is_on:
        return Stored(message.room, message, fresh=False)
    if save.is_on:
        if refusal := rules.save(message) or rules.add_saved(own.count()):
            return refusal
        own.create(profile_id=save.profile_id, message=message, saved_at=timezone.now())
    else:
        known.delete()
    event = events.saved(save.room_id, save.number, is_on=save.is_on)
    return Stored(message.room, message, fresh=False, announcements=((events.user_group(save.profile_id), event),))
