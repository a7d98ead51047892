"""The simple wire's language: what its clients mean, and what they are told of the server's frames."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.refusals import Refusal
from chat.wire import protocol
from chat.wire.simple import Translator, parse

LOBBY = 7
DIRECT = 12


def refused(text: str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        parse(text, LOBBY)
    return refusal.value


# Lines of clients, and their meaning.


@pytest.mark.parametrize("text", ["hi", "你好", "{hello}", "{", "[half", '"half', "1 2", "NaN", "hi\nthere", " hi "])
def test_a_text_goes_to_the_lobby_as_it_came(text):
    post = parse(text, LOBBY)
    assert (post.room, post.to, post.body) == (LOBBY, None, text)


@pytest.mark.parametrize(
    "text",
    [
        '{"to_user":"alice","msg":"hi"}',
        ' {"msg": "hi", "to_user": "alice"}\n',
        '{"to_user":"alice","msg":"hi","sender":"mallory","type":"post","room":1}',
    ],
)
def test_an_object_goes_to_one_person_whatever_else_stands_in_it(text):
    post = parse(text, LOBBY)
    assert (post.room, post.to, post.body) == (None, "alice", "hi")


def test_what_would_be_json_is_said_in_private_as_it_came():
    assert parse('{"to_user":"alice","msg":"[1]"}', LOBBY).body == "[1]"


def test_each_post_has_a_name_of_its_own():
    assert parse("hi", LOBBY).client_id != parse("hi", LOBBY).client_id


@pytest.mark.parametrize("text", ["[]", '["hi"]', '"hi"', "42", "-1.5e3", "true", "null", " [1, 2] "])
def test_json_that_is_no_object_is_refused_and_says_how_to_go_on(text):
    refusal = refused(text)
    assert refusal.code == "bad_frame"
    assert "not an object" in refusal.detail
    assert '{"to_user": "alice", "msg": "hi"}' in refusal.detail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "“to_user” is missing"),
        ('{"msg":"hi"}', "“to_user” is missing"),
        ('{"to_user":"alice"}', "“msg” is missing"),
        ('{"to_user":null,"msg":"hi"}', "“to_user” isn't text"),
        ('{"to_user":7,"msg":"hi"}', "“to_user” isn't text"),
        ('{"to_user":["alice"],"msg":"hi"}', "“to_user” isn't text"),
        ('{"to_user":"alice","msg":{"a":1}}', "“msg” isn't text"),
        ('{"to_user":"alice","msg":""}', "Write something first."),
        ('{"to_user":"alice","msg":" \\n"}', "Write something first."),
        ('{"to_user":"alice","msg":"\\u3164"}', "Write something first."),
        ('{"to_user":"alice","msg":"a\\u0000b"}', "NUL"),
    ],
)
def test_an_object_that_lacks_something_is_refused_in_words(text, says):
    assert says in refused(text).detail


@pytest.mark.parametrize("length", [129, 60_000])
def test_a_name_that_nobody_can_have_is_nobodys(length):
    refusal = refused(json.dumps({"to_user": "a" * length, "msg": "hi"}))
    assert refusal.code == "no_such_person"
    assert len(refusal.detail) < 120


@pytest.mark.parametrize(
    "text",
    [
        """{'to_user': 'alice', 'msg': 'hi'}""",
        '{"to_user":"alice","msg":"hi"',
        '{"to_user":"alice","msg":"hi",}',
        ' {to_user: "alice", msg: "hi"}',
        '{"to_user":"alice","msg":"\\ud800"}',
    ],
)
def test_a_private_message_with_a_slip_in_it_is_not_told_to_everybody(text):
    refusal = refused(text)
    assert refusal.code == "bad_frame"
    assert "it wasn't sent" in refusal.detail


@pytest.mark.parametrize(("text", "code"), [("", "empty_body"), ("  ", "empty_body"), ("\u200b", "empty_body"),
                                            ("a" * 10_001, "body_too_long"), ("聊" * 22_000, "too_big"),
                                            ("[" * 65_537, "too_big")])  # fmt: skip
def test_what_no_message_can_be_is_refused(text, code):
    assert refused(text).code == code


@given(st.text(max_size=200) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9),
                                            lambda part: st.lists(part) | st.dictionaries(st.text(max_size=9), part),
                                            max_leaves=9).map(json.dumps))  # fmt: skip
def test_whatever_comes_is_a_post_or_refused_with_a_sentence(text):
    try:
        outcome = parse(text, LOBBY)
    except Refusal as refusal:
        outcome = refusal
    if isinstance(outcome, Refusal):
        assert outcome.detail.endswith(".")
    else:
        assert isinstance(outcome, protocol.Post)
        assert outcome.room == LOBBY or outcome.to is not None


# Events, and the lines that clients get.


ALICE, BOB = protocol.Person(1, "alice", open=True), protocol.Person(2, "bob")


def message(number: int, body: str = "hi", sender: protocol.Person = BOB, room: int = LOBBY, **fields: object) -> str:
    sent_at = datetime(2026, 11, 22, tzinfo=UTC)
    sent = protocol.Message(number=number, sender=sender, body=body, sent_at=sent_at, client_id="c", **fields)
    return protocol.encode(protocol.MessageFrame(room, number - 1, number, sent)).decode()


def hello(count: int) -> str:
    room = protocol.RoomSummary(
        id=LOBBY, slug="lobby", kind="public", title="Lobby", topic="", url="/rooms/lobby/", sequence=count,
        message_count=count, read_number=0,
    )  # fmt: skip
    return protocol.encode(protocol.Hello(protocol.You(ALICE.id, ALICE.nickname, "open"), [room])).decode()


@pytest.fixture
def translator() -> Translator:
    """Alice's, who came when five messages stood in the lobby."""
    translator = Translator(ALICE.id)
    assert translator.translate(hello(5)) == []
    return translator


def test_what_others_say_is_told_with_their_name(translator):
    assert translator.translate(message(6, 'say "你好"')) == ['{"sender":"bob","msg":"say \\"你好\\""}']


def test_many_frames_of_one_message_are_told_one_by_one_and_in_their_order(translator):
    lines = "\n".join(message(number, str(number)) for number in (6, 7, 8))
    said = [json.loads(text)["msg"] for text in translator.translate(lines)]
    assert said == ["6", "7", "8"]


def test_ones_own_words_do_not_come_back(translator):
    assert translator.translate(message(6, sender=ALICE)) == []


def test_what_was_said_before_and_what_is_changed_later_is_not_told(translator):
    assert translator.translate(message(5)) == []
    assert len(translator.translate(message(6))) == 1
    assert translator.translate(message(6, "changed", edited_at=datetime(2026, 11, 22, tzinfo=UTC))) == []
    assert translator.translate(message(7, "", deleted_at=datetime(2026, 11, 22, tzinfo=UTC))) == []


def test_a_room_that_came_later_is_told_from_its_first_message(translator):
    assert len(translator.translate(message(1, room=DIRECT))) == 1
    assert len(translator.translate(message(6))) == 1


def test_errors_are_told_as_sentences(translator):
    error = protocol.refusal_frame(Refusal("no_such_person", nickname="x"), {"client_id": "c"})
    assert translator.translate(protocol.encode(error).decode()) == ['{"error":"No one here is called “x”."}']


@pytest.mark.parametrize(
    "frame",
    [
        protocol.Ack("c", LOBBY, 6, 6),
        protocol.Synced({LOBBY: 6}),
        protocol.ReadFrame(LOBBY, 6),
        protocol.TypingFrame(LOBBY, "bob"),
        protocol.Presence(room=LOBBY, count=1, members=1, here=["bob"]),
        protocol.Removed(LOBBY),
        protocol.Reset(LOBBY),
    ],
)
def test_of_everything_else_nothing_is_told(translator, frame):
    assert translator.translate(protocol.encode(frame).decode()) == []
    assert translator.translate('{"type":"of the future"}') == []
