"""The knowledge of a page: cursors, views and an outbox, moved by the frames that it is given. No network in it."""

import asyncio
import time
from collections import Counter, deque
from itertools import count
from typing import Any

from tests.delivery.canaries import Canary
from tests.delivery.population import Account
from tests.delivery.records import FAIL, OK, Change, Entry, Post, Reaction, Sight, View

LATER = {"unavailable", "too_fast"}
"""Refusals that are no answer: the post stays in the outbox."""


class Page:
    """Writes down all it sends and sees.

    A cursor is the sequence of the room's last frame, or what `synced` says. A change that doesn't follow is written
    down: nothing may be left out, come twice or out of order, whatever the transport.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.outbox: deque[Entry] = deque()
        self.posts: list[Post] = []
        self.changes: list[Change] = []
        self.reactions: list[Reaction] = []
        self.cursors: dict[int, int] = {}
        self.views: dict[int, View] = {}
        self.errors: Counter[str] = Counter()
        self.canaries: set[Canary] = set()
        self.removals: list[int] = []
        """The rooms that it was told of that its person is in them no more."""
        self._news = asyncio.Event()
        self._answer: asyncio.Future[dict] | None = None
        self._turns = count(1)
        self._versions: dict[tuple[int, int], int] = {}
        """The last sequence of own messages by room and number, according to acks."""

    @property
    def name(self) -> str:
        return self.account.nickname

    def post(self, room: int, body: str) -> Post:
        post = Post(self.name, f"{self.name}-{next(self._turns)}", room, body, time.monotonic())
        self.posts.append(post)
        self.outbox.append(post)
        self._news.set()
        return post

    def change(self, post: Post, kind: str, body: str = "") -> Change:
        """Changes an own message that was acknowledged."""
        client_id = f"{self.name}-c{next(self._turns)}"
        change = Change(self.name, client_id, post.room, post.number, kind, body, time.monotonic())
        self.changes.append(change)
        self.outbox.append(change)
        self._news.set()
        return change

    def react(self, room: int, number: int, emoji: str, *, on: bool) -> Reaction:
        """Puts an emoji on any message, or takes its own away."""
        client_id = f"{self.name}-r{next(self._turns)}"
        reaction = Reaction(self.name, client_id, room, number, emoji, on, time.monotonic())
        self.reactions.append(reaction)
        self.outbox.append(reaction)
        self._news.set()
        return reaction

    def frame_of(self, entry: Entry) -> dict[str, Any]:
        frame = {"room": entry.room, "client_id": entry.client_id}
        if isinstance(entry, Post):
            return {"type": "post", "body": entry.body, **frame}
        if isinstance(entry, Reaction):
            return {"type": "react", "number": entry.number, "emoji": entry.emoji, "on": entry.on, **frame}
        frame |= {"type": entry.kind, "number": entry.number}
        if entry.kind == "delete":
            return frame
        return {"body": entry.body, "sequence": self._version(entry.room, entry.number), **frame}

    def _version(self, room: int, number: int) -> int:
        """Of the last version that it has heard of."""
        seen = self.views[room].messages.get(number)
        return max(self._versions.get((room, number), 0), seen.sequence if seen else 0)

    def take(self, frame: dict[str, Any]) -> None:
        take = getattr(self, f"_take_{frame['type']}", None)
        if take:
            take(frame)

    def _take_hello(self, frame: dict[str, Any]) -> None:
        for room in frame["rooms"]:
            self._know(room)
        for gone in self.cursors.keys() - {room["id"] for room in frame["rooms"]}:
            self._take_removed({"room": gone})

    def _take_room(self, frame: dict[str, Any]) -> None:
        self._know(frame["room"])

    def _know(self, room: dict[str, Any]) -> None:
        self.cursors.setdefault(room["id"], room["sequence"])
        self.views.setdefault(room["id"], View(room["message_count"]))

    def _take_removed(self, frame: dict[str, Any]) -> None:
        self.removals.append(frame["room"])
        self.cursors.pop(frame["room"], None)

    def _take_reset(self, frame: dict[str, Any]) -> None:
        self.errors["reset"] += 1
        self.cursors[frame["room"]] = 0

    def _take_message(self, frame: dict[str, Any]) -> None:
        room, sequence = frame["room"], frame["sequence"]
        view = self.views.setdefault(room, View())
        view.see(Sight.of(frame["message"], sequence))
        cursor = self.cursors.get(room, 0)
        self.cursors[room] = sequence
        if frame["after"] != cursor:
            view.skips.append((cursor, sequence))

    def _take_synced(self, frame: dict[str, Any]) -> None:
        for room, sequence in frame["rooms"].items():
            self.cursors[int(room)] = sequence

    def _take_ack(self, frame: dict[str, Any]) -> None:
        self._settle(frame, OK)

    def _take_error(self, frame: dict[str, Any]) -> None:
        self.errors[frame["code"]] += 1
        if frame.get("frame") in {"post", "edit", "delete", "react"} and frame["code"] not in LATER:
            self._settle(frame, FAIL)
        elif self.outbox and frame.get("client_id") == self.outbox[0].client_id:
            self._tell(frame)

    def _settle(self, frame: dict[str, Any], outcome: str) -> None:
        if self.outbox and self.outbox[0].client_id == frame["client_id"]:
            entry = self.outbox.popleft()
            entry.outcome, entry.answered_at = outcome, time.monotonic()
            if outcome == OK:
                self._versions[entry.room, frame["number"]] = frame["sequence"]
            if isinstance(entry, Post):
                entry.number = frame.get("number", 0)
            else:
                entry.sequence = frame.get("sequence", 0)
            self._tell(frame)

    def _tell(self, frame: dict[str, Any]) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(frame)
