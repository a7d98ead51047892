"""The measure of the transports counts what it says, and finds what is lost by any of them. No timing."""

from dataclasses import replace
from functools import partial
from xml.etree import ElementTree

import pytest

from tests.bench import report as reports
from tests.bench.checker import Flaws
from tests.bench.client import Crowd
from tests.bench.dialects import Chatsite
from tests.bench.scale import SMALL
from tests.bench.servers import Seat, Server, chatsite
from tests.bench.town import one_room
from tests.bench.transports import measure, report
from tests.bench.transports.measure import Traffic
from tests.bench.transports.ways import WAYS, Poll, Socket, Stream

LISTENERS = 4
BRIEF = replace(SMALL, warm_up=0.1, listeners=LISTENERS, listening_seconds=1.5)

HELLO, MESSAGE = b'{"type":"hello"}', b'{"type":"message","message":{"body":"' + b"x" * 300 + b'"}}'
SYNCED = b'{"type":"synced","rooms":{"7":41}}'


# Against a site.


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with chatsite(tmp_path_factory.mktemp("transports"), one_room(LISTENERS + 1)) as running:
        yield running


@pytest.mark.proof
@pytest.mark.parametrize("name", WAYS)
async def test_everybody_hears_everything_by_each_way(name, server, monkeypatch):
    monkeypatch.setattr(measure, "REST_SECONDS", 0)
    way = partial(Poll, every=0.2) if name.startswith("poll") else WAYS[name]
    crowd = Crowd(server)
    figures = await measure.heard(name, way, crowd, BRIEF)
    lines = [crowd.sockets[person] for person in range(LISTENERS)]
    await crowd.leave()
    assert figures["talk"]["flaws"] == figures["idle"]["flaws"] == ""
    assert figures["talk"]["deliveries"] >= LISTENERS + 1
    assert all(seconds > 0 for seconds in figures["talk"]["delivery_ms"].values())
    asked = [line.requests for line in lines]
    assert all(count > 3 for count in asked) if "poll" in name else asked == [1] * LISTENERS
    assert figures["talk"]["each_minute"]["received"] > 0


@pytest.mark.parametrize("name", WAYS)
async def test_who_is_refused_says_so(name, server):
    stranger = replace(server.seats[0], headers={"Cookie": "sessionid=nobody"})
    crowd = Crowd(Server(server.dialect, server.town, [stranger], server.rooms, server.processes))
    with pytest.raises(ExceptionGroup) as raised:
        await crowd.connect([0], kind=WAYS[name])
    assert raised.group_contains(ConnectionError)
    assert crowd.flaws


# Texts that come in pieces.


class Ear:
    """A transport that leads nowhere and keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def frame(kind: int, payload: bytes) -> bytes:
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return bytes([0x80 | kind]) + length + payload


def answer(*lines: bytes) -> bytes:
    body = b"".join(line + b"\n" for line in lines)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


CONVERSATIONS = [
    (Poll, answer(HELLO, SYNCED) + answer(SYNCED) + answer(MESSAGE, SYNCED)),
    (
        Stream,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunk(b":\n\n") + chunk(b"data: " + HELLO + b'\nid: {"7":41}\n\nda') + chunk(b"ta: " + MESSAGE + b"\n\n"),
    ),
    (Socket, b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + frame(1, HELLO) + frame(9, b"p") + frame(1, MESSAGE)),
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(("way", "conversation"), CONVERSATIONS, ids=["poll", "stream", "websocket"])
async def test_every_byte_is_counted_and_every_frame_noted_in_whatever_pieces_they_come(way, conversation, size):
    line, ear = way(Seat("bob", "ws://site:1/ws/chat/", {"Cookie": "sessionid=x"}), Chatsite(), Flaws()), Ear()
    line.connection_made(ear)
    for begin in range(0, len(conversation), size):
        line.data_received(conversation[begin : begin + size])
    assert [payload for _, payload in line.log] == [HELLO, MESSAGE]
    assert (line.received, line.sent) == (len(conversation), len(ear.written))
    assert not line.flaws


async def test_a_poll_goes_on_with_the_cursors_it_was_given():
    line, ear = Poll(Seat("bob", "ws://site:1/ws/chat/", {"Cookie": "sessionid=x"}), Chatsite(), Flaws()), Ear()
    line.connection_made(ear)
    line.data_received(answer(HELLO, SYNCED))
    first, second = ear.written.split(b"POST ")[1:]
    assert first.startswith(b"/live/poll?as=bob HTTP/1.1\r\n")
    assert first.endswith(b'\r\n\r\n{"wait":25,"cursors":null}')
    assert second.endswith(b'\r\n\r\n{"wait":25,"cursors":{"7":41}}')
    assert line.requests == 2


async def test_a_ping_is_answered_with_what_it_said():
    line, ear = Socket(Seat("bob", "ws://site:1/ws/chat/", {"Cookie": "sessionid=x"}), Chatsite(), Flaws()), Ear()
    line.connection_made(ear)
    line.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + frame(9, b"here?"))
    assert ear.written.endswith(b"\x8a\x85\0\0\0\0here?")


# Figures.


def test_traffic_is_that_of_one_client_in_a_minute():
    before, after = Traffic(100, 1000, 4), Traffic(700, 7000, 10)
    assert after.each_minute(before, people=3, seconds=20) == {"sent": 600, "received": 6000, "requests": 6}


def figures(flaws: str = "") -> dict:
    each_minute = {"sent": 1024.0, "received": 2048.0, "requests": 60.0}
    sample = {
        "cpu": 1.0, "seconds": 10.0, "cost_us": 12.3, "delivery_ms": {"p50": 4.0, "p99": 1234.0}, "checked": 5,
        "flaws": flaws, "each_minute": each_minute, "strangers_share": 0.0,
    }  # fmt: skip
    return {"talk": sample, "idle": {**sample, "cpu": 0.1}}


def test_a_way_that_lost_something_has_no_figure():
    lines = report.talk({"stream": figures(), "websocket": figures("lost: 1")}).splitlines()
    assert "10.0%" in lines[2]
    assert "4 ms / 1.2 s" in lines[2]
    assert "failed: lost: 1" in lines[3]
    assert "%" not in lines[3]


def test_the_plot_is_drawn_from_whatever_there_is():
    for some in ({}, {"stream": figures("lost: 1")}, {name: figures() for name in WAYS}):
        ElementTree.fromstring(report.picture(some))  # noqa: S314  It is our own.
    assert "WebSocket" in report.picture({"websocket": figures()})


def test_the_document_has_a_place_for_the_figures():
    text = report.DOCUMENT.read_text()
    assert text.index(reports.BEGIN) < text.index(reports.END)
