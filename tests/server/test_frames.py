"""The WebSocket protocol without a network: what is heard, said and refused, beside another implementation of it."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame

from chat.server import frames
from chat.server.frames import FRAGMENT, Close, Ping, Reader
from tests.server.streams import (
    BINARY,
    CLOSE,
    CONT,
    LIMIT,
    PING,
    PONG,
    TEXT,
    closing,
    cuts,
    heard,
    heard_by_another,
    is_closed,
    masked,
    split,
    streams,
    understood,
)

unhurried = settings(deadline=None)


class TestIn:
    @unhurried
    @given(streams, cuts, st.sampled_from([b"", closing(1000, b"bye"), closing(4321), masked(CLOSE)]))
    def test_what_a_client_says_is_heard_however_it_is_cut(self, frames, cuts, end):
        data = b"".join(frames) + end
        expected = heard_by_another(data)
        assert expected[1] is None
        assert heard(*split(data, cuts)) == expected
        if len(data) < 500:
            assert heard(*(bytes([byte]) for byte in data)) == expected

    @unhurried
    @given(
        streams,
        cuts,
        st.sampled_from(
            [
                masked(TEXT, b"x", reserved=0x40),
                masked(PING, b"x", reserved=0x10),
                masked(0x3, b"x"),
                masked(0xB, b"x"),
                b"\x81\x01x",
                masked(PING, b"x" * 126),
                masked(PONG, b"x", fin=False),
                masked(CONT, b"x"),
                masked(TEXT, b"x", fin=False) + masked(TEXT, b"x"),
                masked(TEXT, b"\xff"),
                masked(TEXT, b"\xe8\x81", fin=False) + masked(CONT, b"x"),
                masked(BINARY, b"x" * (LIMIT + 1)),
                masked(CLOSE, b"\x03"),
                closing(1005),
                closing(1000, b"\xff"),
            ]
        ),
        streams,
    )
    def test_what_breaks_the_protocol_is_found_at_its_place_and_for_the_same_reason(self, before, cuts, fault, after):
        data = b"".join([*before, fault, *after])
        expected = heard_by_another(data)
        assert expected[1] is not None
        assert heard(*split(data, cuts)) == expected

    @unhurried
    @given(streams, cuts, st.lists(st.tuples(st.integers(0, 2**32), st.binary(max_size=4)), min_size=1, max_size=3))
    def test_a_garbled_stream_is_heard_as_far_as_it_makes_sense_and_has_a_code_at_its_end(
        self, frames, cuts, garblings
    ):
        data = b"".join(frames)
        for place, noise in garblings:
            place %= len(data) + 1
            data = data[:place] + noise + data[place + len(noise) :]
        data += bytes(14)  # No head of a frame is cut short: there they stop at the first byte that is wrong.
        said, code = heard(*split(data, cuts))
        expected, their_code = heard_by_another(data)
        assert said[: len(expected)] == expected[: len(said)]
        if code is None:
            # They do not let a client close in the middle of a message; the standard does (section 5.4).
            assert (said, code) == (expected, their_code) or (is_closed(said) and their_code == 1002)
        else:
            # They read on to the end of a frame that is wrong from its beginning, and may find more that is. And they
            # look at a text when it is whole, so they may wait for more of it, or meet another fault before.
            assert code in (their_code, 1002, 1007)

    @given(st.binary(max_size=300), cuts)
    def test_whatever_comes_is_heard_or_broken_however_it_is_cut(self, data, cuts):
        assert heard(*split(data, cuts)) == heard(data)

    @pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1014, 3000, 4999])
    def test_a_close_may_have_a_code_that_there_is(self, code):
        assert heard(closing(code, "再见".encode())) == ([Close(code)], None)

    @pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535])
    def test_a_close_may_not_have_another_code(self, code):
        assert heard(closing(code)) == ([], 1002)

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (masked(CLOSE, b"\x03"), 1002),
            (closing(1000, b"\xff"), 1007),
            (closing(1000, b"x" * 124), 1002),
            (masked(PING, b"x" * 126), 1002),
            (masked(PONG, b"x" * 65536), 1002),
            (masked(CLOSE, fin=False), 1002),
            (masked(PING, fin=False), 1002),
            *((masked(TEXT, reserved=bit), 1002) for bit in (0x40, 0x20, 0x10)),
            *((masked(opcode), 1002) for opcode in (3, 7, 0xB, 0xF)),
            (b"\x81\x02hi", 1002),
            (b"\x81\xfe\x00\x7d", 1002),
            (b"\x82\xff" + (65535).to_bytes(8, "big"), 1002),
            (b"\x82\xff\x80" + bytes(7), 1002),
            (b"\x82\xff\x7f" + b"\xff" * 7, 1009),
            (masked(BINARY, b"x" * (LIMIT + 1)), 1009),
            (masked(BINARY, b"x" * LIMIT, fin=False) + masked(CONT, b"x"), 1009),
            (masked(CONT, b"x"), 1002),
            (masked(TEXT, b"x") + masked(CONT, b"x"), 1002),
            (masked(TEXT, b"x", fin=False) + masked(TEXT, b"x"), 1002),
            (masked(TEXT, b"\xc3", fin=False) + masked(CONT, b"x"), 1007),
            (masked(TEXT, b"\xed\xa0\x80"), 1007),
        ],
    )  # fmt: skip
    def test_what_breaks_the_protocol_has_a_code(self, data, code):
        assert heard(data)[1] == code

    def test_what_is_too_big_is_known_before_it_has_come(self):
        assert heard(masked(BINARY, b"x" * (LIMIT + 1))[:10]) == ([], 1009)

    def test_a_message_may_be_as_big_as_the_limit_each_time(self):
        halves = masked(BINARY, b"x" * (LIMIT // 2), fin=False) + masked(CONT, b"x" * (LIMIT // 2))
        assert heard(halves * 3) == ([b"x" * LIMIT] * 3, None)

    def test_a_text_may_be_cut_within_a_character(self):
        whole = "聊😀".encode()
        pieces = [whole[place : place + 1] for place in range(len(whole))]
        frames = [masked(TEXT, fin=False), *(masked(CONT, piece, fin=False) for piece in pieces), masked(CONT)]
        assert heard(b"".join(frames)) == (["聊😀"], None)

    @pytest.mark.parametrize(
        "wrong", [b"\xff", b"\xc0", b"\xf4\x90", b"\xe0\x80", b"\xed\xa0", b"x\xbf", b"\xf0\x9f\x98x"], ids=repr
    )
    def test_what_is_not_utf8_is_known_when_it_has_come_and_not_at_the_end(self, wrong):
        whole = masked(TEXT, "κόσμε".encode() + wrong + b"edited" * 1000)
        cut = whole[:-6000]
        for pieces in ([cut], [bytes([byte]) for byte in cut]):
            assert heard(*pieces) == ([], 1007)
        for parts in ([wrong], [wrong[:1], wrong[1:]]):
            frames = [masked(TEXT, "κόσμε".encode(), fin=False), *(masked(CONT, part, fin=False) for part in parts)]
            assert heard(*frames) == ([], 1007)

    @given(st.text(max_size=40), st.data())
    def test_a_text_is_the_same_however_it_is_cut(self, text, data):
        frame = masked(TEXT, text.encode())
        cuts = sorted(data.draw(st.sets(st.integers(0, len(frame)))))
        assert heard(*(frame[a:b] for a, b in pairwise([0, *cuts, len(frame)]))) == ([text], None)

    def test_each_frame_is_told_so_that_somebody_can_count_them(self):
        reader = Reader(LIMIT)
        reader.feed(masked(TEXT, fin=False) + masked(CONT, fin=False) * 3 + masked(CONT, b"x") + masked(PING))
        assert [reader.next() for _ in range(7)] == [FRAGMENT, FRAGMENT, FRAGMENT, FRAGMENT, "x", Ping(b""), None]

    def test_a_client_may_close_in_the_middle_of_a_message(self):
        assert heard(masked(TEXT, b"x", fin=False) + closing(1001)) == ([Close(1001)], None)

    def test_fragments_with_nothing_in_them_take_no_room(self):
        reader = Reader(LIMIT)
        reader.feed(masked(TEXT, fin=False))
        assert reader.next() is FRAGMENT
        fragments = masked(CONT, fin=False) * 1000
        tracemalloc.start()
        for _ in range(10):
            reader.feed(fragments)
            assert [reader.next() for _ in range(1001)] == [FRAGMENT] * 1000 + [None]
            assert reader.waiting == 0
        assert tracemalloc.get_traced_memory()[0] < len(fragments)
        tracemalloc.stop()
        assert not reader.is_idle
        reader.feed(masked(CONT))
        assert reader.next() == ""
        assert reader.is_idle


class TestOut:
    @given(
        st.sampled_from([TEXT, BINARY, PING, PONG]), st.binary(max_size=125), st.sampled_from([0, 1, 2, 525, 526, 1000])
    )
    def test_a_client_understands_every_frame(self, opcode, content, times):
        content = content if opcode in (PING, PONG) else content * times
        assert understood(frames.frame(opcode, content)) == [Frame(opcode, content)]

    @pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
    def test_a_length_has_the_form_that_it_needs(self, size):
        assert frames.frame(BINARY, b"x" * size) == Frame(BINARY, b"x" * size).serialize(mask=False)

    @pytest.mark.parametrize("code", [1000, 1001, 1011, 1014, 3000, 4999])
    def test_a_client_understands_a_close(self, code):
        assert understood(frames.close_frame(code)) == [Frame(CLOSE, code.to_bytes(2, "big"))]

    @pytest.mark.parametrize("code", [-1, 0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 70000])
    def test_a_close_that_there_is_not_is_not_said(self, code):
        with pytest.raises(ValueError, match=str(code)):
            frames.close_frame(code)
