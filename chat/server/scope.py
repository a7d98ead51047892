"""Builds the ASGI scope of a WebSocket, the same as Daphne's own."""

from typing import Any
from urllib.parse import unquote

from daphne.utils import parse_x_forwarded_for

from chat.server.handshake import Opening
from chat.server.transport import is_encrypted


def of_websocket(asked: Opening, server: Any, transport: Any, extensions: dict[str, Any]) -> dict[str, Any]:
    """Returns the scope. `server` is Daphne's; its options say which proxy headers are trusted.

    Raises `UnicodeDecodeError` for a forwarded address that is not text.
    """
    headers = [one for one in asked.headers if b"_" not in one[0] and one[0] != b"daphne-root-path"]
    peer, host = transport.getPeer(), transport.getHost()
    has_address = hasattr(peer, "host") and hasattr(peer, "port")
    client = [str(peer.host), peer.port] if has_address else None
    scheme = None
    if server.proxy_forwarded_address_header:
        client, scheme = parse_x_forwarded_for(
            dict(headers),
            server.proxy_forwarded_address_header,
            server.proxy_forwarded_port_header,
            server.proxy_forwarded_proto_header,
            client,
        )
    offered = b",".join(value for name, value in headers if name == b"sec-websocket-protocol")
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": scheme or ("wss" if is_encrypted(transport) else "ws"),
        "path": unquote(asked.path.decode("ascii")),
        "raw_path": asked.path,
        "root_path": server.root_path,
        "query_string": asked.query,
        "headers": headers,
        "client": client,
        "server": [str(host.host), host.port] if has_address else None,
        "subprotocols": [one.strip() for one in offered.decode("latin1").split(",") if one.strip()],
        "extensions": extensions,
    }
