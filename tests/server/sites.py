"""Sites of tests of the server, and what they are asked."""

import asyncio
import contextlib
import socket
import sys
from pathlib import Path

import httpx

from tests.patience import PATIENCE
from tests.servers import NO_LIMITS, Site, wait_for

MIB = 1024 * 1024
AN_HOUR = 3600


class SmallSite(Site):
    application = "tests.small_application:application"


class LaxSite(SmallSite):
    """It has no limit to the size of a message, and believes a proxy."""

    @property
    def command(self) -> list[str]:
        return [*super().command, "--websocket-max-message-size", "0", "--proxy-headers"]


class PatientSite(Site):
    """It ends no line because its client has not read for long."""

    application = "tests.patient_application:application"

    @property
    def command(self) -> list[str]:
        return [*super().command, "--ping-interval", str(AN_HOUR)]


class EncryptedSite(Site):
    """Daphne with TLS of its own, without a proxy."""

    def __init__(self, data_dir: Path, certificate: Path) -> None:
        super().__init__(data_dir, HTTPS="on", **NO_LIMITS)
        self._certificate = certificate

    @property
    def command(self) -> list[str]:
        files = [f"privateKey={self._certificate.with_name('key.pem')}", f"certKey={self._certificate}"]
        endpoint = ":".join([f"ssl:{self.port}", "interface=127.0.0.1", *files])
        return [sys.executable, "-m", "daphne", "-e", endpoint, self.application]

    def _wait_until_ready(self) -> None:
        wait_for(lambda: "Listening on TCP" in self.log.read_text(), "Daphne")


def asked(site, path: str, cookie: str = "") -> int:
    """The status of an answer, on a connection of its own."""
    with httpx.Client(headers={"Cookie": cookie}) as http:
        return http.get(f"{site.url}{path}").status_code


def is_refused(site) -> bool:
    """Whether it does not listen any more."""
    try:
        socket.create_connection(("127.0.0.1", site.port), PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


async def upload(site, head: str, chunks) -> bytes:
    """Sends a request until the server has answered; the answer. What it does not read is not sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"POST /join/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n{head}\r\n\r\n".encode())

    async def send() -> None:
        with contextlib.suppress(ConnectionError):
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.read(65536)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.transport.abort()


def highest_memory(site) -> int:
    """The most that the process has had so far."""
    (line,) = [line for line in Path(f"/proc/{site.process.pid}/status").read_text().splitlines() if "VmHWM" in line]
    return int(line.split()[1]) * 1024
