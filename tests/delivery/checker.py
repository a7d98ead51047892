"""Compares what people sent and saw with what is stored. Pure: it knows neither servers nor sockets.

The rooms as a fresh page load shows them are the truth. Each flaw is a sentence about one message, under one word:

- lost: acknowledged, and not stored; or stored, and missing in the view of somebody who was there; a change that was
  refused without a reason, or that an older text has taken the place of
- doubled: one post under two numbers
- unexpected: seen or stored, and never sent; refused, and stored all the same; seen, and not stored
- reordered: a room with a gap, a number that held two messages, a change passed on before those it follows, or one
  person's posts in another order than they were sent
- false ack: acknowledged under a number that is another message's, or as a later version than there is
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

from tests.delivery.records import FAIL, INFO, OK, Change, History, Reaction, Sight

T = TypeVar("T")

WORDS = ("lost", "doubled", "unexpected", "reordered", "false ack")


def check(history: History) -> dict[str, list[str]]:
    """The flaws by word; a word without flaws is not there."""
    flaws = defaultdict(list)
    _check_posts(history, flaws)
    _check_reactions(history, flaws)
    for room, stored in history.rooms.items():
        _check_room(room, stored, flaws)
    for (client, room), view in history.views.items():
        _check_view(f"{client} in {room}", view, history.rooms[room], flaws)
    return dict(flaws)


def _check_posts(history: History, flaws: dict[str, list[str]]) -> None:
    stored = {(sight.sender, sight.client_id): sight for room in history.rooms.values() for sight in room}
    sent = {(post.sender, post.client_id): post for post in history.posts}
    for key, post in sent.items():
        sight = stored.get(key)
        if post.outcome == OK and sight is None:
            flaws["lost"].append(f"{key} was acknowledged as {post.number} and is not stored")
        elif post.outcome == OK and sight.number != post.number:
            flaws["false ack"].append(f"{key} was acknowledged as {post.number} and is {sight.number}")
        elif post.outcome == FAIL and sight:
            flaws["unexpected"].append(f"{key} was refused and is stored as {sight.number}")
    changed = defaultdict(list)
    for change in history.changes:
        changed[change.sender, change.room, change.number].append(change)
    for key, sight in stored.items():
        post = sent.get(key)
        changes = changed[post.sender, post.room, sight.number] if post else []
        if post is None or sight.body not in {post.body, *(change.body for change in changes)}:
            flaws["unexpected"].append(f"{key} is stored and was not sent like that")
        elif sight.body not in _last(post.body, ((change.outcome, change.body) for change in changes)):
            flaws["lost"].append(f"{key} is stored with an older text than was acknowledged")
        _check_changes(sight, changes, flaws)


def _last(first: T, made: Iterable[tuple[str, T]]) -> set[T]:
    """What may be the last: after the request that was acknowledged last, or a later one of unknown fate.

    `made` has the outcome of each request, and what it asked for.
    """
    possible = {first}
    for outcome, wanted in made:
        if outcome == OK:
            possible = {wanted}
        elif outcome == INFO:
            possible.add(wanted)
    return possible


def _check_changes(sight: Sight, changes: list[Change], flaws: dict[str, list[str]]) -> None:
    may_be_deleted = False
    for change in changes:
        if change.outcome == OK and change.sequence > sight.sequence:
            flaws["false ack"].append(f"{change} was acknowledged and {sight} is older")
        if change.outcome == FAIL and not may_be_deleted:
            flaws["lost"].append(f"{change} was refused")
        may_be_deleted = may_be_deleted or change.kind == "delete"


def _check_reactions(history: History, flaws: dict[str, list[str]]) -> None:
    stored = {(room, sight.number): sight for room, sights in history.rooms.items() for sight in sights}
    turns: dict[tuple[int, int, str, str], list[Reaction]] = defaultdict(list)
    for one in history.reactions:
        turns[one.room, one.number, one.sender, one.emoji].append(one)
    expected = defaultdict(set)
    for (room, number, sender, emoji), made in turns.items():
        sight = stored.get((room, number))
        is_deleted = sight is not None and not sight.body
        if sight is None or is_deleted:
            continue
        if refused := [one for one in made if one.outcome == FAIL]:
            flaws["lost"].append(f"{refused[0]} was refused")
        key = (emoji, history.ids[sender])
        is_there = key in sight.reactions
        if is_there not in _last(False, ((one.outcome, one.on) for one in made)):
            flaws["lost"].append(f"{made[-1]} was acknowledged and {sight} is otherwise")
        if is_there:
            expected[room, number].add(key)
    for place, sight in stored.items():
        for emoji, person in sight.reactions - expected[place]:
            flaws["unexpected"].append(f"{emoji} of {person} is on {sight} and was never sent")


def _check_room(room: int, stored: list[Sight], flaws: dict[str, list[str]]) -> None:
    numbers = [sight.number for sight in stored]
    if numbers != list(range(1, len(numbers) + 1)):
        flaws["reordered"].append(f"room {room} is not numbered 1 to {len(numbers)} without a gap")
    places: dict[tuple[str, str], int] = {}
    by_sender = defaultdict(list)
    for sight in stored:
        key = sight.sender, sight.client_id
        if key in places:
            flaws["doubled"].append(f"{key} is stored as {places[key]} and {sight.number}")
        places[key] = sight.number
        by_sender[sight.sender].append(int(sight.client_id.rpartition("-")[2]))
    for sender, turns in by_sender.items():
        flaws_of_order = [f"{sender} in room {room}: {a} stands before {b}" for a, b in pairwise(turns) if a > b]
        if flaws_of_order:
            flaws["reordered"] += flaws_of_order


def _check_view(whose: str, view, stored: list[Sight], flaws: dict[str, list[str]]) -> None:
    truth = {sight.number: sight for sight in stored if sight.number > view.start}
    for number in truth.keys() - view.messages.keys():
        flaws["lost"].append(f"{whose} did not see {number}")
    for number, sight in view.messages.items():
        if number > view.start and number not in truth:
            flaws["unexpected"].append(f"{whose} saw {number}, which is not stored")
        elif number in truth and truth[number] != sight:
            flaws["reordered"].append(f"{whose} saw {sight}, stored is {truth[number]}")
    seen = defaultdict(set)
    for number, sight in view.messages.items():
        seen[sight.sender, sight.client_id].add(number)
    for key, numbers in seen.items():
        if len(numbers) > 1:
            flaws["doubled"].append(f"{whose} saw {key} as {sorted(numbers)}")
    flaws_of_order = [f"{whose} saw {known}, then {other}" for known, other in view.changed]
    flaws_of_order += [f"{whose} had all to {cursor} and was given {sequence}" for cursor, sequence in view.skips]
    if flaws_of_order:
        flaws["reordered"] += flaws_of_order
