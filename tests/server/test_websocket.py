"""The chat's WebSocket by hand: however its frames arrive, they are heard in their order."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from tests.server.by_hand import AsyncLine, masked

pytestmark = pytest.mark.one_database


@pytest.fixture
async def line(joins):
    line = await AsyncLine.open(await joins("alice"))
    yield line
    line.close()


NOT_JSON = masked(b"{")
UNKNOWN = masked(b'{"type":"x"}')


async def test_frames_are_understood_however_they_arrive(line):
    whole, unknown = NOT_JSON, UNKNOWN
    await line.send(whole, whole + unknown, unknown[:3], unknown[3:], whole[:1], whole[1:] + unknown, whole)
    expected = ["bad_frame", "bad_frame", "unknown_type", "unknown_type", "bad_frame", "unknown_type", "bad_frame"]
    assert await line.errors(7) == expected


async def test_a_message_in_fragments_has_its_place_among_whole_ones(line):
    fragments = [masked(b'{"type"', fin=False), masked(b"", Opcode.CONT, fin=False), masked(b':"x"}', Opcode.CONT)]
    await line.send(NOT_JSON, *fragments, NOT_JSON)
    assert await line.errors(3) == ["bad_frame", "unknown_type", "bad_frame"]


async def test_a_ping_between_fragments_is_answered(line):
    await line.send(masked(b'{"type"', fin=False), masked(b"here?", Opcode.PING), masked(b':"x"}', Opcode.CONT))
    assert await line.until(Opcode.PONG) == b"here?"
    assert await line.errors(1) == ["unknown_type"]


@pytest.mark.parametrize(
    "data",
    [
        masked(b"\xff\xfe"),
        Frame(Opcode.TEXT, b"hello").serialize(mask=False),
        masked(b"lo", Opcode.CONT),
        b"\xc1" + UNKNOWN[1:],
        b"\x83" + UNKNOWN[1:],
    ],
    ids=["not UTF-8", "unmasked", "an end without a beginning", "compressed", "a reserved kind"],
)
async def test_what_is_no_websocket_ends_the_connection(line, data):
    await line.send(UNKNOWN, data)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await line.until(Opcode.PONG)
