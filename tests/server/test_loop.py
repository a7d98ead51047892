"""Which event loop Daphne runs on."""

import subprocess
import sys

import pytest

from tests.patience import PATIENCE
from tests.servers import ROOT

PROGRAM = """
import sys
{before}
import daphne.server
from chat.server.install import install
install()
from twisted.internet import reactor
import asyncio, threading

async def end():
    loop = asyncio.get_running_loop()
    threads = [await loop.run_in_executor(None, lambda: threading.current_thread().name) for _ in range(2)]
    print(type(loop).__module__.partition(".")[0], threads[0].rpartition("_")[0])
    threading.Thread(target=reactor.callFromThread, args=[reactor.stop]).start()

asyncio.set_event_loop(reactor._asyncioEventloop)  # As Daphne does.
reactor.callWhenRunning(lambda: asyncio.get_event_loop().create_task(end()))
reactor.run()
"""


def loop_of(before: str = "", **environment: str) -> list[str]:
    """The package of the loop, and the name of its threads."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    return done.stdout.split()


def test_daphne_runs_on_uvloop():
    assert loop_of() == ["uvloop", "uvloop"]


def test_without_uvloop_it_runs_on_asyncios_own_loop():
    assert loop_of("sys.modules['uvloop'] = None") == ["asyncio", "asyncio"]


@pytest.mark.parametrize("before", ["", "sys.modules['uvloop'] = None"])
def test_the_threads_that_daphne_was_asked_for_stay(before):
    assert loop_of(before, ASGI_THREADS="1")[1] == "ThreadPoolExecutor-0"
