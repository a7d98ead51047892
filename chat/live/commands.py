"""Carries out client frames, the same for every transport: frames come in, responses are put out."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import UNSET

from chat import conf, queries, refusals
from chat.actions import memberships, people
from chat.actions.batches import Outcome
from chat.actions.changes import Delete, Edit, Pin, React, Restore
from chat.actions.messages import Draft, Original
from chat.actions.saving import Save
from chat.limits import Buckets
from chat.live import metering, threads
from chat.live.admission import Admitted
from chat.live.journal import Request
from chat.live.node import node
from chat.models import Message, Profile
from chat.refusals import Refusal
from chat.text.emoji import canonical
from chat.wire import events, protocol, rows

HISTORY_CHARACTERS = 100_000
"""Text per page of history, unless a single message is longer."""

logger = logging.getLogger(__name__)

Put = Callable[[bytes], None]
Spend = Callable[[float], Awaitable[None]]

_BINARY = Refusal("bad_frame.binary")
FAILED = Refusal("unavailable", retry_after=2)

_posts = Buckets(conf.POST_BURST, conf.POST_RATE)
_typing = Buckets(1, 0.5)
_probes = Buckets(40, 10)


class Client(Protocol):
    """The sender of the frames, and how it is caught up."""

    admitted: Admitted

    async def sync(self, cursors: dict[int, int]) -> None: ...

    async def flushed(self) -> None: ...


async def handle(client: Client, raw: str | bytes | None, put: Put, spend: Spend) -> bool:
    """Carries out a raw frame; refusals and failures get a response too. None stands for a binary message.

    `spend` charges the frame's cost once enough tokens are available, or raises. Returns True if the response is still
    to come, in one `put`, because it waits until something is stored.
    """
    size = len(raw or "")
    try:
        try:
            if raw is None:
                raise _BINARY
            frame = protocol.parse(raw)
        except Refusal:
            await spend(metering.cost(size))
            raise
        await spend(metering.cost(size, frame))
        if isinstance(frame, protocol.Sync):
            await client.sync(frame.rooms)
            return False
        if isinstance(frame, protocol.History):
            await client.flushed()  # A page is large: the previous one must have left.
        await receive(client.admitted, frame, put)
        return isinstance(frame, protocol.Change)
    except metering.Flood:
        return False
    except Refusal as refusal:
        refuse(put, refusal, raw)
    except Exception:
        logger.exception("A frame could not be carried out.")
        refuse(put, FAILED, raw)
    return False


def refuse(put: Put, refusal: Refusal, raw: str | bytes | None) -> None:
    about = protocol.correlation(raw) if raw and len(raw) <= protocol.FRAME_BYTES else {}
    put(protocol.encode(protocol.refusal_frame(refusal, about)))


async def receive(admitted: Admitted, frame: protocol.ClientFrame, put: Put) -> None:
    """Carries out a frame. Raises `Refusal`. A change gets its response once stored, others before this returns."""
    profile, address = admitted.profile, admitted.address
    match frame:
        case protocol.Read():
            await threads.act(memberships.mark_read, profile.pk, frame.room, frame.number)
        case protocol.Typing():
            await typing(profile, frame)
        case protocol.History(thread=int(number)):
            await thread(profile, frame, number, put)
        case protocol.History():
            await history(profile, frame, put)
        case protocol.Join():
            await threads.act(memberships.join, profile, frame.room, address)
        case protocol.Leave():
            await threads.act(memberships.leave, profile, frame.room, address)
        case protocol.Probe():
            await probe(profile, put)
        case protocol.Sync():
            pass  # Another part's (`handle`).
        case _:
            change(profile, address, frame, put)


def change(profile: Profile, address: str, frame: protocol.Change, put: Put) -> None:
    wait = _posts.consume(profile.user_id)
    if wait:
        raise Refusal("too_fast.posts", retry_after=round(wait, 2))

    def report(outcome: Outcome) -> None:
        put(protocol.encode(_reply(frame, outcome)))

    node().journal.submit(_request(profile.user_id, address, frame), report)


def _request(profile_id: int, address: str, frame: protocol.Change) -> Request:
    match frame:
        case protocol.Post():
            original = Original(frame.forward.room, frame.forward.number) if frame.forward else None
            draft = Draft(profile_id, frame.client_id, frame.body, frame.room, frame.to, frame.reply_to, address)
            return draft._replace(forward=original)
        case protocol.Edit():
            return Edit(profile_id, frame.client_id, frame.room, frame.number, frame.sequence, frame.body)
        case protocol.Delete():
            return Delete(profile_id, frame.client_id, frame.room, frame.number)
        case protocol.Restore():
            return Restore(profile_id, frame.client_id, frame.room, frame.number)
        case protocol.React():
            # As Unicode recommends it: else one emoji would be counted as two.
            emoji = canonical(frame.emoji) or frame.emoji
            return React(profile_id, frame.client_id, frame.room, frame.number, emoji, frame.on)
        case protocol.Pin():
            return Pin(profile_id, frame.client_id, frame.room, frame.number, frame.on)
        case protocol.Save():
            return Save(profile_id, frame.client_id, frame.room, frame.number, frame.on)


async def probe(profile: Profile, put: Put) -> None:
    """Stores each probe by itself, without the journal's group commit: the rate limiter keeps them few."""
    wait = _probes.consume(profile.pk)
    if wait:
        raise Refusal("too_fast.probes", retry_after=round(wait, 2))
    put(protocol.encode(protocol.Probed(await threads.act(people.probe, profile))))


async def typing(profile: Profile, frame: protocol.Typing) -> None:
    """Notifies the room, at most every two seconds; extra frames are ignored and not an error of the client's."""
    if _typing.consume((profile.pk, frame.room)):
        return
    own = await threads.query(queries.own_room, profile.pk, frame.room)
    if own is None:
        raise refusals.not_a_member()
    await events.announce(events.audience(own.room), events.typing(own.room.pk, profile))


async def history(profile: Profile, frame: protocol.History, put: Put) -> None:
    page = await threads.query(queries.messages_before, profile.pk, frame.room, frame.before, frame.limit)
    if page is None:
        raise refusals.not_a_member()
    shown = _within_bounds(page.messages)
    gone = [one for one in page.gone if len(shown) == len(page.messages) or one[0] > shown[0].number]
    first = min([*(row.number for row in shown[:1]), *(one[0] for one in gone[:1])], default=1)
    messages = [rows.message_of(message, with_sequence=True) for message in shown]
    put(protocol.encode(protocol.HistoryPage(frame.room, messages, first > 1, gone or UNSET)))


async def thread(profile: Profile, frame: protocol.History, number: int, put: Put) -> None:
    found = await threads.query(queries.thread, profile.pk, frame.room, number, frame.before, frame.limit)
    if found is None:
        raise refusals.not_a_member()
    if not found.root:
        raise Refusal("no_such_message.change", number=number)
    shown = _within_bounds(found.messages)
    messages = [rows.message_of(message, with_sequence=True) for message in shown]
    has_more = found.has_more or len(shown) < len(found.messages)
    put(protocol.encode(protocol.HistoryPage(frame.room, messages, has_more, thread=found.root)))


def _within_bounds(page: list[Message]) -> list[Message]:
    """Returns as much of the end of a page as one frame may carry: at least one message."""
    room = HISTORY_CHARACTERS
    for index in range(len(page) - 1, -1, -1):
        room -= page[index].size
        if room < 0:
            return page[min(index + 1, len(page) - 1) :]
    return page


def _reply(frame: protocol.Change, outcome: Outcome) -> protocol.Ack | protocol.Error:
    if isinstance(outcome, Refusal):
        about = {"frame": str(frame.__struct_config__.tag), "client_id": frame.client_id}
        return protocol.refusal_frame(outcome, about)
    message, text = outcome.message, outcome.text
    return protocol.Ack(
        frame.client_id,
        outcome.room.id,
        message.number,
        outcome.sequence or message.changed,
        [rows.person(one) for one in text.absent],
        text.is_refused,
    )
