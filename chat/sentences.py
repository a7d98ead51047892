"""The sentence that each refusal shows to a person, by its name, in the language that is active when it is read."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext


def _(text: str) -> str:
    """Marks a text for translation. Django's `gettext_noop` reads the settings, whose modules import this one."""
    return text


SENTENCES = {
    # Access.
    "not_signed_in": _("You're not signed in."),
    "not_signed_in.any_more": _("You're not signed in anymore."),
    "not_signed_in.another": _("You're signed in as {nickname} now."),
    "forbidden.another_site": _("Pages of other sites can't do this."),
    "forbidden.forgery": _("This may have come from another site: {reason}"),
    "banned": _("You can't use this chat."),
    "banned.for": _("You can't use this chat. Reason: {reason}."),
    "banned.until": _("You can't use this chat until {until} UTC."),
    "banned.until_for": _("You can't use this chat until {until} UTC. Reason: {reason}."),
    "banned.unsent": _("You can't use this chat right now, so this wasn't sent."),
    "restarting": _("The site is restarting. Try again in a moment."),
    "unavailable": _("That didn't work. Try again in a moment."),
    "unavailable.unsent": _("Couldn't save your message. Try again in a moment."),
    "unavailable.sessions": _("This site can't list its sessions. Change the person's password instead."),
    # Nicknames and people.
    "bad_nickname.empty": _("Enter a nickname."),
    "bad_nickname.blank": _("Enter a nickname: spaces alone aren't enough."),
    "bad_nickname.too_long": _("Nicknames can have {most} characters at most; this one has {length}."),
    "bad_nickname.too_wide": _("This nickname is too long: some of its letters stand for whole words."),
    "bad_nickname.character": _(
        "Nicknames can't contain “{character}” here. Use letters, digits, spaces, - and _, and ' or · between letters."
    ),
    "bad_nickname.marks": _("Too many accents on one letter."),
    "bad_nickname.no_letter": _("A nickname needs at least one letter or digit."),
    "bad_nickname.mixed": _("“{nickname}” mixes letters that look alike ({scripts}). Use one alphabet."),
    "bad_nickname.reserved": _("“{nickname}” is reserved. Choose another nickname."),
    "bad_nickname.account": _("{nickname} has an account. You can only free a guest's nickname."),
    "bad_nickname.length": _("A nickname has 1 to {most} characters."),
    "bad_nickname.not_locked": _("“{nickname}” isn't locked."),
    "nickname_taken": _("“{nickname}” is already taken."),
    "nickname_taken.open": _(
        "“{nickname}” is an open name, for anyone who connects to its address. You can't join with it here."
    ),
    "nickname_taken.locked": _("“{nickname}” isn't available. Choose another nickname."),
    "nickname_taken.alike": _("“{nickname}” looks like “{other}”, which is already taken."),
    "is_here": _("{nickname} is online. End their sessions first."),
    "no_such_person": _("No one here is called “{nickname}”."),
    "bad_person.staff": _("{nickname} is on this site's staff. Remove those permissions from their user first."),
    "bad_language": _("Choose one of the languages listed."),
    # Rooms.
    "no_such_room": _("This room doesn't exist."),
    "no_such_room.at": _("There's no room at “{slug}”."),
    "no_such_room.between": _("{one} and {other} have no direct messages."),
    "not_a_member": _("You're not a member of this room."),
    "not_a_member.other": _("{nickname} isn't in “{room}”."),
    "title_taken": _("There's already a room called “{title}”."),
    "bad_topic": _("This topic would look empty. Leave it blank, or write something."),
    "bad_room.kind": _("A room is either public or private."),
    "bad_room.no_title": _("Give the room a name."),
    "bad_room.unseen_title": _("This name would look empty. Give the room a name people can see."),
    "bad_room.direct_leave": _("You can't leave a direct message."),
    "bad_room.direct_delete": _("You can't delete a direct message."),
    "bad_room.lobby": _("You can't delete the lobby: everyone who joins starts there."),
    "bad_room.public": _("This room is public. People join it themselves."),
    "bad_room.open_name": _("“{nickname}” is an open name, so anyone could read the room through it."),
    "forbidden.edit": _("Only the room's owner can change it."),
    "forbidden.remove": _("Only the room's owner can remove people."),
    "forbidden.remove_oneself": _("To remove yourself, leave the room."),
    "forbidden.add_again": _("{nickname} was removed from “{room}”. Only its owner can add them again."),
    "already_there": _("{nickname} is already in “{room}”."),
    "already_asked": _("{nickname} left this room and has already been asked to come back."),
    "already_asked.declined": _("{nickname} said no. You can ask again tomorrow."),
    "no_such_invitation": _("This invitation is no longer open."),
    # Messages.
    "no_such_message": _("Message {number} isn't in this room, so you can't reply to it."),
    "no_such_message.here": _("There's no message {number} in “{room}”."),
    "no_such_message.private": _("There's no message {number} in that direct message."),
    "no_such_message.change": _("There's no message {number} in this room."),
    "no_such_message.forward": _("There's no message {number} that you could forward from there."),
    "message_deleted": _("This message was deleted, so you can't edit it."),
    "message_deleted.react": _("This message was deleted, so you can't react to it."),
    "message_deleted.pin": _("This message was deleted, so you can't pin it."),
    "message_deleted.save": _("This message was deleted, so you can't save it."),
    "message_deleted.forward": _("This message was deleted, so you can't forward it."),
    "edited_meanwhile": _("You edited this message somewhere else meanwhile. Check both versions, then save again."),
    "forbidden.edit_message": _("You can only edit your own messages."),
    "forbidden.delete_message": _("You can only delete your own messages."),
    "forbidden.edit_forwarded": _("A forwarded message can't be edited: its words are someone else's."),
    "forbidden.pin": _("Only the room's owner can pin messages here."),
    "forbidden.pin_lobby": _("Messages can't be pinned in the lobby."),
    "forbidden.open_name": _("Messages under an open name can't be changed: anyone can use the name."),
    "too_late": _("It's too late to undo this: the message is gone."),
    "not_here": _("“{nickname}” isn't connected right now, and messages to open names aren't kept."),
    "empty_body": _("Write something first."),
    "empty_body.edit": _("A message can't be empty. To take it back, delete it."),
    "body_too_long": _("Messages can have {most:,} characters at most; this one is {over:,} over."),
    "bad_body": _("This message can't be saved: it contains characters the database doesn't take."),
    "bad_body.nul": _("Messages can't contain NUL characters."),
    "bad_emoji": _("“{emoji}” isn't an emoji."),
    # How much, and how often.
    "too_many.yours": _("You're in {most} rooms, which is the limit. Leave one to join another."),
    "too_many.theirs": _("{nickname} is in {most} rooms, which is the limit."),
    "too_many.owned": _("You own {most} rooms, which is the limit. Leave one to create another."),
    "too_many.invitations": _("{nickname} has {most} invitations to answer first."),
    "too_many_mentions": _("A message can mention {most} people at most."),
    "too_many_emoji": _("A message can have {most} different reactions. Use one that's there."),
    "too_many_reactions": _("This message has {most:,} reactions, which is the limit."),
    "too_many_pins": _("A room can have {most} pinned messages. Unpin one first."),
    "too_many_saved": _("You've saved {most:,} messages, which is the limit. Remove one first."),
    "too_many_connections": _("You already have {most} connections open. Close some of them."),
    "too_fast": _("That's too much at once. Wait {wait:.1f} s."),
    "too_fast.posts": _("You're sending too fast. Wait {wait:.1f} s."),
    "too_fast.probes": _("That's too many tests at once. Wait {wait:.1f} s."),
    "too_fast.pages": _("You're opening pages too fast. Wait {time} and try again."),
    "too_fast.address": _("Too many requests are coming from your address. Wait {time} and try again."),
    "too_fast.joining": _("Too many people are joining from your address. Wait {time} and try again."),
    "too_fast.returning": _("Too many connections are being opened from your address. Wait {time} and try again."),
    "too_fast.rooms": _("You're creating rooms too fast. Wait {time} and try again."),
    "too_fast.rooms_here": _("Too many rooms are being created from your address. Wait {time} and try again."),
    "too_fast.edits": _("You're changing rooms too often. Wait {time} and try again."),
    "too_fast.edits_here": _("Too many rooms are being changed from your address. Wait {time} and try again."),
    "too_fast.moves": _("You're joining and leaving rooms too fast. Wait {time} and try again."),
    "too_fast.moves_here": _(
        "Too many people are joining and leaving rooms from your address. Wait {time} and try again."
    ),
    "too_fast.adds": _("You're adding people too fast. Wait {time} and try again."),
    "too_fast.adds_here": _("Too many people are being added from your address. Wait {time} and try again."),
    "too_fast.added": _("This person is being added to too many rooms. Wait {time} and try again."),
    "too_fast.begins": _("You're messaging too many new people. Wait {time} and try again."),
    "too_fast.begins_here": _("Too many new people are being messaged from your address. Wait {time} and try again."),
    "too_fast.begun": _("Too many new people are messaging this person. Wait {time} and try again."),
    # Bans.
    "bad_network": _("“{network}” isn't an address or a network, such as 192.0.2.7 or 2001:db8::/32."),
    "bad_network.forgotten": _("We no longer know which address {nickname} came from."),
    "bad_ban.whom": _("A ban needs a person or a network."),
    "bad_ban.past": _("A ban has to end in the future."),
    "bad_ban.none": _("{whom} isn't banned."),
    # Frames and requests.
    "too_big.frame": _("A frame can have {most} KiB at most."),
    "too_big.message": _("A message can have {most} KiB at most."),
    "too_big.request": _("A request can have {most} KiB at most."),
    "too_big.frames": _("A request can have {most} frames at most."),
    "too_big.cursors": _("Cursors can name {most:,} rooms at most; these name {count:,}."),
    "too_long": _("This address is too long. Send the cursors in the body of a POST."),
    "bad_method": _("This address only takes {methods}."),
    "unknown_type": _("This server doesn't know frames of this type."),
    "bad_frame": _("We couldn't read this frame: {error}."),
    "bad_frame.json": _("This frame isn't valid JSON: {error}."),
    "bad_frame.binary": _("A frame is text; this was a binary message."),
    "bad_frame.to": _("A post names either a room or a person: send room or to, not both."),
    "bad_frame.forward": _("A forwarded message has no text of its own: its body is empty."),
    "bad_request": _("We couldn't read this request: {error}."),
    "bad_request.cursors": _("We couldn't read these cursors: {error}."),
    "bad_request.cursors_in_address": _("Cursors belong in the body of a POST: an address can't grow with your rooms."),
    "bad_request.probe": _("probe is the number of a probe, 0 or more."),
    "bad_request.wait": _("wait is a number of seconds from 0 to {most}."),
    # The simple wire.
    "bad_frame.binary_message": _("A message here is text; this was a binary one."),
    "bad_frame.private_json": _(
        "This looks like a direct message, but it isn't valid JSON, so it wasn't sent: {error}."
    ),
    "bad_frame.no_object": _(
        "This is JSON, but not an object. To say it to everyone, put a word beside it; to one person, send {example}."
    ),
    "bad_frame.no_to_user": _("“to_user” is missing: it says who it's for, as in {example}."),
    "bad_frame.to_user_no_text": _("“to_user” isn't text: it says who it's for, as in {example}."),
    "bad_frame.no_msg": _("“msg” is missing: it's what to say, as in {example}."),
    "bad_frame.msg_no_text": _("“msg” isn't text: it's what to say, as in {example}."),
}
"""The part before the dot is the code for programs; the rest distinguishes what a person should know."""


def sentence(name: str, values: Mapping[str, Any], wait: float | None) -> str:
    """Formats a refusal's sentence. `{wait}` is in seconds, `{time}` the same in words."""
    times = {} if wait is None else {"wait": wait, "time": in_words(math.ceil(wait))}
    shown = {key: _shown(value) for key, value in values.items()}
    return gettext(SENTENCES[name]).format_map({**shown, **times})


def in_words(seconds: int) -> str:
    if seconds < 120:
        return ngettext("{count} second", "{count} seconds", seconds).format(count=seconds)
    minutes = math.ceil(seconds / 60)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def _shown(value: Any) -> Any:
    return date_format(value, "DATETIME_FORMAT") if isinstance(value, datetime) else value
