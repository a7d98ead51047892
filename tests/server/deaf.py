"""Far ends that take in little and do not read on."""

import asyncio
import socket

import websockets

from tests.patience import PATIENCE

TOO_SLOW = b"event: close\ndata: 4408\n\n\r\n0\r\n\r\n"
"""How an event stream ends for who is too slow."""


async def deaf_stream(site, person) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An event stream. The server closes behind it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.connect(("127.0.0.1", site.port))
    reader, writer = await asyncio.open_connection(sock=listener, limit=1024)
    head = f"GET /live/stream HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nCookie: {person.cookie}\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    await reader.readuntil(b"hello")
    return reader, writer


async def deaf(site, person) -> websockets.ClientConnection:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.connect(("127.0.0.1", site.port))
    headers = {"Cookie": person.cookie, "Origin": site.url}
    wire = await websockets.connect(
        site.socket_url, sock=listener, additional_headers=headers, max_size=None, max_queue=1, ping_interval=None
    )
    await wire.send('{"type":"sync"}')
    await wire.recv()
    wire.transport.pause_reading()
    return wire


async def closed_with(wire) -> int:
    """Reads on to the end."""
    wire.transport.resume_reading()
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await wire.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
