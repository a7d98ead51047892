"""The parser and the encoder of wire version 2, against one golden example of every frame in `tests/frames/`."""

import json

import msgspec
import pytest

from chat.refusals import Refusal
from chat.wire import protocol
from chat.wire.protocol import correlation, parse
from tests.wire.examples import FRAMES, FROM_CLIENT, FROM_SERVER, PLAIN, golden

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


# Fields that a frame may leave out, and those it may have besides.


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
