"""Posting: many drafts, one transaction."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.utils import timezone

from chat import queries, refusals, rules
from chat.actions import batches, ledger, rooms
from chat.actions.batches import Outcome, Stored
from chat.actions.mentions import Rendered, Texts, Written, news
from chat.models import Message, Profile, Room
from chat.models.room import direct_key, other_of, people_of
from chat.refusals import Refusal
from chat.text import nicknames


class Original(NamedTuple):
    """A message that is to be forwarded."""

    room_id: int
    number: int


class Draft(NamedTuple):
    """A message to be stored, for the room `room_id` or for the person called `to`."""

    sender_id: int
    client_id: str
    body: str
    room_id: int | None = None
    to: str | None = None
    reply_to: int | None = None
    address: str = ""
    """The client address it comes from."""
    forward: Original | None = None
    """The message of which this one is a copy."""


def post_messages(drafts: Sequence[Draft]) -> list[Outcome]:
    """Stores the drafts in order, in one transaction; returns one outcome for each, in the same order.

    A refused or failed draft doesn't affect the others. Nothing is announced here: the caller does that, because it
    knows which messages were sent together. Raises the database's error if nothing could be stored at all.
    """
    return batches.store(_store, drafts)


def _store(drafts: Sequence[Draft]) -> list[Outcome]:
    texts = Texts([Written(draft.body, draft.sender_id, draft.room_id) for draft in drafts])
    with ledger.opened() as book:
        return _Batch(book, drafts, texts).store()


class _Batch:
    """One transaction: locks the rooms, checks memberships, looks up client_ids, numbers the messages, inserts them."""

    def __init__(self, book: ledger.Ledger, drafts: Sequence[Draft], texts: Texts) -> None:
        self.book = book
        self.drafts = drafts
        self.texts = texts
        self.now = timezone.now()
        self.unreachable: dict[str, str] = {}
        self.too_fast: dict[tuple[int, str], Refusal] = {}
        """Refusals for senders who write to too many new people, by sender and the recipient's nickname key."""
        self.reachable: Collection[str] = ()
        self.originals = self._originals()
        self.direct = self._direct_rooms()
        pairs = {(room_id, draft.sender_id) for draft in drafts if (room_id := self._room_id(draft))}
        self.rooms = self.book.lock({room_id for room_id, _ in pairs})
        self.absent = self._absent_open_names()
        self.writers = self.book.writers(pairs, self.now)
        self.stored = self._already_stored()
        self.roles = texts.roles([self._room_id(draft) for draft in drafts])
        self.originals = self._originals()  # Under the lock: one may have been deleted meanwhile.
        answered = {(self._room_id(draft) or 0, draft.reply_to) for draft in drafts if draft.reply_to}
        self.threads = self.book.threads(answered)
        """The threads of messages that are replies, by their room and number."""

    def store(self) -> list[Outcome]:
        outcomes = [self._outcome(index, draft) for index, draft in enumerate(self.drafts)]
        fresh = [outcome for outcome in outcomes if isinstance(outcome, Stored) and outcome.fresh]
        self.book.insert([stored.message for stored in fresh])
        self.book.name([stored.message for stored in fresh])
        self.book.advance({stored.room.id: stored.room for stored in fresh}.values(), self.now)
        # Posting marks everything above as read, and one's own message never counts as unread.
        self.book.mark_read({self._writer(stored).membership_id: stored.message.number for stored in fresh})
        return outcomes

    def _outcome(self, index: int, draft: Draft) -> Outcome:
        known = self.stored.get((draft.sender_id, draft.client_id))
        if known:
            return Stored(known.room, known, fresh=False, text=self._text(index, known.room))
        room = self.rooms.get(self._room_id(draft) or 0)
        if room is None and draft.to is not None:
            key = nicknames.key(draft.to)
            if key in self.unreachable:
                return _not_here(self.unreachable[key])
            if refusal := self.too_fast.get((draft.sender_id, key)):
                return refusal
            if draft.reply_to and key in self.reachable:
                return _no_such_message(draft)
            if key in self.reachable and (refusal := self._check_original(draft)):
                return refusal
            return refusals.no_such_person(draft.to)
        if room is None:
            return refusals.not_a_member()
        writer = self.writers.get((room.id, draft.sender_id))
        if refusal := rules.post(writer.is_banned if writer else None):
            return refusal
        if room.is_direct and (absent := self.absent.get(other_of(room, draft.sender_id))):
            return _not_here(absent)
        if draft.reply_to is not None and draft.reply_to > room.message_count:
            return _no_such_message(draft)
        if refusal := self._check_original(draft):
            return refusal
        text = self._text(index, room)
        if refusal := text.refusal:
            return refusal
        return Stored(room, self._number(room, draft, text), fresh=True, text=text, told=news("", text))

    def _text(self, index: int, room: Room) -> Rendered:
        return self.texts.rendered(index, room, self.roles)

    def _number(self, room: Room, draft: Draft, text: Rendered) -> Message:
        original = self._original(draft)
        # A reply to a reply is in the same thread; one to any other message begins one, or goes on with it.
        thread = draft.reply_to and self.threads.get((room.id, draft.reply_to), draft.reply_to)
        message = ledger.new_message(
            room,
            self.writers[room.id, draft.sender_id].profile,
            client_id=draft.client_id,
            body=original.body if original else draft.body,
            html=original.html if original else text.html,
            mentions=text.stored,
            reply_to=draft.reply_to,
            # Of a copy of a copy it is that of the first one.
            origin=original and (original.origin or original.pk),
            thread=thread,
            sent_at=self.now,
        )
        self.stored[draft.sender_id, draft.client_id] = message
        if thread:
            self.threads[room.id, message.number] = thread
        return message

    def _writer(self, stored: Stored) -> ledger.Writer:
        return self.writers[stored.room.id, stored.message.sender_id]

    def _room_id(self, draft: Draft) -> int | None:
        if draft.to is None:
            return draft.room_id
        room = self.direct.get((draft.sender_id, nicknames.key(draft.to)))
        return room.id if room else None

    def _direct_rooms(self) -> dict[tuple[int, str], Room]:
        """Returns the direct rooms of drafts addressed to a person, by sender and the person's nickname key.

        An open name with no connection has none, because nothing is stored for it. A reply alone creates none: a new
        room has no message to reply to. Nor does a message that can't be forwarded.
        """
        wanted = {(draft.sender_id, nicknames.key(draft.to)) for draft in self.drafts if draft.to is not None}
        if not wanted:
            return {}
        senders = Profile.objects.in_bulk({sender_id for sender_id, _ in wanted})
        people = {profile.nickname_key: profile for profile in queries.people_named({key for _, key in wanted})}
        absent = self._absent_among([profile.pk for profile in people.values() if profile.is_open])
        self.unreachable = {key: profile.nickname for key, profile in people.items() if profile.pk in absent}
        self.reachable = people.keys() - self.unreachable.keys()
        pairs = [(sender_id, key) for sender_id, key in wanted if key in self.reachable and sender_id in senders]
        # The order is the same everywhere, so that two batches that create the same rooms cannot deadlock.
        pairs.sort(key=lambda pair: direct_key(pair[0], people[pair[1]].pk))
        begun = {
            (draft.sender_id, nicknames.key(draft.to)): draft.address
            for draft in self.drafts
            if draft.to and not draft.reply_to and not self._check_original(draft)
        }
        found = {}
        for pair in pairs:
            sender, other = senders[pair[0]], people[pair[1]]
            if pair in begun:
                try:
                    found[pair] = rooms.direct(sender, other, begun[pair])
                except Refusal as refusal:
                    self.too_fast[pair] = refusal
            elif own := queries.direct_room_with(sender.pk, other.pk):
                found[pair] = own.room
        return found

    def _originals(self) -> dict[tuple[int, Original], Message]:
        """Returns the messages to be forwarded, by who forwards them: those that they may read."""
        wanted = {(draft.sender_id, draft.forward) for draft in self.drafts if draft.forward}
        found = {one: queries.readable_message(one[0], one[1].room_id, one[1].number) for one in wanted}
        return {one: message for one, message in found.items() if message}

    def _original(self, draft: Draft) -> Message | None:
        return self.originals.get((draft.sender_id, draft.forward)) if draft.forward else None

    def _check_original(self, draft: Draft) -> Refusal | None:
        if draft.forward is None:
            return None
        original = self._original(draft)
        if original is None:
            return Refusal("no_such_message.forward", number=draft.forward.number)
        return rules.forward(original)

    def _absent_open_names(self) -> dict[int, str]:
        """Returns the people in the direct rooms who cannot be written to now. The rooms are locked."""
        direct = [room for room in self.rooms.values() if room.is_direct]
        return self._absent_among({person for room in direct for person in people_of(room)})

    def _absent_among(self, profile_ids: Collection[int]) -> dict[int, str]:
        return queries.absent_open_names(profile_ids, self.now) if profile_ids else {}

    def _already_stored(self) -> dict[tuple[int, str], Message]:
        known = self.book.already_stored({(draft.sender_id, draft.client_id) for draft in self.drafts})
        rows = Message.objects.filter(pk__in=known).select_related("room", "sender") if known else []
        return {(row.sender_id, row.client_id): row for row in rows}


def _no_such_message(draft: Draft) -> Refusal:
    return Refusal("no_such_message", number=draft.reply_to)


def _not_here(nickname: str) -> Refusal:
    return Refusal("not_here", nickname=nickname)
