"""The sentence that each refusal shows to a person, by its name. It is formatted only when it is read."""

import math
from collections.abc import Mapping
from typing import Any

SENTENCES = {
    # Access.
    "not_signed_in": "You are not signed in.",
    "not_signed_in.any_more": "You are not signed in any more.",
    "not_signed_in.another": "It is {nickname} who is signed in now.",
    "forbidden.another_site": "Pages of other sites may not do this.",
    "forbidden.forgery": "This may have come from another site: {reason}",
    "banned": "You can't use this chat.",
    "banned.for": "You can't use this chat. Reason: {reason}.",
    "banned.until": "You can't use this chat until {until:%-d %B %Y, %H:%M} UTC.",
    "banned.until_for": "You can't use this chat until {until:%-d %B %Y, %H:%M} UTC. Reason: {reason}.",
    "banned.unsent": "You can't use this chat now, so this was not sent.",
    "restarting": "The site is restarting. Come back in a moment.",
    "unavailable": "That did not work just now. Try again in a moment.",
    "unavailable.unsent": "Messages cannot be stored right now. Try again in a moment.",
    "unavailable.sessions": (
        "This site's sessions are not kept where they can be listed. Change the person's password instead."
    ),
    # Nicknames and people.
    "bad_nickname.empty": "Type a nickname.",
    "bad_nickname.blank": "Type a nickname: spaces alone are not one.",
    "bad_nickname.too_long": "A nickname may have {most} characters; this one has {length}.",
    "bad_nickname.too_wide": "This nickname is too long: some of its letters stand for whole words.",
    "bad_nickname.character": (
        "A nickname has letters, digits, spaces, - and _ only, and ' or · between letters: “{character}” cannot stand"
        " there."
    ),
    "bad_nickname.marks": "A nickname has letters, not towers of marks.",
    "bad_nickname.no_letter": "A nickname needs at least one letter or digit.",
    "bad_nickname.mixed": (
        "“{nickname}” mixes letters that are easily confused ({scripts}): write it in one alphabet."
    ),
    "bad_nickname.reserved": "“{nickname}” is reserved; choose another nickname.",
    "bad_nickname.account": "{nickname} has an account: only the name of a guest can be freed.",
    "bad_nickname.length": "A nickname has 1 to {most} characters.",
    "bad_nickname.not_locked": "“{nickname}” is not locked.",
    "nickname_taken": "“{nickname}” is taken by somebody else.",
    "nickname_taken.open": (
        "“{nickname}” is an open name, for whoever connects to its address: nobody can join with it here."
    ),
    "nickname_taken.locked": "“{nickname}” is kept free. Choose another nickname.",
    "nickname_taken.alike": "“{nickname}” looks like “{other}”, which is taken.",
    "is_here": "{nickname} is here now. End their sessions first.",
    "no_such_person": "Nobody here is called “{nickname}”.",
    "bad_person.staff": "{nickname} looks after this site: take these rights from their user first.",
    # Rooms.
    "no_such_room": "There is no such room.",
    "no_such_room.at": "There is no room at “{slug}”.",
    "no_such_room.between": "{one} and {other} have no private room.",
    "not_a_member": "You are not a member of this room.",
    "not_a_member.other": "{nickname} is not in “{room}”.",
    "title_taken": "There is a room “{title}” already.",
    "bad_topic": "Nothing of this topic can be seen. Leave it empty, or write something.",
    "bad_room.kind": "A room is public or private.",
    "bad_room.no_title": "A room needs a title.",
    "bad_room.unseen_title": "A room needs a title that can be seen.",
    "bad_room.direct_leave": "The private room of two people cannot be left.",
    "bad_room.direct_delete": "The private room of two people cannot be deleted.",
    "bad_room.lobby": "The lobby cannot be deleted: everybody who joins comes into it.",
    "bad_room.public": "People join public rooms by themselves.",
    "bad_room.open_name": "“{nickname}” is an open name: anybody could read the room by way of it.",
    "forbidden.edit": "Only the owner of a room may change it.",
    "forbidden.remove": "Only the owner of a room may remove people.",
    "forbidden.remove_oneself": "To go yourself, leave the room.",
    "forbidden.add_again": "{nickname} was removed from “{room}”: only its owner may add them again.",
    "already_there": "{nickname} is in “{room}” already.",
    "already_asked": "{nickname} has left this room, and was asked already whether to come back.",
    "already_asked.declined": "{nickname} has said no. Ask again tomorrow.",
    "no_such_invitation": "This invitation is not open any more.",
    # Messages.
    "no_such_message": "There is no message {number} in this room to reply to.",
    "no_such_message.here": "There is no message {number} in “{room}”.",
    "no_such_message.private": "There is no message {number} in that private room.",
    "not_here": "Nobody is connected as “{nickname}” now, and words for that name are not kept.",
    "empty_body": "A message needs some text that can be seen.",
    "body_too_long": "A message may have {most:,} characters; this one has {over:,} more.",
    "bad_body": "This cannot be stored: it has characters that the database does not take.",
    "bad_body.nul": "A message may not contain NUL characters.",
    # How much, and how often.
    "too_many.yours": "You are in {most} rooms. Leave one to go into another.",
    "too_many.theirs": "{nickname} is in {most} rooms: nobody can be in more.",
    "too_many.owned": "You own {most} rooms. Leave one to make another.",
    "too_many.invitations": "{nickname} has {most} invitations to answer first.",
    "too_many_connections": "You have {most} connections open already. Close some of them.",
    "too_fast": "That is too much at once. Wait {wait:.1f} s.",
    "too_fast.posts": "You write faster than can be read. Wait {wait:.1f} s.",
    "too_fast.probes": "That is too many trials at once. Wait {wait:.1f} s.",
    "too_fast.pages": "You open pages faster than they can be made. Wait {time} and try again.",
    "too_fast.address": "Too much is asked for from your address. Wait {time}.",
    "too_fast.joining": "Too many people are joining from your address. Wait {time} and try again.",
    "too_fast.returning": "Too many connections are being opened from your address. Wait {time} and try again.",
    "too_fast.rooms": "You are making rooms too fast. Wait {time} and try again.",
    "too_fast.rooms_here": "Too many rooms are being made from your address. Wait {time} and try again.",
    "too_fast.edits": "You are changing rooms too often. Wait {time} and try again.",
    "too_fast.edits_here": "Too many rooms are being changed from your address. Wait {time} and try again.",
    "too_fast.moves": "You are joining and leaving rooms too fast. Wait {time} and try again.",
    "too_fast.moves_here": (
        "Too many people are joining and leaving rooms from your address. Wait {time} and try again."
    ),
    "too_fast.adds": "You are adding people too fast. Wait {time} and try again.",
    "too_fast.adds_here": "Too many people are being added from your address. Wait {time} and try again.",
    "too_fast.added": "This person is being added to too many rooms. Wait {time} and try again.",
    "too_fast.begins": "You are writing to too many new people. Wait {time} and try again.",
    "too_fast.begins_here": "Too many new people are being written to from your address. Wait {time} and try again.",
    "too_fast.begun": "Too many new people are writing to this person. Wait {time} and try again.",
    # Bans.
    "bad_network": "“{network}” is no address or network, such as 192.0.2.7 or 2001:db8::/32.",
    "bad_network.forgotten": "It is not known any more from where {nickname} came.",
    "bad_ban.whom": "A ban needs a person or a network.",
    "bad_ban.past": "A ban must end in the future.",
    "bad_ban.none": "{whom} is not banned.",
    # Frames and requests.
    "too_big.frame": "A frame may be {most} KiB at most.",
    "too_big.message": "A message may be {most} KiB at most.",
    "too_big.request": "A request may have {most} KiB at most.",
    "too_big.frames": "A request may have {most} frames at most.",
    "too_big.cursors": "Cursors may name {most:,} rooms at most; these name {count:,}.",
    "too_long": "This address is too long. Send the cursors in the body of a POST.",
    "bad_method": "This address takes {methods} alone.",
    "unknown_type": "This server does not know frames of this type.",
    "bad_frame": "The frame was not understood: {error}.",
    "bad_frame.json": "The frame is not valid JSON: {error}.",
    "bad_frame.binary": "A frame is text; this was a binary message.",
    "bad_frame.to": "A post names either a room or a person: give room or to, not both.",
    "bad_request": "The request was not understood: {error}.",
    "bad_request.cursors": "The cursors were not understood: {error}.",
    "bad_request.cursors_in_address": "Cursors belong in the body of a POST: an address may not grow with your rooms.",
    "bad_request.probe": "probe is the number of a probe, 0 or more.",
    "bad_request.wait": "wait is a number of seconds from 0 to {most}.",
    # The simple wire.
    "bad_frame.binary_message": "A message here is text; this was a binary one.",
    "bad_frame.private_json": (
        "This looks like a private message, but it is not valid JSON, so nobody was told: {error}."
    ),
    "bad_frame.no_object": (
        "This is JSON, but not an object. To say it to everybody, put a word beside it; to one person, send {example}."
    ),
    "bad_frame.no_to_user": "“to_user” is missing: it says whom it is for, as in {example}.",
    "bad_frame.to_user_no_text": "“to_user” is not a text: it says whom it is for, as in {example}.",
    "bad_frame.no_msg": "“msg” is missing: it says what to say, as in {example}.",
    "bad_frame.msg_no_text": "“msg” is not a text: it says what to say, as in {example}.",
}
"""The part before the dot is the code for programs; the rest distinguishes what a person should know."""


def sentence(name: str, values: Mapping[str, Any], wait: float | None) -> str:
    """Formats a refusal's sentence. `{wait}` is in seconds, `{time}` the same in words."""
    times = {} if wait is None else {"wait": wait, "time": in_words(math.ceil(wait))}
    return SENTENCES[name].format_map({**values, **times})


def in_words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    return f"{math.ceil(seconds / 60)} minutes"
