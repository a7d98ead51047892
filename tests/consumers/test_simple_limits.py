"""The simple wire when the site restarts, when somebody does too much, and where it is turned that off."""

import asyncio
import contextlib
import json
import signal

import httpx
import pytest
import websockets

from tests.consumers.programs import Program
from tests.patience import PATIENCE
from tests.servers import daphne

pytestmark = pytest.mark.one_database


async def test_everybody_is_told_of_a_restart(own_site, programs, at):
    robin, refused = await programs("robin", own_site), await programs("admin", own_site, exactly=True)
    echo = await at("/ws", own_site)
    own_site.process.send_signal(signal.SIGTERM)
    for program in (robin, refused, echo):
        assert await program.ended() == ("The site is restarting. Connect again in a moment.", 4412)
    assert await asyncio.to_thread(own_site.process.wait, PATIENCE) == 0
    assert "Traceback" not in own_site.log.read_text()
    own_site.start()
    again = await programs(robin.name, own_site, exactly=True)
    assert await again.so_far() == []


@pytest.mark.proof
async def test_who_sends_without_end_is_slowed_and_then_sent_away(tmp_path, programs, at):
    with daphne(tmp_path, FRAME_RATE="50") as site:
        flooding = [
            await programs("robin", site),
            await programs("admin", site, exactly=True),
            await at("/ws", site),
        ]
        witness = await programs("witness", site)

        async def flood(program: Program) -> None:
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await program.say(json.dumps(["x" * 1000]))

        floods = [asyncio.create_task(flood(program)) for program in flooding]
        endings = await asyncio.gather(*(program.ended() for program in flooding))
        assert {code for _, code in endings} == {4429}
        await asyncio.gather(*floods)
        assert await witness.so_far() == []
        assert "Traceback" not in site.log.read_text()


async def test_who_writes_faster_than_can_be_read_is_told_to_wait(tmp_path, programs):
    with daphne(tmp_path, POST_BURST="2", POST_RATE="0.001") as site:
        robin = await programs("robin", site)
        for text in ("one", "two", "three"):
            await robin.say(text)
        assert "Wait" in await robin.error()


@pytest.mark.proof
async def test_an_address_may_use_only_so_many_new_names(tmp_path, programs):
    with daphne(tmp_path, JOIN_RATE="0.01") as site:  # One, and another after an hour and a half.
        first = await programs("one", site)
        second = await programs("two", site)
        assert "Too many people are joining from your address" in await second.error()
        again = await programs(first.name, site, exactly=True)
        assert await again.so_far() == []
        async with httpx.AsyncClient(base_url=site.url) as browser:
            await browser.get("/")
            fields = {"nickname": "three", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            assert (await browser.post("/join/", data=fields)).status_code == 429


async def test_a_site_can_switch_names_by_address_off(tmp_path, at, joins_at):
    with daphne(tmp_path, SIMPLE_WIRE="off") as site:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await at("/ws/robin", site)
        assert refused.value.response.status_code == 403
        echo = await at("/ws", site)
        await echo.say("hi")
        assert await echo.socket.recv() == "hi"
        async with httpx.AsyncClient(base_url=site.url) as browser:
            page = await browser.get("/ws/robin")
        assert page.status_code == 404
        assert "turned that off" in page.text
        assert "upgrade" not in page.headers
        await joins_at("robin", site)
