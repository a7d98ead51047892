"""The parser and the encoder of wire version 2, against one golden example of every frame in `tests/frames/`."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.refusals import Refusal
from chat.wire import protocol
from chat.wire.protocol import BODY_LENGTH, FRAME_BYTES, Message, RoomSummary, correlation, parse

FRAMES = Path(__file__).parents[1] / "frames"
CODES = {"too_big", "unknown_type", "bad_frame", "bad_body", "body_too_long", "empty_body"}

BOB = protocol.Person(3, "bob")
ALICE = protocol.Person(12, "爱丽丝")
ROBIN = protocol.Person(19, "robin", open=True)
LOBBY = RoomSummary(
    id=7, slug="lobby", kind="public", title="Lobby", topic="Everybody is here. Say hello!", url="/rooms/lobby/",
    sequence=44, message_count=40, read_number=38,
)  # fmt: skip
DIRECT = RoomSummary(
    id=12, slug=None, kind="direct", title="爱丽丝", topic="", url="/people/%E7%88%B1%E4%B8%BD%E4%B8%9D/",
    sequence=3, message_count=3, read_number=3, other=ALICE,
)  # fmt: skip
PLAIN = Message(
    number=40, sender=ALICE, body="<b>hi</b>", sent_at=datetime(2026, 11, 22, 17, 59, 59, tzinfo=UTC),
    client_id="c-0000", sequence=44,
)  # fmt: skip
LINKED = Message(
    number=41, sender=BOB, body="See https://example.org", client_id="c-0001", reply_to=12,
    sent_at=datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=UTC),
    html='See <a href="https://example.org" rel="noopener noreferrer nofollow" target="_blank">https://example.org</a>',
)  # fmt: skip

FROM_CLIENT = {
    "sync": protocol.Sync({7: 41, 12: 0}),
    "post": protocol.Post(
        client_id="5f1c8a52-9d0b-4a6e-8a5e-0c1f3f0f6a11",
        body="你好, lobby!\nSee https://example.org",
        room=7,
        reply_to=12,
    ),
    "post_to": protocol.Post(client_id="c-0001", body="Only for you.", to="Ａlice"),
    "read": protocol.Read(7, 41),
    "typing": protocol.Typing(7),
    "history": protocol.History(7, before=41, limit=50),
    "join": protocol.Join("中文-聊天"),
    "leave": protocol.Leave(7),
    "probe": protocol.Probe(),
}
FROM_SERVER = {
    "hello": protocol.Hello(protocol.You(3, "bob", "guest"), [LOBBY, DIRECT]),
    "ack": protocol.Ack("c-0001", 7, 41, 45),
    "message": protocol.MessageFrame(7, 44, 45, LINKED),
    "message_open": protocol.MessageFrame(
        7, 43, 44, msgspec.structs.replace(PLAIN, sender=ROBIN, sequence=msgspec.UNSET)
    ),
    "synced": protocol.Synced({7: 45, 12: 3}),
    "reset": protocol.Reset(7),
    "history": protocol.HistoryPage(7, [PLAIN, msgspec.structs.replace(LINKED, sequence=45)], True),
    "history_gone": protocol.HistoryPage(7, [msgspec.structs.replace(PLAIN, number=4)], False, [(1, 3), (5, 5)]),
    "read": protocol.ReadFrame(7, 41),
    "typing": protocol.TypingFrame(7, ALICE),
    "presence": protocol.Presence(room=7, count=2, members=3, here=[BOB, ALICE]),
    "presence_private": protocol.Presence(room=8, count=1, members=2, here=[BOB], away=[ALICE]),
    "presence_open": protocol.Presence(room=7, count=1, members=3, here=[ROBIN]),
    "room_open": protocol.RoomFrame(msgspec.structs.replace(DIRECT, title="robin", url="/people/robin/", other=ROBIN)),
    "room": protocol.RoomFrame(
        msgspec.structs.replace(LOBBY, topic="", read_number=msgspec.UNSET),
    ),
    "removed": protocol.Removed(8),
    "renamed": protocol.Renamed(7, protocol.Person(3, "bob left")),
    "probed": protocol.Probed(17),
    "probe": protocol.ProbeFrame(17),
    "handshake": protocol.Handshake(
        "dGhlIHNhbXBsZSBub25jZQ==",
        [("host", "chat.example.org"), ("upgrade", "websocket"), ("sec-websocket-version", "13")],
    ),
    "traffic": protocol.Traffic(received=424, sent=1742),
    "error": protocol.refusal_frame(
        Refusal("too_fast.posts", retry_after=0.5),
        {"frame": "post", "client_id": "c-0001"},
    ),
}


def golden(direction: str, name: str) -> bytes:
    return (FRAMES / direction / f"{name}.json").read_bytes().removesuffix(b"\n")


def post(**fields: object) -> str:
    """A post frame as a client would send it, with some fields otherwise; None leaves one out."""
    frame = {"type": "post", "client_id": "c-1", "body": "hi", "room": 7, **fields}
    return json.dumps({key: value for key, value in frame.items() if value is not None}, ensure_ascii=False)


def refused(raw: str | bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(raw)
    refusal = caught.value
    assert refusal.code in CODES
    assert refusal.detail.strip()
    assert refusal.detail.endswith(".")
    assert len(refusal.detail) <= 300
    return refusal


# The golden examples.


@pytest.mark.parametrize("name", FROM_CLIENT)
def test_a_golden_client_frame_is_understood(name):
    assert parse(golden("client", name)) == FROM_CLIENT[name]
    assert parse(golden("client", name).decode()) == FROM_CLIENT[name]


@pytest.mark.parametrize("name", FROM_SERVER)
def test_a_server_frame_is_encoded_exactly_as_its_golden_example(name):
    assert protocol.encode(FROM_SERVER[name]) == golden("server", name)


@pytest.mark.parametrize(
    ("direction", "union", "examples"),
    [("client", protocol.ClientFrame, FROM_CLIENT), ("server", protocol.ServerFrame, FROM_SERVER)],
)
def test_no_frame_type_lacks_its_example(direction, union, examples):
    tags = {frame.__struct_config__.tag for frame in union.__args__}
    shown = {json.loads(path.read_bytes())["type"] for path in (FRAMES / direction).iterdir()}
    assert shown == tags
    assert {path.stem for path in (FRAMES / direction).iterdir()} == set(examples)


@pytest.mark.parametrize("name", FROM_SERVER)
def test_a_server_frame_is_one_line(name):
    assert b"\n" not in protocol.encode(FROM_SERVER[name])


def test_several_frames_are_a_line_each():
    frames = [FROM_SERVER["ack"], FROM_SERVER["message"], FROM_SERVER["reset"]]
    assert protocol.lines(frames).split(b"\n") == [protocol.encode(frame) for frame in frames]


def test_a_line_end_in_a_body_does_not_end_the_frame():
    message = msgspec.structs.replace(PLAIN, body="one\ntwo\r\u2028three")
    line = protocol.encode(protocol.MessageFrame(7, 43, 44, message))
    assert b"\n" not in line
    assert json.loads(line)["message"]["body"] == "one\ntwo\r\u2028three"


def test_an_error_about_nothing_that_could_be_read_names_nothing():
    frame = protocol.refusal_frame(Refusal("banned"), {})
    assert protocol.encode(frame) == b'{"type":"error","code":"banned","detail":"You can\'t use this chat."}'


def test_a_wait_of_zero_is_told():
    frame = protocol.refusal_frame(Refusal("too_fast", retry_after=0.0), {})
    assert json.loads(protocol.encode(frame))["retry_after"] == 0


# What a frame may leave out, and what it may have besides.


@pytest.mark.parametrize(
    ("raw", "frame"),
    [
        ('{"type":"sync"}', protocol.Sync({})),
        ('{"type":"history","room":7}', protocol.History(7, None, 50)),
        ('{"type":"typing","room":7,"later":{"x":[1]}}', protocol.Typing(7)),
        (' {"room":7,"type":"leave"}\n', protocol.Leave(7)),
        ('{"type":"typing","room":1,"room":2}', protocol.Typing(2)),
        (f'{{"type":"read","room":{2**63 - 1},"number":{2**63 - 1}}}', protocol.Read(2**63 - 1, 2**63 - 1)),
        ('{"type":"read","room":1,"number":0}', protocol.Read(1, 0)),
        ('{"type":"history","room":1,"limit":100}', protocol.History(1, None, 100)),
        (b'{"type":"typing","room":7}', protocol.Typing(7)),
    ],
)  # fmt: skip
def test_a_frame_is_understood(raw, frame):
    assert parse(raw) == frame


# What is refused.


@pytest.mark.parametrize(
    "raw",
    ["", " ", "hello", "{", "}", '{"type":"typing","room":7', '{"type":"typing","room":7}}',
     '{"type":"typing","room":7,}',
     "{'type':'typing','room':7}", "NaN", "-", "\ufeff{}", '{"type":"typing","room":NaN}',
     '{"type":"typing","room":0x7}',
     '{"type":"typing","room":7}{"type":"typing","room":7}', '{"type":"typing","room":7}\n{"type":"typing","room":7}',
     b"\xff\xfe", b"\x00", b'{"type":"join","room":"\xff"}', b'{"type":"join","room":"\xed\xa0\x80"}',
     '{"type":"join","room":"\\ud800"}', '{"type":"join","room":"\\udc00x"}', '{"type":"join","room":"a\nb"}',
     "[" * FRAME_BYTES, '{"a":' * 12_000, '{"type":"typing","room":1,"x":' + "[" * 60_000, '"' * FRAME_BYTES],
)  # fmt: skip
def test_what_is_not_json_is_refused(raw):
    assert refused(raw).code == "bad_frame"


@pytest.mark.parametrize(
    "raw",
    ["null", "true", "1", '"post"', "[]", "[{}]", "{}", '{"type":null}', '{"type":1}', '{"type":["post"]}',
     '{"type":"post"}', '{"type":"read","room":7}', '{"type":"typing"}', '{"type":"join"}', '{"type":"leave"}'],
)  # fmt: skip
def test_what_is_no_frame_is_refused(raw):
    assert refused(raw).code == "bad_frame"


@pytest.mark.parametrize(
    "kind", ["nope", "", "POST", "post ", "hello", "ack", "post_to", "__class__", "x" * 65, "y" * 60_000]
)
def test_an_unknown_type_is_refused_by_its_own_code_and_in_few_words(kind):
    assert refused(json.dumps({"type": kind})).code == "unknown_type"


@pytest.mark.parametrize("frame", ["read", "typing", "leave", "history", "post"])
@pytest.mark.parametrize(
    "room", ["0", "-1", "7.0", "7e0", "1.5", "true", "false", '"7"', "null", "[]", "{}", str(2**63), "9" * 5000, "-0.0"]
)
def test_a_room_that_is_no_id_is_refused(frame, room):
    raw = f'{{"type":"{frame}","room":{room},"number":1,"client_id":"a","body":"b"}}'
    assert refused(raw).code == "bad_frame"


@pytest.mark.parametrize("number", ["-1", "1.0", "true", '"1"', "null", str(2**63), "1e400"])
def test_a_number_that_is_no_place_is_refused(number):
    assert refused(f'{{"type":"read","room":7,"number":{number}}}').code == "bad_frame"


@pytest.mark.parametrize(
    "fields", ['"before":0', '"before":-1', '"limit":0', '"limit":101', '"limit":-5', '"limit":1.5']
)
def test_a_history_page_has_a_place_and_a_size(fields):
    assert refused(f'{{"type":"history","room":7,{fields}}}').code == "bad_frame"


@pytest.mark.parametrize(
    "rooms",
    ["[]", "null", "7", '{"7":"41"}', '{"7":-1}', '{"7":1.0}', '{"7":null}', '{"0":1}', '{"-7":1}', '{"x":1}', '{"":1}',
     '{"7.0":1}', '{" 7":1}', '{"07":1}', '{"true":1}', f'{{"{2**63}":1}}', f'{{"7":{2**63}}}'],
)  # fmt: skip
def test_cursors_are_places_by_room(rooms):
    assert refused(f'{{"type":"sync","rooms":{rooms}}}').code == "bad_frame"


@pytest.mark.parametrize(
    "client_id",
    ["", "x" * 65, "a b", "a\nb", "abc\n", "\nabc", "a\0", "é", "中", "\u2028", "a\x7f", "a\t", 7, True, [], {}, ["a"]],
)
def test_a_client_id_is_a_short_word_of_visible_ascii(client_id):
    assert refused(post(client_id=client_id)).code == "bad_frame"


@pytest.mark.parametrize("client_id", ["a", "x" * 64, "!~", "018f-4c", "{}\"'\\"])
def test_any_short_word_of_visible_ascii_is_a_client_id(client_id):
    assert parse(post(client_id=client_id)).client_id == client_id


def test_a_post_without_a_client_id_is_refused():
    assert refused(post(client_id=None)).code == "bad_frame"


def test_a_post_goes_to_a_room_or_to_a_person():
    assert "room or to" in refused(post(room=None)).detail
    assert "room or to" in refused(post(to="alice")).detail
    assert parse(post(room=None, to="alice")).to == "alice"


@pytest.mark.parametrize("to", [7, True, [], {}, {"nickname": "alice"}])
def test_a_post_is_addressed_by_nickname(to):
    assert refused(post(room=None, to=to)).code == "bad_frame"


def test_a_post_to_a_name_that_nobody_could_have_is_refused_before_anything_is_done_with_it():
    """Folding a row of marks costs time by its square: 64 KiB of them hold the journal for seconds."""
    assert refused(post(room=None, to="a" + "\u0301\u0316" * 15_000)).code == "bad_frame"


def test_a_post_to_the_longest_nickname_is_understood():
    assert parse(post(room=None, to="\U00020bb7" * 32)).to == "\U00020bb7" * 32


def test_a_nul_in_a_name_or_a_slug_breaks_nothing():
    """They go on to queries, which know that no database has them."""
    for raw in (post(room=None, to="a\0"), '{"type":"join","room":"a\\u0000"}'):
        try:
            parse(raw)
        except Refusal as refusal:
            assert refusal.code == "bad_frame"  # noqa: PT017


@pytest.mark.parametrize("reply_to", [0, -1, 1.5, True, "1", 2**63])
def test_a_reply_is_to_a_number(reply_to):
    assert refused(post(reply_to=reply_to)).code == "bad_frame"


# Bodies.


@pytest.mark.parametrize(
    "body",
    ["", " ", "\n", " \t\r\n ", "\u3000", "\u00a0", "\u2003\u2028\u2029", "\x1c\x1d\x1e\x1f", "\x85", "\u1680\u205f"],
)
def test_a_body_of_spaces_alone_is_empty(body):
    assert refused(post(body=body)).code == "empty_body"


@pytest.mark.parametrize(
    "hidden", ["\u3164", "\u200b", "\u2800", "\u00ad", "\ufeff", "\u2060 \u200d\n", "\x07", "\U000e0041"]
)
def test_a_body_of_which_nothing_can_be_seen_is_empty(hidden):
    refusal = refused(post(body=hidden))
    assert refusal.code == "empty_body"
    assert "can be seen" in refusal.detail
    assert parse(post(body=f"{hidden}.{hidden}")).body == f"{hidden}.{hidden}"


@pytest.mark.parametrize("body", ["\0", "a\0b", "hi\0", "\0" * 100])
def test_a_body_with_a_nul_is_refused(body):
    assert refused(post(body=body)).code == "bad_body"


@pytest.mark.parametrize("body", [7, True, ["hi"], {"text": "hi"}])
def test_a_body_is_text(body):
    assert refused(post(body=body)).code == "bad_frame"


@pytest.mark.parametrize("character", ["x", "é", "中", "😀"])
def test_a_body_has_10_000_characters_at_most_however_many_bytes_they_take(character):
    assert parse(post(body=character * BODY_LENGTH)).body == character * BODY_LENGTH
    refusal = refused(post(body=character * (BODY_LENGTH + 1)))
    assert refusal.code == "body_too_long"
    assert "10,000" in refusal.detail


def test_a_body_stays_as_it_was_typed():
    body = "  two  spaces\r\n\ttab \u202e \u200d 👩‍👩‍👧 e\u0301 \x07 "
    assert parse(post(body=body)).body == body


# Size.


@pytest.mark.parametrize("character", ["x", "é", "中", "😀"])
@pytest.mark.parametrize("kind", [str, bytes])
def test_a_frame_has_64_kib_at_most_in_bytes(character, kind):
    def padded(size: int) -> str | bytes:
        frame = '{"type":"typing","room":7,"pad":"%s"}'
        free = size - len(frame % "")
        text = frame % (character * (free // len(character.encode())) + "x" * (free % len(character.encode())))
        assert len(text.encode()) == size
        return text if kind is str else text.encode()

    assert parse(padded(FRAME_BYTES)) == protocol.Typing(7)
    assert refused(padded(FRAME_BYTES + 1)).code == "too_big"


def test_a_huge_frame_is_refused_by_its_size_whatever_is_in_it():
    assert refused("x" * 10_000_000).code == "too_big"


# Correlation.


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ('{"type":"post","client_id":"c-1"}', {"frame": "post", "client_id": "c-1"}),
        ('{"type":"nope","client_id":"c-1","body":[]}', {"frame": "nope", "client_id": "c-1"}),
        ('{"client_id":"c-1"}', {"client_id": "c-1"}),
        ('{"type":["post"],"client_id":7}', {}),
        (f'{{"type":"post","client_id":"{"x" * 65}"}}', {"frame": "post"}),
        ("not json", {}),
        ("[]", {}),
        ("", {}),
        (b"\xff", {}),
    ],
)
def test_an_error_names_the_frame_it_answers_as_far_as_it_can_be_told(raw, named):
    assert correlation(raw) == named


# Whatever comes.

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
near_frames = st.fixed_dictionaries(
    {"type": st.sampled_from([frame.__struct_config__.tag for frame in protocol.ClientFrame.__args__])},
    optional={
        "room": st.integers(-1, 9) | values,
        "rooms": st.dictionaries(st.integers(-1, 2**64).map(str), st.integers(-1, 2**64), max_size=3) | values,
        "number": st.integers(-1, 2**64) | values,
        "client_id": st.text(max_size=70) | values,
        "body": st.text(max_size=40) | values,
        "to": st.text(max_size=40) | values,
        "reply_to": st.integers(-1, 2**64) | values,
        "before": st.integers(-1, 2**64) | values,
        "limit": st.integers(-1, 200) | values,
        "other": values,
    },
)


def assert_answered(raw: str | bytes) -> None:
    """It gives a frame, or a refusal with a code that is documented and a sentence."""
    try:
        frame = parse(raw)
    except Refusal as refusal:
        assert refusal.code in CODES  # noqa: PT017
        assert refusal.detail.strip().endswith(".")  # noqa: PT017
        json.loads(protocol.encode(protocol.refusal_frame(refusal, correlation(raw))))
    else:
        assert isinstance(frame, protocol.ClientFrame)
        assert correlation(raw)["frame"] == type(frame).__struct_config__.tag


@given(st.text())
@example("\ud800")
@example('{"type":"join","room":"\ud800"}')
@example("\ud800" * FRAME_BYTES)
def test_any_text_gives_a_frame_or_a_refusal(raw):
    assert_answered(raw)


@given(st.text(st.characters(), min_size=1, max_size=5))
def test_any_text_in_a_frame_gives_a_frame_or_a_refusal(text):
    assert_answered('{"type":"join","room":"' + text + '"}')
    assert_answered('{"type":"' + text + '"}')


@given(st.binary())
def test_any_bytes_give_a_frame_or_a_refusal(raw):
    assert_answered(raw)


@given(values)
def test_any_json_gives_a_frame_or_a_refusal(value):
    assert_answered(json.dumps(value))


@given(near_frames, st.booleans())
def test_what_is_nearly_a_frame_gives_a_frame_or_a_refusal(frame, ascii_only):
    assert_answered(json.dumps(frame, ensure_ascii=ascii_only))


@given(near_frames, st.data())
def test_a_torn_frame_gives_a_frame_or_a_refusal(frame, data):
    raw = json.dumps(frame).encode()
    start, end = sorted([data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, len(raw)))])
    assert_answered(raw[:start] + data.draw(st.binary(max_size=3)) + raw[end:])


@given(st.text() | st.binary())
@example("\ud800")
@example('{"type":"\ud800"}')
@example("[" * 100_000)
def test_correlation_never_fails(raw):
    assert all(isinstance(value, str) for value in correlation(raw).values())
