"""Very many sockets on one process, each in five rooms with all the others; once a second somebody says something."""

from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.client import Crowd
from tests.bench.contest import line, quiet, started
from tests.bench.load import Open, measured
from tests.bench.machine import memory_bytes, open_files
from tests.bench.scale import Scale
from tests.bench.servers import NAMES
from tests.bench.town import Town

ROOMS = 5
SPARE_FILES = 500
SPEAKERS = 20


async def crowd(folder: Path, scale: Scale) -> Any:
    sockets = min(scale.crowd, open_files(scale.crowd + SPARE_FILES) - SPARE_FILES)
    print(f"crowd: {sockets:,} sockets in {ROOMS} rooms, each in all of them, one message a second")
    async with started(folder, Town(sockets, [range(sockets)] * ROOMS), ["chatsite"]) as servers:
        everybody = Crowd(servers["chatsite"])
        everybody.keep_alive()
        began = perf_counter()
        await everybody.connect()
        took = perf_counter() - began
        print(f"  {sockets / took:,.0f} connections a second", flush=True)
        await quiet(everybody)
        voices = [everybody.voice(speaker, speaker % ROOMS) for speaker in range(SPEAKERS)]
        sample = await measured(everybody, Open(voices, 1), scale.warm_up, scale.crowd_seconds, with_heartbeats=True)
        held = memory_bytes(everybody.server.processes)
        print(line(NAMES["chatsite"], sample), flush=True)
        await everybody.leave()
    return {
        "sockets": sockets,
        "wanted": scale.crowd,
        "connections_per_second": sockets / took,
        "memory_mib": held / 2**20,
        "sample": sample.as_dict(),
    }
