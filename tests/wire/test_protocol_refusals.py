"""The parser of wire version 2 refuses bad frames, and accepts those near to them."""

import json

import pytest

from chat.refusals import Refusal
from chat.wire.protocol import FRAME_BYTES, parse
from tests.wire.refusing import post, refused


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


def test_a_forwarded_message_has_no_text_of_its_own():
    raw = '{"type":"post","client_id":"a","room":7,"body":"%s","forward":{"room":1,"number":2}}'
    assert parse(raw % "").forward.number == 2
    assert refused(raw % "mine").name == "bad_frame.forward"
    assert refused(raw.replace('"number":2', '"number":0') % "").code == "bad_frame"
