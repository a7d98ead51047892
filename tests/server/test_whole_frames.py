"""The short ways for whole text frames: what is read and written there, and what is left to the long ones."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from chat.server.frames import text_message, whole_text
from tests.server.by_hand import masked

LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]


class TestIn:
    @given(st.text(max_size=300))
    def test_a_whole_text_frame_is_read(self, text):
        assert whole_text(masked(text.encode())) == text

    @pytest.mark.parametrize("length", [length for length in LENGTHS if length < 65_536])
    def test_frames_of_any_length_below_64_kib_are_read(self, length):
        assert whole_text(masked(b"x" * length)) == "x" * length

    def test_longer_ones_take_the_long_way(self):
        assert whole_text(masked(b"x" * 65_536)) is None

    @given(st.binary(max_size=50))
    def test_nothing_else_is_taken_for_one(self, data):
        text = whole_text(data)
        assert text is None or (data[0] == 0x81 and data[1] & 0x80 and len(data) >= 6 + len(text.encode()))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x81",
            masked(b"hello")[:-1],
            masked(b"hello") + b"\x81",
            masked(b"one") + masked(b"two"),
            masked(b"hello", Opcode.BINARY),
            masked(b"hello", Opcode.PING),
            masked(b"hello", Opcode.CLOSE),
            masked(b"hel", fin=False),
            masked(b"lo", Opcode.CONT),
            masked(b"\xff\xfe"),
            b"\xc1" + masked(b"hello")[1:],
            Frame(Opcode.TEXT, b"hello").serialize(mask=False),
            b"\x81\xfe\x00\x05" + b"\0\0\0\0" + b"hello",
        ],
        ids=[
            "nothing", "one byte", "cut short", "more behind it", "two frames", "binary", "ping", "close",
            "a beginning", "an end", "not UTF-8", "compressed", "unmasked", "a length longer than it need be",
        ],
    )  # fmt: skip
    def test_whatever_is_not_exactly_that_takes_the_long_way(self, data):
        assert whole_text(data) is None


class TestOut:
    @pytest.mark.parametrize("length", LENGTHS)
    def test_a_text_has_the_header_that_it_needs(self, length):
        text = os.urandom(length // 2).hex().encode().ljust(length, b"x")
        assert text_message(text) == Frame(Opcode.TEXT, text).serialize(mask=False)

    def test_the_same_text_is_made_once(self):
        text = b"for a whole room"
        assert text_message(text) is text_message(text)
        assert text_message(b"something else") != text_message(text)
