"""The memory of an idle connection."""

import asyncio
from pathlib import Path
from typing import Any

from tests.bench.client import Crowd
from tests.bench.contest import quiet, started
from tests.bench.machine import memory_bytes
from tests.bench.scale import Scale
from tests.bench.servers import NAMES
from tests.bench.town import in_rooms

ALL = ("chatsite", "uvicorn", "socketio", "gevent", "picows", "tutorial_pubsub")
FIRST = 100
"""Connections that come and go before: what is made once is not counted to anybody."""
REST_SECONDS = 3


async def memory(folder: Path, scale: Scale) -> Any:
    print(f"memory: {scale.idle:,} idle connections, {scale.neighbours} to a room")
    figures = {}
    for name in ALL:
        async with started(folder, in_rooms(scale.idle, scale.neighbours), [name]) as servers:
            if name in servers:
                figures[name] = await _per_connection(Crowd(servers[name]), scale)
                print(f"  {NAMES[name]:32} {figures[name]['kib']:8.1f} KiB  {figures[name]['flaws']}", flush=True)
    return figures


async def _per_connection(crowd: Crowd, scale: Scale) -> dict[str, Any]:
    await crowd.connect(range(min(FIRST, scale.idle)))
    await crowd.leave()
    await _rest(crowd)
    before = memory_bytes(crowd.server.processes)
    await crowd.connect()
    crowd.keep_alive()
    await _rest(crowd)
    held = memory_bytes(crowd.server.processes) - before
    await crowd.leave()
    return {"kib": held / scale.idle / 1024, "flaws": str(crowd.flaws)}


async def _rest(crowd: Crowd) -> None:
    """Long enough for those who have gone to be away, and for the last picture of who is here."""
    await quiet(crowd)
    await asyncio.sleep(REST_SECONDS)
    await quiet(crowd)
