"""Daphne with TLS of its own, without a proxy."""

import asyncio
import ssl

import httpx
import pytest
from websockets.frames import Frame, Opcode

from chat.server.transport import GOODBYE_SECONDS
from tests.clients import Person, Wire
from tests.server.by_hand import masked, new_key, upgrade
from tests.server.sites import EncryptedSite

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def encrypted_site(tmp_path_factory, certificate):
    site = EncryptedSite(tmp_path_factory.mktemp("encrypted"), certificate)
    site.url, site.socket_url = site.url.replace("http:", "https:"), site.socket_url.replace("ws:", "wss:")
    site.migrate()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


@pytest.mark.parametrize(
    ("path", "last_words"),
    [
        ("/nowhere", b""),
        ("/ws", masked(b"\x03\xe8", Opcode.CLOSE)),
        ("/ws", Frame(Opcode.TEXT, b"hello").serialize(mask=False)),
    ],
    ids=["refused", "closed", "broken"],
)
async def test_an_encrypted_line_ends_with_what_it_was_for(encrypted_site, trusting, path, last_words):
    reader, writer = await asyncio.open_connection("127.0.0.1", encrypted_site.port, ssl=trusting)
    writer.write(upgrade(encrypted_site, path, new_key()))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(last_words)
    async with asyncio.timeout(GOODBYE_SECONDS / 2):
        await reader.read()
    writer.close()


async def test_long_messages_pass_both_ways_out_where_daphne_itself_encrypts(encrypted_site, trusting):
    """There is no short way then, and the page's origin is https."""
    alice = Person(encrypted_site, "alice")
    alice.http = httpx.AsyncClient(
        base_url=encrypted_site.url, verify=trusting, headers={"Referer": f"{encrypted_site.url}/"}
    )
    assert (await alice.submit("/join/", at="/", nickname="alice")).status_code == 302
    headers = {"Cookie": alice.cookie, "Origin": encrypted_site.url}
    wire = await Wire.open(encrypted_site, headers, ssl=trusting)
    await wire.begin()
    lobby = wire.room("lobby")
    for number in range(30):
        await wire.send("post", room=lobby, client_id=f"long-{number}", body=f"{number} " + "聊" * 9_000)
    for number in range(30):
        assert (await wire.expect("message"))["message"]["body"].startswith(f"{number} ")
    async with alice.stream({lobby: 0}) as stream:
        for number in range(30):
            assert (await stream.expect("message"))["message"]["body"].startswith(f"{number} ")
        await wire.send("post", room=lobby, client_id="now", body="now")
        assert (await stream.expect("message"))["message"]["body"] == "now"
    await wire.close()
    await alice.http.aclose()
