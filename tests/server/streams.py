"""Frames of clients as they might come, and how another implementation of the protocol hears them."""

from itertools import chain, pairwise

from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri
from websockets.utils import apply_mask

from chat.server.frames import FRAGMENT, BrokenError, Close, Incoming, Ping, Pong, Reader

LIMIT = 100_000
CONT, TEXT, BINARY, CLOSE, PING, PONG = Opcode
ADDRESS = parse_uri("ws://chat.example/ws?as=guest")

Heard = tuple[list[Incoming], int | None]
"""The messages of a stream, up to its close, and the code with which a broken one must be closed."""


def masked(opcode: int, content: bytes = b"", *, fin: bool = True, reserved: int = 0) -> bytes:
    """A frame as a client sends it; nothing about it is checked."""
    size = len(content)
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = b"\xfe" + size.to_bytes(2, "big") if size < 65536 else b"\xff" + size.to_bytes(8, "big")
    mask = b"\x12\x34\x56\x78"
    return bytes([(0x80 if fin else 0) | reserved | opcode]) + length + mask + apply_mask(content, mask)


def closing(code: int, reason: bytes = b"") -> bytes:
    return masked(CLOSE, code.to_bytes(2, "big") + reason)


def heard(*pieces: bytes) -> Heard:
    reader, said = Reader(LIMIT), []
    try:
        for piece in pieces:
            reader.feed(piece)
            while not is_closed(said) and (one := reader.next()) is not None:
                if one != FRAGMENT:
                    said.append(one)
    except BrokenError as broken:
        return said, broken.code
    return said, None


def heard_by_another(data: bytes) -> Heard:
    server = ServerProtocol(state=State.OPEN, max_size=LIMIT)
    server.receive_data(data)
    said: list[Incoming] = []
    kind, message = CONT, b""
    for frame in server.events_received():
        content = bytes(frame.data)
        if frame.opcode in (PING, PONG):
            said.append(Ping(content) if frame.opcode is PING else Pong(content))
        elif frame.opcode is CLOSE:
            said.append(Close(server.close_rcvd.code))
        else:
            kind, message = frame.opcode or kind, message + content
            if frame.fin:
                try:
                    said.append(message.decode() if kind is TEXT else message)
                except UnicodeDecodeError:
                    return said, 1007
                message = b""
    return said, server.close_sent.code if server.parser_exc else None


def understood(data: bytes) -> list[Frame]:
    """The frames that a client of that implementation reads."""
    client = ClientProtocol(ADDRESS, state=State.OPEN)
    client.receive_data(data)
    assert client.parser_exc is None
    return client.events_received()


def is_closed(said: list[Incoming]) -> bool:
    return bool(said) and isinstance(said[-1], Close)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data in pieces; a cut beyond its end goes on counting at its beginning."""
    places = sorted(cut % (len(data) + 1) for cut in cuts)
    return [data[start:end] for start, end in pairwise([0, *places, len(data)])]


controls = st.builds(masked, st.sampled_from([PING, PONG]), st.binary(max_size=125))


@st.composite
def messages(draw) -> list[bytes]:
    """The frames of a message, with others in between."""
    kind = draw(st.sampled_from([TEXT, BINARY]))
    content = draw(st.text(max_size=150)).encode() if kind is TEXT else draw(st.binary(max_size=150))
    content *= draw(st.sampled_from([1, 1, 1, 130]))
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=3)))
    frames = []
    for start, end in pairwise([0, *cuts, len(content)]):
        is_first, is_last = not frames, end == len(content)
        frames += [masked(kind if is_first else CONT, content[start:end], fin=is_last)]
        if is_last:
            break
        frames += draw(st.lists(controls, max_size=2))
    return frames


streams = st.lists(messages() | st.lists(controls, max_size=2), max_size=5).map(lambda found: list(chain(*found)))
cuts = st.lists(st.integers(0, 2**32), max_size=8)
