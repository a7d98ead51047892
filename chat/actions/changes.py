"""Changes of stored messages: edits, deletions and their undoing, reactions, pins. Many of them, one transaction."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeVar

from django.db import transaction
from django.utils import timezone

from chat import models, queries, refusals, rules
from chat.actions import batches, erasure, ledger
from chat.actions.batches import Outcome, Stored, unavailable
from chat.actions.mentions import Rendered, Texts, Written, news
from chat.actions.messages import Draft, post_messages
from chat.actions.saving import Save, save_messages
from chat.models import Deletion, Message, Profile, Reaction, Revision, Room, Saved
from chat.refusals import Refusal

logger = logging.getLogger(__name__)

R = TypeVar("R")

REVISIONS = 50
"""Earlier versions kept of one message. Beyond that the oldest is dropped."""

PURGE_AFTER = rules.UNDO + timedelta(seconds=2)
"""Age from which a deletion is final. Longer than it can be undone, because processes' clocks differ."""

PURGED_AT_ONCE = 500


class Edit(NamedTuple):
    """Another text for a message of the person's own, made from its version of `sequence`."""

    profile_id: int
    client_id: str
    room_id: int
    number: int
    sequence: int
    body: str


class Delete(NamedTuple):
    profile_id: int
    client_id: str
    room_id: int
    number: int


class Restore(NamedTuple):
    """Undoes a deletion of the person's own."""

    profile_id: int
    client_id: str
    room_id: int
    number: int


class React(NamedTuple):
    """Puts an emoji on a message, or takes it away."""

    profile_id: int
    client_id: str
    room_id: int
    number: int
    emoji: str
    is_on: bool


class Pin(NamedTuple):
    """Pins a message, or unpins it."""

    profile_id: int
    client_id: str
    room_id: int
    number: int
    is_on: bool


Change = Edit | Delete | Restore | React | Pin


def store(requests: Sequence[Draft | Change | Save]) -> list[Outcome]:
    """Stores drafts, changes and what people save for later, each kind in its order and in this order.

    Returns one outcome for each request, in the order of the requests.

    Raises the database's error if nothing could be stored at all.
    """
    drafts = [request for request in requests if isinstance(request, Draft)]
    if len(drafts) == len(requests):
        return post_messages(drafts)
    changes = [request for request in requests if not isinstance(request, Draft | Save)]
    saves = [request for request in requests if isinstance(request, Save)]
    posted = iter(post_messages(drafts) if drafts else [])
    changed = iter(_stored(change_messages, changes, is_first=not drafts))
    saved = iter(_stored(save_messages, saves, is_first=not drafts and not changes))
    return [
        next(posted if isinstance(request, Draft) else saved if isinstance(request, Save) else changed)
        for request in requests
    ]


def _stored(act: Callable[[Sequence[R]], list[Outcome]], requests: Sequence[R], *, is_first: bool) -> list[Outcome]:
    """Returns the outcomes of a transaction; if it fails, only the first one of a batch raises its error."""
    if not requests:
        return []
    try:
        return act(requests)
    except Exception:
        if is_first:
            raise
        logger.exception("Could not store %d changes.", len(requests))
        return [unavailable() for _ in requests]


def change_messages(changes: Sequence[Change]) -> list[Outcome]:
    """Carries the changes out in order, in one transaction; returns one outcome for each, in the same order.

    Changes of one message in one transaction are one change of its room. As in posting, a refused or failed one doesn't
    affect the others, and the caller announces what was stored.
    """
    return batches.store(_store, changes)


def purge() -> int:
    """Removes what is left of messages whose deletion is final, and returns how many there were.

    That is their text, their earlier versions, who had reacted, who had pinned them, and who had saved them for later.
    """
    with transaction.atomic():
        final = Deletion.objects.filter(deleted_at__lte=timezone.now() - PURGE_AFTER)
        gone = list(final.values_list("pk", flat=True)[:PURGED_AT_ONCE])
        Revision.objects.filter(message__in=gone).delete()
        Reaction.objects.filter(message__in=gone).delete()
        models.Pin.objects.filter(message__in=gone).delete()
        Saved.objects.filter(message__in=gone).delete()
        Deletion.objects.filter(pk__in=gone).delete()
    if gone:
        erasure.settled()
    return len(gone)


def _store(changes: Sequence[Change]) -> list[Outcome]:
    erasure.overwrite()
    edits = [change for change in changes if isinstance(change, Edit)]
    texts = Texts([Written(edit.body, edit.profile_id, edit.room_id) for edit in edits])
    with ledger.opened() as book:
        return _Batch(book, changes, edits, texts).store()


class _Batch:
    """One transaction: locks the rooms, reads what the changes are about, applies them in order, writes the results."""

    def __init__(self, book: ledger.Ledger, changes: Sequence[Change], edits: Sequence[Edit], texts: Texts) -> None:
        self.book = book
        self.changes = changes
        self.now = timezone.now()
        self.rooms = book.lock({change.room_id for change in changes})
        self.writers = book.writers({(change.room_id, change.profile_id) for change in changes}, self.now)
        read = book.messages({(change.room_id, change.number) for change in changes})
        self.messages = {(message.room_id, message.number): message for message in read}
        kinds = {type(change) for change in changes}
        self.may_delete = bool(kinds & {Delete, Restore})
        primary_keys = [message.pk for message in self.messages.values()]
        self.deletions = Deletion.objects.in_bulk(primary_keys) if self.may_delete else {}
        self.edits = self._edits(primary_keys) if Edit in kinds else {}
        self.texts = self._texts(edits, texts)
        self.changed: dict[int, Message] = {}
        self.renamed: dict[int, Message] = {}
        """Those that name others than before."""
        self.revisions: list[Revision] = []
        self.reactions: dict[ledger.ReactionKey, bool] = {}

    def store(self) -> list[Outcome]:
        outcomes = [self._outcome(change) for change in self.changes]
        self.book.change(self.changed.values())
        self.book.count({message.room_id: self.rooms[message.room_id] for message in self.changed.values()}.values())
        self.book.react(self.reactions)
        self.book.name(self.renamed.values(), before=self.renamed.values())
        self._store_revisions()
        if self.may_delete:
            Deletion.objects.filter(pk__in=self.changed).delete()
            Deletion.objects.bulk_create(self.deletions[key] for key in self.changed if key in self.deletions)
        return outcomes

    def _outcome(self, change: Change) -> Outcome:
        room = self.rooms.get(change.room_id)
        writer = self.writers.get((change.room_id, change.profile_id))
        if room is None or writer is None:
            return refusals.not_a_member()
        if refusal := rules.change(writer.profile, is_banned=writer.is_banned):
            return refusal
        message = self.messages.get((change.room_id, change.number))
        if message is None:
            return Refusal("no_such_message.change", number=change.number)
        match change:
            case Edit():
                return self._edit(message, change, writer.profile)
            case Delete():
                return self._delete(message, writer)
            case Restore():
                return self._restore(message, writer.profile)
            case React():
                return self._react(message, change)
            case Pin():
                return self._pin(room, message, writer, change.is_on)

    def _edit(self, message: Message, edit: Edit, profile: Profile) -> Outcome:
        edits = self.edits.setdefault(message.pk, {})
        if edit.client_id in edits and message.sender_id == profile.pk:
            # Not the message's last sequence: an edit made from this one would seem to know of those in between.
            return self._unchanged(message)._replace(sequence=edits[edit.client_id], text=self.texts[edit])
        if refusal := rules.edit_message(message, profile):
            return refusal
        if edit.sequence < max(edits.values(), default=0):
            return Refusal("edited_meanwhile")
        text = self.texts[edit]
        if edit.body == message.body:
            return self._unchanged(message)._replace(text=text)
        if refusal := text.refusal:
            return refusal
        before, written_at = message.body, message.edited_at or message.sent_at
        message.body, message.html, message.edited_at = edit.body, text.html, self.now
        told = news(message.mentions, text)
        self._name(message, text.stored)
        stored = self._changed(message)._replace(text=text, told=told)
        edits[edit.client_id] = message.changed
        self.revisions.append(
            Revision(
                message=message,
                body=before,
                written_at=written_at,
                client_id=edit.client_id,
                sequence=message.changed,
            )
        )
        return stored

    def _delete(self, message: Message, writer: ledger.Writer) -> Outcome:
        if refusal := rules.delete_message(message, writer.profile, writer.role):
            return refusal
        if message.deleted_at:
            return self._unchanged(message)
        self.deletions[message.pk] = Deletion(
            message=message,
            profile_id=writer.profile.pk,
            body=message.body,
            html=message.html,
            mentions=message.mentions,
            deleted_at=self.now,
        )
        self._name(message, "")
        message.body, message.html, message.reactions, message.deleted_at = "", "", "", self.now
        message.pinned_at = None
        return self._changed(message)

    def _restore(self, message: Message, profile: Profile) -> Outcome:
        if message.deleted_at is None:
            return self._unchanged(message)
        if refusal := rules.restore_message(self.deletions.get(message.pk), profile, self.now):
            return refusal
        deletion = self.deletions.pop(message.pk)
        message.body, message.html, message.deleted_at = deletion.body, deletion.html, None
        message.people_by_emoji = self._reactions_to(message)
        self._name(message, self._still_inside(message.room_id, deletion.mentions))
        message.pinned_at = models.Pin.objects.filter(message=message).values_list("pinned_at", flat=True).first()
        return self._changed(message)

    def _react(self, message: Message, react: React) -> Outcome:
        if refusal := rules.react(message):
            return refusal
        people = message.people_by_emoji
        own = people.get(react.emoji, [])
        if (react.profile_id in own) == react.is_on:
            return self._unchanged(message)
        if react.is_on:
            if refusal := rules.add_reaction(people, react.emoji):
                return refusal
            people.setdefault(react.emoji, []).append(react.profile_id)
        else:
            own.remove(react.profile_id)
        message.people_by_emoji = people
        self.reactions[message.pk, react.profile_id, react.emoji] = react.is_on
        return self._changed(message)

    def _pin(self, room: Room, message: Message, writer: ledger.Writer, is_on: bool) -> Outcome:
        if refusal := rules.pin(room, message, writer.role):
            return refusal
        if bool(message.pinned_at) == is_on:
            return self._unchanged(message)
        if is_on:
            if refusal := rules.add_pin(models.Pin.objects.filter(room=room).count()):
                return refusal
            models.Pin.objects.create(message=message, room=room, profile_id=writer.profile.pk, pinned_at=self.now)
        else:
            models.Pin.objects.filter(message=message).delete()
        message.pinned_at = self.now if is_on else None
        return self._changed(message)

    def _name(self, message: Message, mentions: str) -> None:
        if mentions != message.mentions:
            message.mentions = mentions
            self.renamed[message.pk] = message

    def _still_inside(self, room_id: int, mentions: str) -> str:
        """Returns those of a message's mentions that are of everybody, or of people who are in the room now."""
        named = mentions.split(",")
        roles = queries.roles_among({(room_id, int(one)) for one in named if one.isdecimal()})
        # An erased person stays in direct rooms.
        erased = Profile.objects.filter(pk__in={person for _, person in roles}, kind=Profile.Kind.DELETED)
        inside = {str(person) for _, person in roles} - set(map(str, erased.values_list("pk", flat=True)))
        return ",".join(one for one in named if not one.isdecimal() or one in inside)

    def _texts(self, edits: Sequence[Edit], texts: Texts) -> dict[Edit, Rendered]:
        """Returns the edits' texts as they are with those who are in the locked rooms."""
        roles = texts.roles([edit.room_id for edit in edits])
        return {edit: texts.rendered(index, self.rooms.get(edit.room_id), roles) for index, edit in enumerate(edits)}

    def _reactions_to(self, message: Message) -> dict[str, list[int]]:
        """Returns the reactions of before a deletion, whose rows stay as long as it can be undone."""
        self.book.react(self.reactions)  # Those of this transaction too.
        self.reactions.clear()
        people: dict[str, list[int]] = {}
        stored = Reaction.objects.filter(message=message).order_by("pk")
        for emoji, profile_id in stored.values_list("emoji", "profile_id"):
            people.setdefault(emoji, []).append(profile_id)
        return people

    def _unchanged(self, message: Message) -> Stored:
        return Stored(self.rooms[message.room_id], message, fresh=False)

    def _changed(self, message: Message) -> Stored:
        """Makes it the room's next change, unless it is one of this transaction's already."""
        room = self.rooms[message.room_id]
        if message.pk not in self.changed:
            room.sequence += 1
            message.changed = room.sequence
            self.changed[message.pk] = message
        return Stored(room, message, fresh=True)

    def _store_revisions(self) -> None:
        Revision.objects.bulk_create(self.revisions)
        many = {revision.message_id for revision in self.revisions if len(self.edits[revision.message_id]) > REVISIONS}
        kept: Counter[int] = Counter()
        surplus = []
        for key, message_id in Revision.objects.filter(message__in=many).order_by("-pk").values_list("pk", "message"):
            kept[message_id] += 1
            if kept[message_id] > REVISIONS:
                surplus.append(key)
        Revision.objects.filter(pk__in=surplus).delete()

    def _edits(self, primary_keys: Sequence[int]) -> dict[int, dict[str, int]]:
        """Returns the client_ids of each message's edits, and their sequences."""
        edits: dict[int, dict[str, int]] = {}
        stored = Revision.objects.filter(message__in=primary_keys).order_by("pk")
        for message_id, client_id, sequence in stored.values_list("message_id", "client_id", "sequence"):
            edits.setdefault(message_id, {})[client_id] = sequence
        return edits
