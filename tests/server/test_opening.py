"""The request that opens a WebSocket, and the answers to it, against another implementation."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from chat.server import handshake
from chat.server.handshake import BadHandshakeError

ADDRESS = parse_uri("ws://chat.example/ws?as=guest")

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
HEADERS = {
    b"Host": b"chat.example",
    b"Upgrade": b"websocket",
    b"Connection": b"keep-alive, Upgrade",
    b"Sec-WebSocket-Key": KEY,
    b"Sec-WebSocket-Version": b"13",
}


def head(*more: bytes, first: bytes = b"GET /ws HTTP/1.1", **changed: bytes | None) -> bytes:
    """A request, with more lines or some headers otherwise or (None) left out."""
    headers = HEADERS | {name.replace("_", "-").encode(): value for name, value in changed.items()}
    lines = [b"%b: %b" % header for header in headers.items() if header[1] is not None]
    return b"\r\n".join([first, *lines, *more, b"", b""])


def status(data: bytes) -> int:
    try:
        handshake.opening(data)
    except BadHandshakeError as bad:
        return bad.status
    return 101


def read_by_another(data: bytes) -> Request:
    server = ServerProtocol()
    server.receive_data(data)
    (request,) = server.events_received()
    return request


class TestOpening:
    def test_a_client_is_let_in(self):
        client = ClientProtocol(ADDRESS, subprotocols=["one", "two"])
        client.send_request(client.connect())
        data = b"".join(client.data_to_send())
        assert handshake.is_opening(data)
        asked = handshake.opening(data + b"\x81")
        assert (asked.path, asked.query, asked.size) == (b"/ws", b"as=guest", len(data))
        assert (b"sec-websocket-protocol", b"one, two") in asked.headers
        client.receive_data(handshake.accepted(asked.key, [(b"Sec-WebSocket-Protocol", b"two"), (b"X-More", b"more")]))
        (answer,) = client.events_received()
        assert (client.state, client.subprotocol, answer.headers["X-More"]) == (State.OPEN, "two", "more")

    @pytest.mark.parametrize("target", [b"http://chat.example/ws?as=guest", b"HTTPS://elsewhere:81/ws?as=guest"])
    def test_a_target_may_be_a_whole_address(self, target):
        asked = handshake.opening(head(first=b"GET %b HTTP/1.1" % target))
        assert (asked.path, asked.query) == (b"/ws", b"as=guest")

    @pytest.mark.parametrize(
        "data",
        [
            head(b"Cookie: a=1", b"Cookie: b=2"),
            head(b"X-Name: \xe8\x81\x8a"),
            head(b"X-Empty:"),
            head(Upgrade=b"WebSocket", Connection=b"UPGRADE"),
            head(Connection=b"keep-alive", CONNECTION=b"upgrade"),
            head(Upgrade=b"\t websocket  "),
            head(first=b"GET //ws HTTP/1.1"),
            head(first=b"GET http://chat.example HTTP/1.1"),
        ],
    )
    def test_what_the_standard_allows_is_let_in(self, data):
        assert (handshake.is_opening(data), status(data)) == (True, 101)

    @pytest.mark.parametrize(
        "data",
        [
            head(first=b"POST /ws HTTP/1.1"),
            head(first=b"get /ws HTTP/1.1"),
            head(b"Content-Length: 2") + b"hi",
            head(b"content-length : 2") + b"hi",
            head(b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
            head(Upgrade=None),
            head(Upgrade=b"h2c"),
            head(Upgrade=b"websocket2"),
            head(b"X-More: " + b"x" * handshake.HEAD_BYTES),
            head().replace(b"\r\n", b"\n"),
            head()[:-1],
            b"",
        ],
    )
    def test_what_is_no_plain_request_for_a_websocket_is_left_to_an_http_server(self, data):
        assert not handshake.is_opening(data)

    @pytest.mark.parametrize(
        "data",
        [
            head(first=b"POST /ws HTTP/1.1"),
            head(first=b"GET /ws HTTP/1.0"),
            head(first=b"GET /ws HTTP/2"),
            head(first=b"GET /ws"),
            head(first=b"GET  /ws HTTP/1.1"),
            head(first=b"GET /a b HTTP/1.1"),
            head(first="GET /聊 HTTP/1.1".encode()),
            head(first=b"GET /ws#there HTTP/1.1"),
            head(first=b"GET /\x00 HTTP/1.1"),
            head(first=b"GET http://[/ws HTTP/1.1"),
            head(first=b"GET ws HTTP/1.1"),
            head(first=b"GET * HTTP/1.1"),
            head(first=b"GET ?as=guest HTTP/1.1"),
            head(first=b"GET mailto:/ws HTTP/1.1"),
            head(b"Host: elsewhere"),
            head(b"Sec-WebSocket-Key: " + KEY),
            head(b"Origin: http://one", b"Origin: http://two"),
            head(Host=None),
            head(Upgrade=None),
            head(Upgrade=b"h2c"),
            head(Connection=None),
            head(Connection=b"keep-alive"),
            head(Connection=b"no-upgrade"),
            head(Sec_WebSocket_Key=None),
            head(Sec_WebSocket_Key=b""),
            head(Sec_WebSocket_Key=KEY[:-4]),
            head(Sec_WebSocket_Key=KEY + b"AAAA"),
            head(Sec_WebSocket_Key=b"=" * 24),
            head(Sec_WebSocket_Key=b"\xff" * 24),
            head(Sec_WebSocket_Key=b"A" * 24),
            head(Sec_WebSocket_Key=KEY + b", " + KEY),
            head(b"X-Folded: one", b" two"),
            head(b"X-Folded:", b"\ttwo"),
            head(b"X-Bare: one\nX-Line: two"),
            head(b"X-Bare: one\rX-Return: two"),
            head(b"X-Nul: \x00"),
            head(b"X Spaced: one"),
            head(b"X-Spaced : one"),
            head(b" X-Spaced: one"),
            head(b": without a name"),
            head(b"without a colon"),
            head("X-聊: one".encode()),
            head().replace(b"\r\n", b"\n"),
            b"\r\n" + head(),
            head()[:-2],
            head()[:-1],
            b"",
        ],
    )
    def test_what_the_standard_does_not_allow_is_refused(self, data):
        assert status(data) == 400

    @pytest.mark.parametrize("version", [None, b"", b"8", b"12", b"013", b"13, 13", b"\xff"])
    def test_another_version_is_answered_by_the_one_that_is_spoken(self, version):
        data = head(Sec_WebSocket_Version=version)
        assert (handshake.is_opening(data), status(data)) == (True, 426)
        assert b"\r\nSec-WebSocket-Version: 13\r\n" in handshake.refused(426, "Another.")

    def test_a_head_without_end_is_looked_at_in_no_time(self):
        """Each line could begin anew what is looked for."""
        for line in (b"a:\r\n", b"a: \t", b"\r\nupgrade: ", b"a" * 9):
            data = b"GET / HTTP/1.1\r\n" + line * (2_000_000 // len(line))
            assert (handshake.is_opening(data), status(data)) == (False, 400)

    @given(
        st.lists(
            st.tuples(
                st.integers(0, 2**32),
                st.integers(0, 3),
                st.sampled_from([b"\r\n", b"\n", b" ", b"\t", b":", b",", b"\0", b"http://", b"?", b"#", b"\r\n\r\n"])
                | st.binary(max_size=3),
            ),
            max_size=3,
        )
    )
    def test_a_garbled_request_is_refused_or_understood_as_another_does(self, garblings):
        data = head(b"Origin: http://chat.example")
        for place, length, noise in garblings:
            place %= len(data) + 1
            data = data[:place] + noise + data[place + length :]
        handshake.is_opening(data)
        if status(data) == 101:
            asked, request = handshake.opening(data), read_by_another(data)
            assert [(name.decode(), value.decode("latin1")) for name, value in asked.headers] == [
                (name.lower(), value) for name, value in request.headers.raw_items()
            ]
            if request.path.startswith("/"):  # Else it has become a whole address.
                assert b"?".join(filter(None, [asked.path, asked.query])) == request.path.removesuffix("?").encode()
            assert len(base64.b64decode(request.headers["Sec-WebSocket-Key"], validate=True)) == 16
            assert request.headers["Sec-WebSocket-Version"] == "13"
            assert request.headers["Host"] is not None

    @given(st.binary(max_size=200))
    def test_noise_is_refused(self, data):
        assert not handshake.is_opening(data)
        assert status(data) == 400
