"""The body of a post, and how long it and a frame may be."""

import pytest

from chat.wire import protocol
from chat.wire.protocol import BODY_LENGTH, FRAME_BYTES, parse
from tests.wire.refusing import post, refused

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
    assert refusal.detail == "Write something first."
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


# Frames.


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
